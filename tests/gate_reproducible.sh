#!/bin/sh
# gate_reproducible.sh - two builds apart give the same bytes, and leave no trace
#
# Two copies of the tree are built and installed: in other places, by another umask,
# time zone and language, at other times; of one by BUILD, of the other by make -f
# from elsewhere, from sources that cannot be written.  Compilers get the same
# options for every file, so both begin with the objects that are there, but every
# 20th, and what is made of objects is made anew; WHOLE=1 compiles all, which takes
# minutes.
set -u
BUILD=${BUILD:-build}
CC=${CC:-cc}
MAKE=${MAKE:-make}
WHOLE=${WHOLE:-0}
tmp=$(mktemp -d)
trap 'chmod -R u+w "$tmp"; rm -rf "$tmp"' EXIT
bad=0
unset SOURCE_DATE_EPOCH

complain()
{
	echo "reproducible: $*"
	bad=1
}

# copy DIR: the sources, as a tarball or a clone has them.
copy()
{
	mkdir -p "$1"
	tar -cf - Makefile README LICENSE libtunnel.pc.in examples include lib man \
		tests/*.[ch] | tar -xf - -C "$1"
}

# begin DIR: objects that are there, which are younger than the copies.
begin()
{
	mkdir -p "$1"
	[ "$WHOLE" = 1 ] && return
	tar -cf - -C "$BUILD" obj pic | tar -xf - -C "$1"
	find "$1" -name '*.d' -exec rm -f {} +
	rm -rf "$1/obj/bench"
	find "$1" -name '*.o' | sort > "$tmp/objects"
	awk 'NR % 20 == 1' "$tmp/objects" | xargs rm -f
	find "$1" -name '*.o' -exec touch {} +
}

# Nobody can write what root may, but in a mount that is read-only.
read_only()
{
	if [ "$(id -u)" = 0 ] && unshare -m true 2> /dev/null; then
		# shellcheck disable=SC2016
		unshare -m sh -c 'mount --bind "$0" "$0" &&
			mount -o remount,bind,ro "$0" && exec "$@"' "$@"
	else
		shift
		"$@"
	fi
}

# Modes and places of what there is, and what is in it.
tree()
(
	cd "$1" || exit
	find . -type f -exec cksum {} + | sort -k 3
	find . ! -type d -exec ls -l {} + | awk '{ print $1, $9, $10, $11 }' |
		sort
)

copy "$tmp/one"
copy "$tmp/elsewhere/longer/two"
begin "$tmp/built"
begin "$tmp/there/build"
chmod -R a-w "$tmp/elsewhere"
tree "$tmp/elsewhere" > "$tmp/before"

# A clock that is read while compiling is an error in every compiler we know.
set -- prefix=/usr WARN='-Wall -Werror=date-time' DESTDIR="$tmp"
(
	umask 022
	TZ=UTC LC_ALL=C "$MAKE" -s -C "$tmp/one" BUILD="$tmp/built" \
		"$@/first" install amalgamation
) > "$tmp/log" 2>&1 || complain "$(tail -n 20 "$tmp/log")"
(
	cd "$tmp/there" && umask 077 && TZ=Asia/Kathmandu LC_ALL=C.UTF-8 \
		read_only "$tmp/elsewhere" "$MAKE" -j2 -s \
		-f "$tmp/elsewhere/longer/two/Makefile" "$@/second" install \
		amalgamation
) > "$tmp/log" 2>&1 || complain "$(tail -n 20 "$tmp/log")"

tree "$tmp/elsewhere" | cmp -s "$tmp/before" - ||
	complain 'something has been written where the sources are'
tree "$tmp/first" > "$tmp/tree1"
tree "$tmp/second" | diff "$tmp/tree1" - > "$tmp/log" ||
	complain "two builds differ: $(cat "$tmp/log")"
grep -q libtunnel.a "$tmp/tree1" || complain 'nothing was installed'
# Programs that are not installed, and what is to be vendored.
for f in cgi-gateway ftp-gateway minimal-proxy extension.so tunnel.cdef \
	amalgamation/core/tunnel.c amalgamation/net/tunnel.c \
	amalgamation/net/tunnel.h; do
	cmp "$tmp/built/$f" "$tmp/there/build/$f" || complain "$f differs"
done
# What is told of the place would be told of this one.
grep -rl "$tmp/" "$tmp/first" > "$tmp/log" 2>&1 &&
	complain "the place of the sources is in $(cat "$tmp/log")"
[ "$bad" = 0 ] && echo 'ok - the same bytes from two builds, nothing in the sources'
exit $bad
