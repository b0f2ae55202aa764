#!/bin/sh
# deps_portability.sh - install what portability.sh builds with and runs on: about
# 1.5 GB, so it is not among what check needs
#
# CMocka is fetched as Debian's source, since there are no libraries of it for
# foreign machines.  libkqueue is in no Debian of today; portability.sh uses one
# that pkg-config knows.
set -u
BUILD=${BUILD:-build}
CMOCKA=$BUILD/portability/cmocka

# gcc-multilib is in the way of all other compilers for foreign machines; so x86
# of 32 bits is one of those, too.
apt='tcc musl-tools qemu-user gcc-i686-linux-gnu gcc-arm-linux-gnueabihf
	gcc-aarch64-linux-gnu gcc-s390x-linux-gnu gcc-arm-none-eabi
	gcc-mingw-w64-x86-64 wine64 wine'

# The archive's sources, without a change to what this machine is set up to use.
source_of()
{
	here=$(mktemp -d)
	mkdir -p "$here/lists/partial" "$here/cache/archives/partial"
	release=$(. /etc/os-release && echo "$VERSION_CODENAME")
	echo "deb-src [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg]" \
		"http://deb.debian.org/debian $release main" > "$here/sources.list"
	set -- "$1" -o Dir::Etc::sourcelist="$here/sources.list" \
		-o Dir::Etc::sourceparts=- -o Dir::State::lists="$here/lists" \
		-o Dir::Cache="$here/cache" -o APT::Sandbox::User=root
	name=$1
	shift
	apt-get "$@" update -q &&
		(cd "$here" && apt-get "$@" source -q --download-only "$name" &&
		mkdir out && tar xf "$name"_*.orig.tar.?? --strip-components=1 \
			-C out) || { rm -rf "$here"; return 1; }
	mkdir -p "${CMOCKA%/*}"
	rm -rf "$CMOCKA"
	mv "$here/out" "$CMOCKA"
	rm -rf "$here"
}

if ! command -v apt-get > /dev/null; then
	echo "deps: please install, by the names they have here:" $apt
	exit 1
fi
sudo=
[ "$(id -u)" = 0 ] || sudo=sudo
want=
for p in $apt; do
	dpkg-query -W -f '${Status}' "$p" 2> /dev/null |
		grep -q 'install ok installed' || want="$want $p"
done
if [ -n "$want" ]; then
	$sudo apt-get update -q
	# shellcheck disable=SC2086
	DEBIAN_FRONTEND=noninteractive $sudo apt-get install -q -y \
		--no-install-recommends $want || exit 1
fi
[ -f "$CMOCKA/src/cmocka.c" ] || source_of cmocka || exit 1
echo 'deps: all there for check-portability'
