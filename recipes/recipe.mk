# What a recipe is: variables NAME_X, and a closing line $(eval $(call recipe,name)).
# This file knows every X; docs/recipes.md explains them. Logic lives here and in
# the C tools, never in a recipe.

# Further directories of recipes, besides our own.
RECIPES ?=
RECIPE_FILES := $(sort $(foreach d,recipes $(RECIPES),$(wildcard $d/*/*.mk)))

# Every variable a recipe may set, in the groups in which they stand. kernel, libraries and apps
# share one grammar. make check-recipes knows the values of those whose form is fixed.
RECIPE_SOURCE_VARIABLES := LIKE SOURCE SOURCE_KIND SHA256 LICENSE PATCHES DEPENDS LIBC VARIANTS MALLOC ALLOCATOR
RECIPE_BUILD_VARIABLES := BUILD_SYSTEM CONFIGURE_OPTIONS CONFIGURE MAKE_OPTIONS BUILD FLAGS NATIVE INPUTS FOLLOW
RECIPE_RESULT_VARIABLES := PROGRAMS LIBRARIES HEADERS FILES LINK_LIST
# Followed by a function of the component, or by FUNCTION.ARGUMENT.
RECIPE_SITE_VARIABLES := SYSCALLS_AT_ VALUES_AT_ ONLY_IF_
RECIPE_IMAGE_VARIABLES := COMMAND ENVIRONMENT STOP_SIGNAL MEM READY CPUS PORTS DISK FEATURES HOSTNAME \
	USERS KCONFIG BENCH_LOAD TEST_MEM
RECIPE_GROUPS := SOURCE BUILD RESULT SITE IMAGE
# "/" between groups, for recipe-check.
RECIPE_VARIABLES := $(foreach g,$(RECIPE_GROUPS),/ $(RECIPE_$g_VARIABLES))

empty :=
space := $(empty) $(empty)
lower := a b c d e f g h i j k l m n o p q r s t u v w x y z -
upper := A B C D E F G H I J K L M N O P Q R S T U V W X Y Z _
# $(call prefix,pcre2-8) is PCRE2_8: the prefix of a component's variables.
prefix = $(call prefix-of,$(lower),$(upper),$1)
prefix-of = $(if $1,$(call prefix-of,$(wordlist 2,99,$1),$(wordlist 2,99,$2),$(subst \
	$(firstword $1),$(firstword $2),$3)),$3)

COMPONENTS :=
ALL_APPS :=
ALLOCATORS :=

# The closing line: note the component, its variants, and whether it is an app.
define recipe
$(eval prefix-$1 := $(call prefix,$1))
$(eval like-$1 := $(strip $($(prefix-$1)_LIKE)))
$(eval RECIPE_$1 := $(lastword $(MAKEFILE_LIST)))
$(eval COMPONENTS += $1)
$(foreach v,$($(prefix-$1)_VARIANTS),
$(eval COMPONENTS += $1-$v)
$(eval prefix-$1-$v := $(prefix-$1))
$(eval variant-$1-$v := $v)
$(eval RECIPE_$1-$v := $(lastword $(MAKEFILE_LIST))))
$(if $($(prefix-$1)_COMMAND)$(like-$1),$(eval ALL_APPS += $1))
$(if $($(prefix-$1)_ALLOCATOR),$(eval ALLOCATORS += $1))
endef

lowercase = $(call prefix-of,$(upper),$(subst -,_,$(lower)),$1)

# $(call get,nginx,MEM): a component's variable, or that of the one it is like.
get = $(or $($(prefix-$1)_$2),$(if $(like-$1),$(call get,$(like-$1),$2)))
# A component and the one it is like, that one first.
like-and-own = $(if $(like-$1),$(call like-and-own,$(like-$1))) $1

# Libraries below a component, each once, what it is built on first. A cycle ends where it
# begins again: recipe-check names it.
libraries-of = $(call libraries-below,$1,$1)
libraries-below = $(strip $(foreach d,$(filter-out $2,$(call get,$1,DEPENDS)),$(call libraries-below,$d,$2 $d) $d))
unique = $(if $1,$(firstword $1) $(call unique,$(filter-out $(firstword $1),$1)))

# MALLOC is one of musl's own allocators, which is a variant of musl, or a component that stands
# before musl in the app's link.
allocator-of = $(filter $(ALLOCATORS),$(call get,$1,MALLOC))
libc-of = musl$(addprefix -,$(filter-out musl $(ALLOCATORS),$(call get,$1,MALLOC)))

# What build systems want to hear, unless the recipe has words of its own. `make install` is only
# run for libraries that are named without a directory: they and the headers are taken from there.
configure-autoconf = ./configure --prefix=/ --disable-shared --enable-static
build-autoconf = make -j$$JOBS
install-autoconf = make DESTDIR=$$PWD/stage install
build-make = make -j$$JOBS CC=$$CC AR=$$AR RANLIB=$$RANLIB
install-make = make CC=$$CC AR=$$AR RANLIB=$$RANLIB PREFIX=/ prefix=/ DESTDIR=$$PWD/stage install
# The toolchain that bitcode/build.c writes says the rest.
configure-cmake = cmake -S . -B build -DCMAKE_BUILD_TYPE=Release -DCMAKE_INSTALL_PREFIX=/usr \
	-DCMAKE_INSTALL_LIBDIR=lib -DCMAKE_INSTALL_INCLUDEDIR=include
build-cmake = cmake --build build -j$$JOBS
install-cmake = DESTDIR=$$PWD/stage cmake --install build
# nginx has a configure script of its own, and programs made from nginx have it, too.
configure-nginx = ./configure --with-cc=$$CC
build-nginx = make -j$$JOBS -f objs/Makefile binary
# So has OpenSSL, in Perl; its own "install" makes the manual pages as well.
configure-openssl = ./Configure linux-x86_64 --prefix=/ --libdir=lib --openssldir=/etc/ssl no-shared no-module no-tests
build-openssl = make build_generated && make -j$$JOBS libcrypto.a libssl.a
install-openssl = make DESTDIR=$$PWD/stage install_dev
BUILD_SYSTEMS := autoconf make cmake nginx openssl

build-system = $(filter $(BUILD_SYSTEMS),$(call get,$1,BUILD_SYSTEM))
# cmake takes / for /usr in some of its paths.
installed = stage$(if $(filter cmake,$(build-system)),/usr)
installs = $(if $(build-system),$(strip $(foreach l,$(call get,$1,LIBRARIES),$(if $(findstring /,$l),,$l))))
default-CONFIGURE = $(if $(configure-$(build-system)),$(strip $(configure-$(build-system)) $(call get,$1,CONFIGURE_OPTIONS)))
default-BUILD = $(if $(build-system),$(strip $(build-$(build-system)) $(call get,$1,MAKE_OPTIONS)$(if $(installs), \
	&& $(install-$(build-system)) $(if $(filter make,$(build-system)),$(call get,$1,MAKE_OPTIONS)))))
default-HEADERS = $(if $(installs),$(installed)/include=)
default-PROGRAMS = $(if $(filter nginx,$(build-system)),objs/nginx)

# Files beside the recipe may be named from there: a tree, a tarball, patches.
beside = $(foreach p,$(call get,$1,$2),$(firstword $(wildcard $(dir $(RECIPE_$1))$p) $p))
local-source = $(if $(filter tree tarball,$(call get,$1,SOURCE_KIND)),$(call beside,$1,SOURCE),$(call get,$1,SOURCE))
said-SOURCE = $(local-source)
said-PATCHES = $(call beside,$1,PATCHES)
said-INPUTS = $(call beside,$1,INPUTS)
said-LIBRARIES = $(foreach l,$(call get,$1,LIBRARIES),$(if $(filter $l,$(installs)),$(installed)/lib/$l,$l))
# $(call said,zlib,BUILD): what the recipe says, or what follows from it.
said = $(or $(if $(said-$2),$(call said-$2,$1)),$(call get,$1,$2),$(if $(default-$2),$(call default-$2,$1)))

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

# A spec's text is part of its capsule's key: another order would make every capsule anew.
spec-fields := SOURCE DEPENDS CONFIGURE BUILD PROGRAMS LIBRARIES HEADERS FILES PATCHES INPUTS NATIVE FLAGS FOLLOW LINK_LIST
define spec-text
$(eval VARIANT := $(variant-$1))name $1
source_kind $(or $(call get,$1,SOURCE_KIND),debian-source)
$(call field,libc,$(call spec-libc,$1))$(foreach v,$(spec-fields),$(call field,$(call lowercase,$v),$(call \
said,$1,$v)))$(call field,source_sha256,$(call get,$1,SHA256))
endef

# How the app runs, for pack, run and their like (pipeline/imagespec.h).
define image-spec-text
app $1
machine $(MACHINE)
memory $(or $(call get,$1,MEM),64M)
$(call field,collect,$(filter 1,$(COLLECT)))$(call field,command,$(call get,$1,COMMAND))$(call field,environment,$(call \
get,$1,ENVIRONMENT))$(call field,stop_signal,$(or $(call get,$1,STOP_SIGNAL),TERM))$(call \
field,ready,$(call get,$1,READY))$(call field,cpus,$(call get,$1,CPUS))$(call fields,port,$(call \
get,$1,PORTS))$(call field,disk,$(call get,$1,DISK))$(call fields,feature,$(call features-of,$1))$(call field,hostname,$(call get,$1,HOSTNAME))$(call \
fields,user,$(call get,$1,USERS))$(foreach c,$(call like-and-own,$1),$(call \
field,rootfs,$(wildcard $(dir $(RECIPE_$c))rootfs)))$(call field,rootfs,$(FILES))
endef

# What recipes say about system calls: "PROGRAM KIND FUNCTION[.ARGUMENT] VALUE...". A library's
# word holds for every program that it is linked into.
site-lines = $(foreach k,$(RECIPE_SITE_VARIABLES),$(foreach v,$(sort $(filter \
	$(prefix-$1)_$k%,$(.VARIABLES))),$2 $(k:_=) $(patsubst $(prefix-$1)_$k%,%,$v) $(strip $($v))$(newline)))
define allow-text
$(foreach c,$(call like-and-own,$1),$(call site-lines,$c,$1))$(call site-lines,init,init)$(if $(filter 1,$(COLLECT)),$(call site-lines,collector,collector))$(foreach l,$(call libraries-of,$1) $(call allocator-of,$1) $(call libc-of,$1),$(call site-lines,$l,*))
endef

include $(RECIPE_FILES)
