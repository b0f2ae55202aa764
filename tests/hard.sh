#!/bin/sh
# hard.sh - what HARDEN=1 makes of the programs, by what is in their files
set -u
BUILD=${BUILD:-build}
MAKE=${MAKE:-make}
dir=$BUILD/hard
bad=0

"$MAKE" -s -j2 BUILD="$dir" HARDEN=1 ${CC:+"CC=$CC"} \
	${CFLAGS:+"CFLAGS=$CFLAGS"} "$dir/tunnel-connect" "$dir/tunnel-proxy" \
	lib || exit 1
if ! command -v readelf > /dev/null; then
	echo 'skipped hard: no readelf'
	[ "${TUNNEL_REQUIRE:-0}" != 1 ]
	exit
fi

# has FILE WHAT OPTION PATTERN
has()
{
	readelf -W "$3" "$1" 2> /dev/null | grep -q "$4" && return
	echo "hard: $1 has no $2"
	bad=1
}

for p in tunnel-connect tunnel-proxy; do
	has "$dir/$p" 'place of its own each time' -h 'DYN'
done
for f in tunnel-connect tunnel-proxy libtunnel.so; do
	has "$dir/$f" 'tables that become read-only' -l 'GNU_RELRO'
	has "$dir/$f" 'symbols that are bound at once' -d 'NOW'
	has "$dir/$f" 'guard on the stack' -s '__stack_chk_fail'
done
# Only a libc that knows it, which musl is not, brings calls that are checked.
if ${CC:-cc} -dM -E -include stdlib.h -xc /dev/null | grep -q '__GLIBC__'; then
	has "$dir/tunnel-proxy" 'call that knows its buffer' -s '_chk@'
fi
# Each object says it of itself; the program does when all of libc does as well.
case $(${CC:-cc} -dumpmachine) in
x86_64*) has "$dir/obj/core/ring.o" 'marked targets of jumps' -n 'IBT' ;;
esac
[ "$bad" = 0 ] && echo 'ok - hard'
exit "$bad"
