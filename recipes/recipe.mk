# What a recipe is: variables NAME_X, and a closing line $(eval $(call recipe,name)).
# This file knows every X; docs/recipes.md explains them. Logic lives here and in
# the C tools, never in a recipe.

# Further directories of recipes, besides our own.
RECIPES ?=
RECIPE_FILES := $(sort $(foreach d,recipes $(RECIPES),$(wildcard $d/*/*.mk)))

# Every variable a recipe may set. kernel, libraries and apps share one grammar.
RECIPE_BUILD_VARIABLES := SOURCE SOURCE_KIND SHA256 LICENSE DEPENDS LIBC VARIANTS CONFIGURE BUILD \
	PROGRAMS LIBRARIES HEADERS FILES PATCHES INPUTS NATIVE FLAGS FOLLOW LINK_LIST
RECIPE_IMAGE_VARIABLES := COMMAND ENVIRONMENT STOP_SIGNAL MALLOC MEM READY KCONFIG \
	BENCH_LOAD CPUS PORTS DISK FEATURES HOSTNAME
# Followed by a function of the component, or by FUNCTION.ARGUMENT.
RECIPE_SITE_VARIABLES := SYSCALLS_AT_ VALUES_AT_ ONLY_IF_
RECIPE_VARIABLES := $(RECIPE_BUILD_VARIABLES) $(RECIPE_IMAGE_VARIABLES) $(RECIPE_SITE_VARIABLES)

empty :=
space := $(empty) $(empty)
lower := a b c d e f g h i j k l m n o p q r s t u v w x y z -
upper := A B C D E F G H I J K L M N O P Q R S T U V W X Y Z _
# $(call prefix,pcre2-8) is PCRE2_8: the prefix of a component's variables.
prefix = $(call prefix-of,$(lower),$(upper),$1)
prefix-of = $(if $1,$(call prefix-of,$(wordlist 2,99,$1),$(wordlist 2,99,$2),$(subst \
	$(firstword $1),$(firstword $2),$3)),$3)

COMPONENTS :=
APPS :=

# The closing line: note the component, its variants, and whether it is an app.
define recipe
$(eval prefix-$1 := $(call prefix,$1))
$(eval RECIPE_$1 := $(lastword $(MAKEFILE_LIST)))
$(eval COMPONENTS += $1)
$(foreach v,$($(prefix-$1)_VARIANTS),
$(eval COMPONENTS += $1-$v)
$(eval prefix-$1-$v := $(prefix-$1))
$(eval variant-$1-$v := $v)
$(eval RECIPE_$1-$v := $(lastword $(MAKEFILE_LIST))))
$(if $($(prefix-$1)_COMMAND),$(eval APPS += $1))
endef

lowercase = $(call prefix-of,$(upper),$(subst -,_,$(lower)),$1)

# $(call get,nginx,MEM): a component's variable.
get = $($(prefix-$1)_$2)

# Libraries below a component, each once, what it is built on first.
libraries-of = $(strip $(foreach d,$(call get,$1,DEPENDS),$(filter-out $(1),$(call libraries-of,$d)) $d))
unique = $(if $1,$(firstword $1) $(call unique,$(filter-out $(firstword $1),$1)))

# The libc that an image of this app is linked with.
libc-of = musl$(if $(filter-out musl,$(call get,$1,MALLOC)),-$(call get,$1,MALLOC))

# What the machine of an image has beyond a network card: files of kernel/features.
features-of = $(sort $(call get,$1,FEATURES) $(if $(filter-out 1,$(call get,$1,CPUS)),smp) \
	$(if $(call get,$1,DISK),disk))

# One line a value; an empty value gives no line.
define newline


endef
field = $(if $(strip $2),$1 $(strip $2)$(newline))
# The same line for each word.
fields = $(subst $(newline)$(space),$(newline),$(foreach word,$2,$1 $(word)$(newline)))
spec-libc = $(if $(filter none,$(call get,$1,LIBC)),,$(or $(call get,$1,LIBC),musl))

define spec-text
$(eval VARIANT := $(variant-$1))name $1
source_kind $(or $(call get,$1,SOURCE_KIND),debian-source)
$(call field,libc,$(call spec-libc,$1))$(foreach v,$(filter-out SOURCE_KIND LICENSE LIBC VARIANTS \
SHA256,$(RECIPE_BUILD_VARIABLES)),$(call field,$(call lowercase,$v),$(call get,$1,$v)))$(call \
field,source_sha256,$(call get,$1,SHA256))
endef

# How the app runs, for pack, run and their like (pipeline/imagespec.h).
define image-spec-text
app $1
machine $(MACHINE)
memory $(or $(call get,$1,MEM),64M)
$(call field,collect,$(filter 1,$(COLLECT)))$(call field,command,$(call get,$1,COMMAND))$(call field,environment,$(call \
get,$1,ENVIRONMENT))$(call field,stop_signal,$(or $(call get,$1,STOP_SIGNAL),TERM))$(call \
field,ready,$(call get,$1,READY))$(call field,cpus,$(call get,$1,CPUS))$(call fields,port,$(call get,$1,PORTS))$(call \
field,disk,$(call get,$1,DISK))$(call fields,feature,$(call features-of,$1))$(call \
field,hostname,$(call get,$1,HOSTNAME))$(call field,rootfs,$(wildcard $(dir $(RECIPE_$1))rootfs))$(call \
field,rootfs,$(FILES))
endef

# What recipes say about system calls: "PROGRAM KIND FUNCTION[.ARGUMENT] VALUE...". A library's
# word holds for every program that it is linked into.
site-lines = $(foreach k,$(RECIPE_SITE_VARIABLES),$(foreach v,$(sort $(filter \
	$(prefix-$1)_$k%,$(.VARIABLES))),$2 $(k:_=) $(patsubst $(prefix-$1)_$k%,%,$v) $(strip $($v))$(newline)))
define allow-text
$(call site-lines,$1,$1)$(call site-lines,init,init)$(if $(filter 1,$(COLLECT)),$(call site-lines,collector,collector))$(foreach l,$(call libraries-of,$1) $(call libc-of,$1),$(call site-lines,$l,*))
endef

include $(RECIPE_FILES)
