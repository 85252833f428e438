# shellcheck shell=sh
# What peers' scripts share; they read this file. Their environment: bench/peer_make.h.

ROOT=$SCRATCH/root
mkdir -p "$ROOT"

# The same small init as in our images, statically linked with glibc, and in front of it, for kernels
# with modules, preinit. Both are compiled in the same way for every peer and count as nobody's.
peer_inits() {
	for program in init preinit; do
		case $program in
		init) set -- kernel/init/*.c ;;
		preinit) set -- bench/preinit.c ;;
		esac
		clang-19 --target=x86_64-linux-gnu -std=c11 -D_GNU_SOURCE -O2 -static -s \
			-o "$ROOT/$program" "$@"
	done
}

# image.spec: what the recipe says, on another machine. $1: machine, $2: memory, $3: more words for
# the kernel's command line.
peer_spec() {
	grep -vE '^ *(machine|memory|rootfs|append|initrd) ' "$SPEC" >"$OUT/image.spec"
	printf 'machine %s\nmemory %s\ninitrd initrd\nappend %s\n' "$1" "$2" "$3" >>"$OUT/image.spec"
}

# The version of a package or component that was fetched; $1 may be a pattern of case.
peer_version() {
	while read -r name version; do
		# shellcheck disable=SC2254 # a pattern
		case $name in $1)
			echo "$version"
			return
			;;
		esac
	done <"$SCRATCH/versions"
	echo "peer_version: there is no '$1'" >&2
	return 1
}

# Paths, one a line, as one word with commas.
peer_words() {
	paste -sd, "$1"
}
