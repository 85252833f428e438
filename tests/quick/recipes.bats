# Recipes: what make would ignore is an error

load ../helpers

setup() { scratch; }
teardown() { discard_scratch; }

known='/ SOURCE SOURCE_KIND SHA256 LICENSE DEPENDS MALLOC / BUILD_SYSTEM CONFIGURE_OPTIONS CONFIGURE MAKE_OPTIONS BUILD FLAGS
	/ PROGRAMS LIBRARIES HEADERS FILES / VALUES_AT_ / COMMAND MEM READY STOP_SIGNAL ENVIRONMENT CPUS PORTS DISK FEATURES
	HOSTNAME USERS KCONFIG'

recipe() {
	cat >"$SCRATCH/x.mk"
}

check() {
	run "$TOOLS/recipe-check" --known "$known" --recipes 'musl zlib pcre2' --build-systems 'autoconf make cmake' \
		--allocators 'musl mimalloc' --features 'ipv6 rng' "$@" "$SCRATCH/x.mk"
}

@test "a whole recipe is accepted" {
	recipe <<'END'
# x - a test

X_SOURCE = x
X_LICENSE = MIT
X_DEPENDS = zlib \
	pcre2
X_BUILD = make
X_PROGRAMS = x
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

@test "order: a variable of an earlier group is told where it belongs" {
	recipe <<'END'
# x - a test
X_SOURCE = x
X_PROGRAMS = x
X_COMMAND = /bin/x
X_BUILD = make
X_READY = tcp:1
X_LICENSE = MIT
$(eval $(call recipe,x))
END
	check
	[ "$status" -eq 1 ]
	[[ $output == *"x.mk:5: 'X_BUILD' belongs above 'X_COMMAND' (line 4)"* ]]
	[[ $output == *"x.mk:7: 'X_LICENSE' belongs above 'X_COMMAND' (line 4)"* ]]
	[ "${#lines[@]}" -eq 2 ]
}

# value VARIABLE VALUE EXPECTED: in an otherwise right recipe; nothing expected: it is right
value() {
	{
		printf '%s\n' '# x - a test' 'X_SOURCE = x' 'X_LICENSE = MIT'
		[[ ' MALLOC SOURCE_KIND SHA256 ' != *" $1 "* ]] || printf 'X_%s = %s\n' "$1" "$2"
		case $1 in
		BUILD_SYSTEM) printf 'X_BUILD_SYSTEM = %s\n' "$2" ;;
		*) echo 'X_BUILD = make' ;;
		esac
		echo 'X_PROGRAMS = x'
		[ "$1" != LIBRARIES ] || printf 'X_LIBRARIES = %s\n' "$2"
		[ "$1" = COMMAND ] || echo 'X_COMMAND = /bin/x'
		[ "$1" = READY ] || echo 'X_READY = tcp:1'
		[[ ' MALLOC SOURCE_KIND SHA256 BUILD_SYSTEM LIBRARIES ' == *" $1 "* ]] || printf 'X_%s = %s\n' "$1" "$2"
		echo '$(eval $(call recipe,x))'
	} | recipe
	check
	echo "$1 = $2: $output"
	if [ -n "$3" ]; then
		[ "$status" -eq 1 ]
		[[ $output == *"x.mk:"*": X_$1: "*"$3"* ]]
	else
		[ -z "$output" ]
	fi
}

@test "values of the wrong form are told with what would be right" {
	value READY http:80/x ''
	value READY 'redis:6379' 'exchange:PORT "SENT" "EXPECTED" or tcp:PORT'
	value READY 'tcp:99999' 'or tcp:PORT'
	value MEM 64M ''
	value MEM 64MB 'a number and K, M or G'
	value CPUS 8 ''
	value CPUS 9 '1 to 8'
	value CPUS 0 '1 to 8'
	value PORTS 'tcp:80 udp:53' ''
	value PORTS '80' 'tcp:PORT or udp:PORT'
	value PORTS 'tcp:80 tcp:80' "'tcp:80' is there twice"
	value DISK '/data 64M' ''
	value DISK '/data' 'as /data 64M'
	value DISK '64M /data' 'as /data 64M'
	value USERS 'redis:100:100 _x:1:2' ''
	value USERS 'redis:100' 'NAME:UID:GID'
	value USERS 'redis:0:0' 'NAME:UID:GID'
	value USERS 'a:1:1 a:2:2' "'a' is there twice"
	value HOSTNAME web-1 ''
	value HOSTNAME a_b 'no host name'
	value STOP_SIGNAL QUIT ''
	value STOP_SIGNAL SIGQUIT 'without SIG'
	value COMMAND '/bin/x "a b' 'a quote does not close'
	value COMMAND 'x -a' 'write /bin/NAME'
	value ENVIRONMENT 'A=b C="d e"' ''
	value ENVIRONMENT 'A b' 'is not NAME=value'
	value KCONFIG 'SYSFS=y' ''
	value KCONFIG 'CONFIG_SYSFS=y' 'without CONFIG_'
	value FEATURES 'ipv6 rng' ''
	value FEATURES 'ipv7' "did you mean 'ipv6'?"
	value MALLOC mimalloc ''
	value MALLOC mimaloc "did you mean 'mimalloc'?; there are: musl mimalloc"
	value BUILD_SYSTEM cmake ''
	value BUILD_SYSTEM autotools 'there are: autoconf make cmake'
	value SOURCE_KIND zip 'debian-source, debian-binary, tarball and tree'
	value SHA256 abc 'no sha256'
	value LIBRARIES 'out/libx.a' ''
	value LIBRARIES 'x.so' 'an archive libNAME.a'
	value MEM '' 'it has no value'
}

@test "missing fields: how it is built, what is taken, a tarball's sum; options that do nothing" {
	recipe <<'END'
# x - a test
X_SOURCE = x
X_SOURCE_KIND = tarball
X_LICENSE = MIT
X_CONFIGURE_OPTIONS = --without-y
$(eval $(call recipe,x))
END
	check
	[ "$status" -eq 1 ]
	[[ $output == *'x.mk:3: X_SHA256 is missing'* ]]
	[[ $output == *"x.mk:5: 'X_CONFIGURE_OPTIONS' does nothing: it is for a X_BUILD_SYSTEM"* ]]
	[[ $output == *'X_BUILD is missing'*'or X_BUILD_SYSTEM'* ]]
	[[ $output == *'X_PROGRAMS or X_LIBRARIES is missing'* ]]
}

# library DIRECTORY NAME DEPENDS: a recipe with no more than that
library() {
	local upper=${2^^}
	mkdir -p "$1/$2"
	printf '# %s - a test\n%s_SOURCE = %s\n%s_LICENSE = MIT\n%s_DEPENDS = %s\n%s_BUILD = make\n%s_LIBRARIES = lib%s.a\n$(eval $(call recipe,%s))\n' \
		"$2" "$upper" "$2" "$upper" "$upper" "$3" "$upper" "$upper" "$2" "$2" >"$1/$2/$2.mk"
}

@test "a cycle of dependencies is named before make looks for its end" {
	library "$SCRATCH/r" one 'zlib two'
	library "$SCRATCH/r" two three
	library "$SCRATCH/r" three 'one'
	library "$SCRATCH/r" self self
	for goal in check-recipes 'image APP=nginx'; do
		# shellcheck disable=SC2086 # two words
		run timeout 300 make --no-print-directory $goal RECIPES="$SCRATCH/r" O="$SCRATCH/out" TOOLS="$TOOLS"
		[ "$status" -eq 2 ]
		[[ $output == *'one.mk:4: ONE_DEPENDS goes round in a circle: one -> two -> three -> one'* ]]
		[[ $output == *'self.mk:4: SELF_DEPENDS goes round in a circle: self -> self'* ]]
		[[ $output != *'nginx.mk'* ]]
	done
}

@test "two recipes of one name are refused" {
	library "$SCRATCH/r" zlib pcre2
	run mk check-recipes RECIPES="$SCRATCH/r" O="$SCRATCH/out" TOOLS="$TOOLS"
	[ "$status" -eq 2 ]
	[[ $output == *"zlib/zlib.mk' is a recipe of the same name"* ]]
}

# specs DIRECTORY APP: what the tools are told
specs() {
	mk specs APP="$2" RECIPES="$1" O="$SCRATCH/out" TOOLS="$TOOLS" >&2
	SPECS=$SCRATCH/out/$2/build/specs
}

# app NAME: a recipe's lines, with NAME's prefix, from standard input; $1 is the directory of recipes
put() {
	mkdir -p "$1/$2"
	{
		echo "# $2 - a test"
		sed "s/^/${2^^}_/"
		echo "\$(eval \$(call recipe,$2))"
	} >"$1/$2/$2.mk"
}

@test "a build system says what the recipe leaves out, and nothing else" {
	put "$SCRATCH/r" liba <<'END'
SOURCE = a
LICENSE = MIT
BUILD_SYSTEM = autoconf
CONFIGURE_OPTIONS = --without-x
LIBRARIES = libx.a other/liby.a
END
	put "$SCRATCH/r" libc <<'END'
SOURCE = c
LICENSE = MIT
BUILD_SYSTEM = cmake
LIBRARIES = build/libz.a
HEADERS = h.h
END
	put "$SCRATCH/r" app <<'END'
SOURCE = p
LICENSE = MIT
DEPENDS = liba
BUILD_SYSTEM = make
CONFIGURE = echo own
MAKE_OPTIONS = -C src app
PROGRAMS = src/app
COMMAND = /bin/app
READY = tcp:1
END
	specs "$SCRATCH/r" app
	grep -qx ' *configure ./configure --prefix=/ --disable-shared --enable-static --without-x' "$SPECS/liba.spec"
	grep -qx ' *build make -j$JOBS && make DESTDIR=$PWD/stage install' "$SPECS/liba.spec"
	grep -qx ' *libraries stage/lib/libx.a other/liby.a' "$SPECS/liba.spec"
	grep -qx ' *headers stage/include=' "$SPECS/liba.spec"
	# named by its place: nothing is installed
	grep -qx ' *build cmake --build build -j$JOBS' "$SPECS/libc.spec"
	grep -qx ' *headers h.h' "$SPECS/libc.spec"
	grep -qx ' *configure echo own' "$SPECS/app.spec"
	grep -qx ' *build make -j$JOBS CC=$CC AR=$AR RANLIB=$RANLIB -C src app' "$SPECS/app.spec"
}

@test "what an image is asked to have is in image.spec, a line each" {
	put "$SCRATCH/r" app <<'END'
SOURCE = p
LICENSE = MIT
BUILD = make
PROGRAMS = app
COMMAND = /bin/app
READY = tcp:1
CPUS = 4
PORTS = tcp:80 udp:53
DISK = /data 64M
HOSTNAME = web
USERS = a:1:2 b:3:4
END
	specs "$SCRATCH/r" app
	sed 's/^ *//' "$SPECS/../image.spec" >"$SCRATCH/spec"
	for line in 'cpus 4' 'port tcp:80' 'port udp:53' 'disk /data 64M' 'hostname web' 'user a:1:2' 'user b:3:4'; do
		grep -qx "$line" "$SCRATCH/spec"
	done
}

@test "recipes elsewhere: sources and patches beside the recipe, and the same capsule wherever they lie" {
	for place in one two; do
		put "$SCRATCH/$place" app <<'END'
SOURCE = src
SOURCE_KIND = tree
LICENSE = MIT
PATCHES = a.patch
BUILD = make
PROGRAMS = app
COMMAND = /bin/app
READY = tcp:1
END
		mkdir "$SCRATCH/$place/app/src"
		echo 'int main(void) { return 0; }' >"$SCRATCH/$place/app/src/app.c"
		echo x >"$SCRATCH/$place/app/a.patch"
		specs "$SCRATCH/$place" app
		grep -qx "source $SCRATCH/$place/app/src" <(sed 's/^ *//' "$SPECS/app.spec")
		grep -qx "patches $SCRATCH/$place/app/a.patch" <(sed 's/^ *//' "$SPECS/app.spec")
		"$TOOLS/capsule" --cache "$SCRATCH/cache" --lock sources.lock path "$SPECS/app.spec" >"$SCRATCH/$place.path" || true
	done
	[ -s "$SCRATCH/one.path" ]
	cmp "$SCRATCH/one.path" "$SCRATCH/two.path"
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

# new SOURCE: a recipe "srv" from a directory, with an apt that knows some packages
new() {
	mkdir -p "$SCRATCH/bin"
	printf '#!/bin/sh\nprintf "Package: zlib\\nBinary: zlib1g, zlib1g-dev\\n\\nPackage: q\\nBinary: libq1,\\n libq-dev\\n"\n' \
		>"$SCRATCH/bin/apt-cache"
	chmod +x "$SCRATCH/bin/apt-cache"
	PATH=$SCRATCH/bin:$PATH run mk new-recipe APP=srv SOURCE="$1" TO="$SCRATCH/r" O="$SCRATCH/out" TOOLS="$TOOLS"
	echo "$output"
}

@test "a new recipe says what it found, passes check-recipes, and is never written over" {
	mkdir -p "$SCRATCH"/srv/{debian,src}
	printf 'Source: srv\nBuild-Depends: debhelper, zlib1g-dev, libq-dev (>= 1), libunknown-dev\n\nPackage: srv\nDescription: serves things\n' \
		>"$SCRATCH/srv/debian/control"
	printf 'srv (1.2-3) x; urgency=low\n' >"$SCRATCH/srv/debian/changelog"
	printf 'Files: *\nLicense: Unheard-of\n' >"$SCRATCH/srv/debian/copyright"
	printf '[Service]\nExecStart=/usr/sbin/srvd -f $X\nUser=srv\n' >"$SCRATCH/srv/debian/srv.service"
	touch "$SCRATCH"/srv/Makefile "$SCRATCH"/srv/src/Makefile
	new "$SCRATCH/srv"
	[ "$status" -eq 0 ]
	[[ $output == *"written: $SCRATCH/r/srv/srv.mk, from srv 1.2-3"* ]]
	cat >"$SCRATCH/expected" <<END
# srv - serves things

SRV_SOURCE = $SCRATCH/srv
SRV_SOURCE_KIND = tree
# Which licence? debian/copyright says 'Unheard-of'; write the SPDX name.
SRV_LICENSE = LicenseRef-unknown
# Debian builds it with these as well, for which there is no recipe: needed?
#   libq-dev (q), libunknown-dev
SRV_DEPENDS = zlib

# debian/rules shows the options that Debian uses: CONFIGURE_OPTIONS, MAKE_OPTIONS.
SRV_BUILD_SYSTEM = make
# Where the build leaves the program; only what the image needs
SRV_PROGRAMS = src/srvd

# Debian's service: /usr/sbin/srvd -f \$X
SRV_COMMAND = /bin/srvd -f
# Which port? None was found. http:PORT/PATH if it speaks HTTP.
SRV_READY = tcp:80
SRV_USERS = srv:100:100

\$(eval \$(call recipe,srv))
END
	diff "$SCRATCH/expected" "$SCRATCH/r/srv/srv.mk"
	new "$SCRATCH/srv"
	[ "$status" -ne 0 ]
	[[ $output == *"srv.mk' is there already"* || $output == *"there is a recipe 'srv' already"* ]]
	run mk new-recipe APP=nginx SOURCE=x O="$SCRATCH/out" TOOLS="$TOOLS"
	[ "$status" -ne 0 ]
	[[ $output == *"there is a recipe 'nginx' already"* ]]
	run mk new-recipe SOURCE=x O="$SCRATCH/out" TOOLS="$TOOLS"
	[[ $output == *'give APP=, the name of the recipe'* ]]
}

@test "images: an app that there is not is named before anything is built" {
	run mk images APPS='hello nginy' O="$SCRATCH/out" TOOLS="$TOOLS"
	[ "$status" -ne 0 ]
	[[ $output == *"there is no app 'nginy'"*"did you mean 'nginx'?"* ]]
	[[ $output != *capsule* ]]
}
