#!/bin/sh
# check_san.sh - all tests under AddressSanitizer and UndefinedBehaviorSanitizer,
# with each compiler that is there
set -u

MAKE=${MAKE:-make}
flags='-O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all'
status=0
found=0

for cc in gcc clang; do
	if ! command -v "$cc" > /dev/null; then
		echo "skipped: no $cc"
		[ "${TUNNEL_REQUIRE:-0}" = 1 ] && status=1
		continue
	fi
	found=1
	echo "== $cc $flags"
	dir=build/san-$cc
	"$MAKE" -s -j2 BUILD="$dir" CC="$cc" CFLAGS="$flags" LDFLAGS= all ||
		status=1
	CC=$cc CFLAGS=$flags BUILD=$dir ASAN_OPTIONS=detect_leaks=1 \
		sh tests/check.sh unit e2e || status=1
done
[ "$found" = 1 ] && [ "$status" = 0 ]
