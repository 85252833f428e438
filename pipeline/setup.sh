#!/bin/sh
# Install what packages.txt, or the list that is named, has and this machine lacks. As root it does so; as
# another user it prints the command and stops. Nothing is asked. With --check it
# installs nothing and says what is missing.
#
#   setup.sh [--check] [packages-browser.txt]
set -eu

check=
if [ "${1:-}" = --check ]; then
	check=yes
	shift
fi
list=$(dirname "$0")/../${1:-packages.txt}

if ! command -v dpkg-query >/dev/null 2>&1; then
	echo "error: this is not Debian: there is no dpkg-query" >&2
	echo "hint: Anneal builds on Debian 12; packages.txt lists what it needs" >&2
	exit 2
fi

wanted=$(sed -e 's/#.*//' -e 's/[[:space:]].*//' "$list")
# shellcheck disable=SC2086 # a list of package names
present=$(dpkg-query -W -f '${Package} ${db:Status-Status}\n' $wanted 2>/dev/null |
	sed -n 's/ installed$//p' || true)
missing=
for package in $wanted; do
	case "
$present
" in
	*"
$package
"*) ;;
	*) missing="$missing $package" ;;
	esac
done
[ -n "$missing" ] || exit 0

if [ -n "$check" ]; then
	echo "packages           missing     $missing; make setup installs them"
	exit 1
fi

if [ "$(id -u)" != 0 ]; then
	echo "error: packages are missing, and only root can install them" >&2
	echo "hint: run this, then repeat your command:" >&2
	echo "  sudo apt-get update && sudo apt-get install -y --no-install-recommends$missing" >&2
	exit 2
fi

echo "installing:$missing" >&2
log=$(mktemp)
trap 'rm -f "$log"' EXIT
export DEBIAN_FRONTEND=noninteractive
# shellcheck disable=SC2086
if ! { apt-get update && apt-get install -y --no-install-recommends $missing; } >"$log" 2>&1; then
	tail -n 20 "$log" >&2
	echo "error: apt could not install the packages above" >&2
	echo "hint: repeat it by hand: apt-get update && apt-get install -y --no-install-recommends$missing" >&2
	exit 2
fi
