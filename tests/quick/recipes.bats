# Recipes: what make would ignore is an error

load ../helpers

setup() { scratch; }
teardown() { discard_scratch; }

known='SOURCE SOURCE_KIND LICENSE DEPENDS CONFIGURE BUILD PROGRAMS COMMAND READY'

recipe() {
	cat >"$SCRATCH/x.mk"
}

check() {
	run "$TOOLS/recipe-check" --known "$known" --recipes 'musl zlib pcre2' "$SCRATCH/x.mk"
}

@test "a whole recipe is accepted" {
	recipe <<'END'
# x - a test

X_SOURCE = x
X_LICENSE = MIT
X_DEPENDS = zlib \
	pcre2
x-helper = $(X_SOURCE)

$(eval $(call recipe,x))
END
	check
	[ "$status" -eq 0 ]
	[ -z "$output" ]
}

@test "a misspelt variable: file, line, and what was meant" {
	recipe <<'END'
# x - a test

X_SOURCE = x
X_LICENSE = MIT
X_DEPNDS = zlib
$(eval $(call recipe,x))
END
	check
	[ "$status" -eq 1 ]
	[[ $output == *"x.mk:5: 'X_DEPNDS' is not a variable of recipes; did you mean 'X_DEPENDS'?"* ]]
}

@test "a missing variable, a foreign prefix, a second setting, no closing line" {
	recipe <<'END'
# x - a test
X_LICENSE = MIT
Y_BUILD = make
X_BUILD = a
X_BUILD = b
END
	check
	[ "$status" -eq 1 ]
	[[ $output == *'X_SOURCE is missing'* ]]
	[[ $output == *"x.mk:3: 'Y_BUILD' does not begin with 'X_'"* ]]
	[[ $output == *"x.mk:5: 'X_BUILD' is set a second time"* ]]
	[[ $output == *'the closing line is missing: $(eval $(call recipe,x))'* ]]
}

@test "an unknown dependency names the nearest recipe" {
	recipe <<'END'
# x - a test
X_SOURCE = x
X_LICENSE = MIT
X_DEPENDS = zlb
$(eval $(call recipe,x))
END
	check
	[ "$status" -eq 1 ]
	[[ $output == *"x.mk:4: there is no recipe 'zlb'; did you mean 'zlib'?"* ]]
}

@test "an app needs a way to know that it is up" {
	recipe <<'END'
# x - a test
X_SOURCE = x
X_LICENSE = MIT
X_COMMAND = /bin/x
$(eval $(call recipe,x))
END
	check
	[ "$status" -eq 1 ]
	[[ $output == *'X_READY is missing'* ]]
}

@test "make image stops at a faulty recipe before anything is built" {
	mkdir -p "$SCRATCH/recipes/y"
	printf '# y - a test\nY_SOURCE = y\nY_LICENSE = MIT\nY_COMAND = /bin/y\n$(eval $(call recipe,y))\n' \
		>"$SCRATCH/recipes/y/y.mk"
	run mk image APP=nginx RECIPES="$SCRATCH/recipes" O="$SCRATCH/out" TOOLS="$TOOLS"
	[ "$status" -ne 0 ]
	[[ $output == *"y.mk:4: 'Y_COMAND' is not a variable of recipes; did you mean 'Y_COMMAND'?"* ]]
	[[ $output != *'capsule'* ]]
}

@test "our own recipes are clean" {
	run mk check-recipes
	[ "$status" -eq 0 ]
}

@test "every option of the kernel's fragments has its reason" {
	run "$TOOLS/kconfig-check" /dev/null kernel/base.config kernel/machines/*.config kernel/features/*.config
	[[ $output != *'has no reason'* ]]
}

@test "a wish that Kconfig dropped is named with file and line" {
	printf '# why\nCONFIG_A=y\nCONFIG_B=y\n# off\n# CONFIG_C is not set\n' >"$SCRATCH/fragment"
	printf 'CONFIG_B=y\n# CONFIG_A is not set\n' >"$SCRATCH/config"
	run "$TOOLS/kconfig-check" "$SCRATCH/config" "$SCRATCH/fragment"
	[ "$status" -eq 1 ]
	[[ $output == *"fragment:2: 'CONFIG_A=y' did not survive Kconfig"* ]]
	[[ $output == *'fragment:3: CONFIG_B has no reason'* ]]
	[[ $output != *CONFIG_C* ]]
}

@test "a recipe's wish for the kernel is a line of Kconfig with its reason above it" {
	mk specs APP=devices RECIPES=tests/data/recipes O="$SCRATCH/out" TOOLS="$TOOLS"
	configure=$(sed -n 's/^ *configure //p' "$SCRATCH/out/devices/build/specs/linux.spec")
	cd "$SCRATCH"
	# only what comes before the kernel's own make is run
	sh -euc "${configure%%touch*} true"
	[ "$(cat wishes.app)" = $'# the recipe asks for it\nCONFIG_SYSFS=y' ]
}
