# linux - the kernel, one capsule a machine and its features; the shaker drops what an app does not need

LINUX_SOURCE = linux-source-6.12
LINUX_SOURCE_KIND = debian-binary
LINUX_LICENSE = GPL-2.0-only
LINUX_LIBC = none

# What a collector needs is in every kernel, and shaken away without COLLECT=1: one capsule serves both.
LINUX_PATCHES = $(sort $(wildcard kernel/patches/*.patch kernel/patches/collect/*.patch))
LINUX_INPUTS = kernel/base.config kernel/machines/$(MACHINE).config kernel/collect.config \
	$(patsubst %,kernel/features/%.config,$(call features-of,$(APP)))
linux-hash := \#
# What the app's recipe asks for on top; the reason stands there.
linux-wishes = $(call get,$(APP),KCONFIG)
linux-fragments = $(foreach file,$(LINUX_INPUTS),"$$INPUTS/$(notdir $(file))")
# kbuild says itself what stays native: what it compiles without -flto.
LINUX_FOLLOW = yes
LINUX_CONFIGURE = $(if $(linux-wishes),printf '$(linux-hash) the recipe asks for it\nCONFIG_%s\n' \
	$(linux-wishes) > wishes.app &&) touch wishes.app && \
	cat $(linux-fragments) wishes.app > wishes && \
	make -s LLVM=-19 CC=$$CC KCONFIG_ALLCONFIG=wishes allnoconfig && \
	kconfig-check .config $(linux-fragments) wishes.app
# No date, user or host reaches the kernel's banner.
LINUX_BUILD = make -s -j$$JOBS LLVM=-19 CC=$$CC KBUILD_BUILD_TIMESTAMP=1970-01-01 \
	KBUILD_BUILD_VERSION=1 KBUILD_BUILD_USER=anneal KBUILD_BUILD_HOST=anneal capsule
LINUX_LINK_LIST = capsule.link
LINUX_FILES = arch/x86/kernel/vmlinux.lds=vmlinux.lds .config=config \
	tools/objtool/objtool=tools/objtool scripts/sorttable=tools/sorttable

$(eval $(call recipe,linux))
