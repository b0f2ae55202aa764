#!/bin/sh
# gate_fuzz.sh - the fuzz targets over the corpora that were found so far
set -u
BUILD=${BUILD:-build}
CC=${CC:-cc}
CFLAGS=${CFLAGS:-}
bad=0

mkdir -p "$BUILD/fuzz"
for t in tests/fuzz/fuzz_*.c; do
	name=$(basename "$t" .c)
	name=${name#fuzz_}
	# shellcheck disable=SC2086,SC2046
	$CC -std=c99 -D_POSIX_C_SOURCE=200809L -Wall -Wextra $CFLAGS -Iinclude \
		-Ilib -o "$BUILD/fuzz/$name" "$t" tests/fuzz/replay.c \
		$(sh tests/fuzz/with.sh "$t") "$BUILD/libtunnel.a" &&
		"$BUILD/fuzz/$name" "tests/fuzz/corpus/$name.txt" ||
		{ echo "fuzz: $name fails"; bad=1; }
done
[ "$bad" = 0 ] && echo 'ok - all corpora'
exit $bad
