# make image: from recipe to a proven generation, as numbered steps

# An app of that name, or an error that lists them, the nearest first.
.PHONY: known-app
known-app:
ifeq ($(wildcard kernel/machines/$(MACHINE).config),)
	@echo "error: there is no machine '$(MACHINE)'; there are: $(patsubst \
		kernel/machines/%.config,%,$(wildcard kernel/machines/*.config))" >&2; exit 2
endif
ifeq ($(filter $(APP),$(ALL_APPS)),)
	@if [ -x "$(TOOLS)/recipe-check" ]; then \
		"$(TOOLS)/recipe-check" --app '$(APP)' --recipes '$(ALL_APPS)'; \
	else \
		echo "error: $(if $(APP),there is no app '$(APP)',which app? give APP=name); there are: $(ALL_APPS)" >&2; \
	fi; exit 2
endif

# An allocator that the recipe names and that there is.
.PHONY: known-malloc
known-malloc: known-app
	@$(if $(filter-out musl $(MUSL_VARIANTS) $(ALLOCATORS),$(call get,$(APP),MALLOC)),echo "error: $(RECIPE_$(APP)): MALLOC \
= $(call get,$(APP),MALLOC) is not known; there are: musl $(MUSL_VARIANTS) $(ALLOCATORS)" >&2; exit 2,:)

# Features of the machine that there are.
.PHONY: known-features
known-features: known-app
	@$(foreach f,$(call features-of,$(APP)),[ -f 'kernel/features/$f.config' ] || { echo "error: $(RECIPE_$(APP)): FEATURES has \
	'$f', which is not known; there are: $(patsubst kernel/features/%.config,%,$(wildcard kernel/features/*.config))" >&2; exit 2; };) :

# The programs of an image: init, the app and, if asked for, what collects its profile. In this
# order, which decides about their addresses (bitcode/plan.c).
collecting := $(filter 1,$(COLLECT))
image-programs = init $(APP) $(if $(collecting),collector)

# The whole closure of an app: what it is linked from, init and the kernel.
image-libraries = $(call unique,$(call libraries-of,$(APP)))
image-libc = $(call libc-of,$(APP))
image-allocator = $(call allocator-of,$(APP))
image-components = $(call unique,musl $(image-libc) $(image-allocator) $(image-libraries) $(image-programs) linux)

CAPSULE = "$(TOOLS)/capsule" --cache "$(CACHE)" --lock "$(LOCK)" -j $(JOBS)
spec = "$(B)/specs/$1.spec"

# What the recipes say, as files for the tools. Written under the app's lock.
.PHONY: specs spec-directory
spec-directory: known-app
	@mkdir -p "$(B)/specs"
specs: check-recipes known-malloc known-features spec-directory
	$(foreach c,$(COMPONENTS),$(file >$(B)/specs/$c.spec,$(call spec-text,$c)))
	$(file >$(B)/image.spec,$(call image-spec-text,$(APP)))
	$(file >$(B)/syscalls.allow,$(call allow-text,$(APP)))

# How much of the kernel goes: 0 nothing, syscalls, or full.
.PHONY: known-shake
known-shake:
ifeq ($(filter $(SHAKE),0 syscalls full),)
	@echo "error: SHAKE=$(SHAKE) is not known; there are: 0 syscalls full" >&2; exit 2
endif
ifeq ($(filter $(CPU),any intel amd),)
	@echo "error: CPU=$(CPU) is not known; there are: any intel amd" >&2; exit 2
endif
ifeq ($(filter 0 1,$(COLLECT)),)
	@echo "error: COLLECT=$(COLLECT) is not known; there are: 0 1" >&2; exit 2
endif
shaken := $(filter-out 0,$(SHAKE))

# Steps in order: a title and a command each. A command may hold one shell word
# list; sh runs those that need more.
capsule-steps = source $(addprefix capsule-,$(image-components))
image-steps = profile $(capsule-steps) plan \
	$(addprefix link-,$(image-programs)) pack $(if $(shaken),passes join syscalls shake) link-vmlinux seal prove keep

title-source = sources
command-source = $(CAPSULE) fetch $(foreach c,$(image-components),$(call spec,$c))

title-capsule = capsule $(patsubst capsule-%,%,$1)
command-capsule = $(CAPSULE) make $(call spec,$(patsubst capsule-%,%,$1))

capsule-path = "$$($(CAPSULE) path $(call spec,$1))"
# What the image is relinked with: the newest good profile, a certain one, or none. It is
# the first step: a profile that is not there is told before anything is built.
STORE = "$(TOOLS)/profile-store" --out "$(O)" --app "$(APP)"
title-profile = profile
command-profile = $(STORE) --output "$(B)/chosen.json" choose "$(PROFILE)"
chosen = --profile "$(B)/chosen.json"

title-plan = check capsules
command-plan = sh -euc '"$(TOOLS)/plan" --output "$(B)/plan.json" $(chosen) --app $(APP) --march $(MARCH) --cpu $(CPU) \
	--libc $(call capsule-path,$(image-libc)) --kernel $(call capsule-path,linux) \
	$(foreach l,$(image-libraries),--library $(call capsule-path,$l)) \
	$(foreach l,$(image-allocator),--allocator $(call capsule-path,$l)) \
	$(foreach p,$(image-programs),--program $(call capsule-path,$p))'

title-link = link $(patsubst link-%,%,$(patsubst link-vmlinux,link-linux,$1))
command-link = "$(TOOLS)/link" --cache "$(CACHE)" -j $(JOBS) --plan "$(B)/plan.json" \
	--unit $(patsubst link-%,%,$1) --output "$(B)/$(patsubst link-%,%,$1).elf" $(chosen) \
	$(if $(shaken),$(if $(filter link-vmlinux,$1),--shaken "$(B)/shaken.bc"))

title-passes = linux modules
command-passes = "$(TOOLS)/link" --cache "$(CACHE)" -j $(JOBS) --plan "$(B)/plan.json" \
	--unit vmlinux --modules-only $(chosen)

title-join = join linux
command-join = "$(TOOLS)/join" --cache "$(CACHE)" -j $(JOBS) --plan "$(B)/plan.json" \
	--output "$(B)/joined.bc" --handlers "$(B)/handlers.json" $(chosen)

title-syscalls = system calls
# Of the programs as they are without a profile: how code is inlined decides how much of
# them is understood, and what is kept must not depend on a profile.
plain-program = "$(B)/plain/$1.elf"
link-plain = env -u ANNEAL_REPORT "$(TOOLS)/link" --cache "$(CACHE)" -j $(JOBS) --plan "$(B)/plan.json" \
	--unit $1 --output $(plain-program)
command-syscalls = sh -euc 'mkdir -p "$(B)/plain"; $(foreach p,$(image-programs),$(call link-plain,$p);) \
	"$(TOOLS)/syscalls" --cache "$(CACHE)" --handlers "$(B)/handlers.json" \
	$(foreach p,$(image-programs),--program $(call plain-program,$p)) --allow "$(B)/syscalls.allow" \
	--files "$(B)/initramfs.cpio" --output "$(B)/syscalls.json"'

title-shake = shake linux
machine-files = kernel/machines/$(MACHINE).machine $(if $(collecting),kernel/collect.machine) \
	$(wildcard $(patsubst %,kernel/features/%.machine,$(call features-of,$(APP))))
command-shake = "$(TOOLS)/shake" --cache "$(CACHE)" --plan "$(B)/plan.json" --module "$(B)/joined.bc" \
	--syscalls "$(B)/syscalls.json" --files "$(B)/initramfs.cpio" --rules kernel/shake.rules \
	$(addprefix --machine ,$(machine-files)) --mode $(SHAKE) --cpu $(CPU) --output "$(B)/shaken.bc" \
	--record "$(B)/shake.json"

collector-elf = $(if $(collecting),--collector "$(B)/collector.elf")
title-pack = pack files
command-pack = "$(TOOLS)/pack" --image "$(B)/image.spec" --plan "$(B)/plan.json" \
	--init "$(B)/init.elf" --app "$(B)/$(APP).elf" $(collector-elf) --output "$(B)/initramfs.cpio"

title-seal = image
command-seal = "$(TOOLS)/seal" --plan "$(B)/plan.json" --kernel "$(B)/vmlinux.elf" \
	--initramfs "$(B)/initramfs.cpio" --init "$(B)/init.elf" --app "$(B)/$(APP).elf" $(collector-elf) \
	$(if $(shaken),--record "$(B)/shake.json" --syscalls "$(B)/syscalls.json") \
	--output "$(B)/candidate"

# The same bytes as the newest generation need no proof and make no new one.
GENERATIONS = "$(TOOLS)/generations" --out "$(O)" --app "$(APP)"
if-new = sh -euc 'status=0; \
	$(GENERATIONS) --candidate "$(B)/candidate" --spec "$(B)/image.spec" check-new || status=$$?; \
	case $$status in 0) $1 ;; 1) echo cached >> "$$ANNEAL_REPORT" ;; *) exit $$status ;; esac'

title-prove = boot it once
command-prove = $(call if-new,"$(TOOLS)/run" --prove --image "$(B)/candidate/image" \
	--spec "$(B)/image.spec" --log "$(B)/candidate/console.log" \
	--result "$(B)/candidate/boot.json")

title-keep = keep as a generation
command-keep = $(call if-new,$(GENERATIONS) --candidate "$(B)/candidate" --spec "$(B)/image.spec" \
	--times "$(B)/times" commit)

kind-of = $(firstword $(subst -, ,$1))
define run-step
@"$(TOOLS)/step" --number $2 --of $(words $3) $(if $(OF),--app $(OF)) --title '$(call title-$(call kind-of,$1),$1)' \
	--log "$(B)/log/$1" --times "$(B)/times" -- $(call command-$(call kind-of,$1),$1)

endef

# $(call locked,GOAL): alone with the files of the app.
locked = mkdir -p "$(B)"; exec 9>"$(B)/.lock"; flock -n 9 || { \
	echo "waiting: another process builds $(APP) in $(O)" >&2; flock 9; }; \
	ANNEAL_CLANG_VERSION="$$(clang-19 --version | head -n 1)" $(MAKE) $1

image: known-app known-shake tools
	@$(call locked,build-image)

.PHONY: build-image
build-image: specs
	@rm -f -- "$(B)/times"
	$(foreach i,$(call numbers,$(image-steps)),$(call run-step,$(word $i,$(image-steps)),$i,$(image-steps)))
	@$(GENERATIONS) --candidate "$(B)/candidate" --times "$(B)/times" summary

# All apps, or those in APPS=. First what they share is made once, by all JOBS: capsules. Then JOBS apps at
# a time, a process each: a whole-program link is one process, whatever JOBS is. One that fails does not
# keep the others from being built.
images-wanted = $(call given,APPS,$(ALL_APPS))
unknown-images = $(filter-out $(ALL_APPS),$(images-wanted))
images: tools
	@$(if $(unknown-images),exec "$(TOOLS)/recipe-check" --app '$(firstword $(unknown-images))' --recipes '$(ALL_APPS)')
	@good=; failed=; for app in $(images-wanted); do \
		if $(MAKE) capsules APP=$$app OF=$$app; then good="$$good image-of-$$app"; else failed="$$failed $$app"; fi; done; \
	[ -z "$$good" ] || TERM=dumb $(MAKE) -k -j$(JOBS) $$good || failed="$$failed others"; \
	[ -z "$$failed" ] || { echo "error: not all images were built: what failed is above" >&2; exit 2; }

.PHONY: $(addprefix image-of-,$(ALL_APPS))
$(addprefix image-of-,$(ALL_APPS)): image-of-%:
	@$(MAKE) -j1 image APP=$* JOBS=1 OF=$*

.PHONY: build-capsules capsules
capsules: known-app tools
	@$(call locked,build-capsules)

build-capsules: specs
	$(foreach i,$(call numbers,$(capsule-steps)),$(call run-step,$(word $i,$(capsule-steps)),$i,$(capsule-steps)))

source: known-app tools specs
	@$(command-source)

list:
	@$(foreach c,$(COMPONENTS),printf '%-18s %-8s %s\n' '$c' \
	'$(if $(filter $c,$(ALL_APPS)),app,$(if $(call get,$c,LIBRARIES),library,base))' \
	"$$(sed -n '1s/^# [^ ]* - //p' '$(RECIPE_$c)')";)

# Who depends on whom, as make understands it: "zlib:" "pcre2:zlib,other".
features-there-are = $(patsubst kernel/features/%.config,%,$(wildcard kernel/features/*.config))
comma := ,
depends-words = $(foreach c,$(COMPONENTS),$c:$(subst $(space),$(comma),$(strip $(call get,$c,DEPENDS))))

check-recipes: tools
	@"$(TOOLS)/recipe-check" --known "$(RECIPE_VARIABLES)" --recipes "$(COMPONENTS)" --depends "$(depends-words)" \
		--build-systems "$(BUILD_SYSTEMS)" --allocators "musl $(MUSL_VARIANTS) $(ALLOCATORS)" \
		--features "$(features-there-are)" $(RECIPE_FILES)

# A recipe to begin with. TO= is where it goes: the first directory of RECIPES, or ours.
new-recipe: tools
	@"$(TOOLS)/new-recipe" --app "$(APP)" --source "$(SOURCE)" --cache "$(CACHE)" --lock "$(LOCK)" \
		--recipes "$(foreach c,$(COMPONENTS),$c:$(call get,$c,SOURCE))" \
		--to "$(or $(TO),$(firstword $(RECIPES)),recipes)"
	@$(MAKE) check-recipes APP= RECIPES="$(call unique,$(RECIPES) $(filter-out recipes,$(TO)))"
	@echo "next: read it; make source APP=$(APP)$(if $(filter-out recipes,$(or $(TO),$(RECIPES))), RECIPES=$(or $(TO),$(RECIPES)))"
