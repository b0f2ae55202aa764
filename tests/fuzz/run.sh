#!/bin/sh
# run.sh - fuzz every target for SECONDS seconds with libFuzzer, from the corpora
#
# BASE are the flags that a build needs, ROOMS what the library is made of, as
# make fuzz gives them.  What it finds is under $BUILD/fuzz; inputs that reach new
# code are merged back into tests/fuzz/corpus when MERGE=1, of the targets that
# ONLY names.
set -u
BUILD=${BUILD:-build}
SECONDS=${SECONDS:-60}
flags='-g -O1 -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=all'
bad=0
sources=
for room in $ROOMS; do
	sources="$sources lib/$room.c"
done

command -v clang > /dev/null || { echo 'fuzz: clang is needed'; exit 1; }
mkdir -p "$BUILD/fuzz"
for t in tests/fuzz/fuzz_*.c; do
	name=$(basename "$t" .c)
	name=${name#fuzz_}
	case " ${ONLY:-$name} " in *" $name "*) ;; *) continue ;; esac
	dir=$BUILD/fuzz/$name.corpus
	rm -rf "$dir" "$dir.small"
	mkdir -p "$dir" "$dir.small"
	# shellcheck disable=SC2086
	clang $BASE -DTNL_VERSION=0u $flags -Ilib \
		-o "$BUILD/fuzz/$name.fuzzer" "$t" $sources &&
		cc -std=c99 -Iinclude -Ilib -o "$BUILD/fuzz/$name" "$t" \
		tests/fuzz/replay.c "$BUILD/libtunnel.a" || exit 1
	"$BUILD/fuzz/$name" -u "tests/fuzz/corpus/$name.txt" "$dir"
	echo "== $name, $SECONDS s"
	"$BUILD/fuzz/$name.fuzzer" -max_total_time="$SECONDS" -max_len=3000 \
		-artifact_prefix="$BUILD/fuzz/$name-" -print_final_stats=1 \
		"$dir" > "$BUILD/fuzz/$name.log" 2>&1 || bad=1
	grep 'number_of_executed_units\|new_units_added\|ERROR\|Test unit' \
		"$BUILD/fuzz/$name.log"
	if [ "${MERGE:-0}" = 1 ]; then
		"$BUILD/fuzz/$name.fuzzer" -merge=1 -max_len=160 "$dir.small" \
			"$dir" > /dev/null 2>&1 &&
			"$BUILD/fuzz/$name" -p "$dir.small"/* \
			> "tests/fuzz/corpus/$name.txt"
	fi
done
[ "$bad" = 0 ] || echo "fuzz: findings are in $BUILD/fuzz"
exit $bad
