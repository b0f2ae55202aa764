#!/bin/sh
# run.sh - fuzz every target for SECONDS seconds, from the corpora
#
# BASE are the flags that a build needs, ROOMS what the library is made of, as
# make fuzz gives them.  ENGINE is libfuzzer, or afl for AFL++ (make fuzz-afl).
# ONLY names the targets, if not all; they run one after the other.  What is
# found is under $BUILD/fuzz; with MERGE=1 inputs that reach new code are merged
# back into tests/fuzz/corpus.  A target may have a dictionary beside it, and say
# which other sources it is made with.
set -u
BUILD=${BUILD:-build}
SECONDS=${SECONDS:-60}
ENGINE=${ENGINE:-libfuzzer}
bad=0
ran=0
flags='-g -O1 -fno-sanitize-recover=all'

# What each engine compiles with; the library once, for all targets.
compile()
{
	case $ENGINE in
	afl)
		AFL_USE_ASAN=1 AFL_USE_UBSAN=1 AFL_QUIET=1 afl-clang-fast \
			"$@" ;;
	*)
		clang -fsanitize=address,undefined "$@" ;;
	esac
}

library()
{
	rm -rf "$BUILD/fuzz/$ENGINE"
	mkdir -p "$BUILD/fuzz/$ENGINE"
	for room in $ROOMS; do
		# shellcheck disable=SC2086
		compile $BASE -DTNL_VERSION=0u $flags -fsanitize=fuzzer-no-link \
			-Ilib -c -o "$BUILD/fuzz/$ENGINE/$(basename "$room").o" \
			"lib/$room.c" || exit 1
	done
}

target()
{
	# shellcheck disable=SC2086,SC2046
	compile $BASE $flags -fsanitize=fuzzer -Ilib \
		-o "$BUILD/fuzz/$name.$ENGINE" "$t" \
		$(sh tests/fuzz/with.sh "$t") "$BUILD/fuzz/$ENGINE"/*.o || exit 1
}

with_libfuzzer()
{
	# shellcheck disable=SC2086
	"$BUILD/fuzz/$name.libfuzzer" -max_total_time="$SECONDS" \
		-max_len=3000 -fork=0 -timeout=10 -print_final_stats=1 \
		-artifact_prefix="$BUILD/fuzz/$name-" \
		${dict:+-dict=$dict} "$dir" > "$BUILD/fuzz/$name.log" 2>&1 ||
		bad=1
	grep 'number_of_executed_units\|new_units_added\|ERROR\|Test unit' \
		"$BUILD/fuzz/$name.log"
	grep 'cov: ' "$BUILD/fuzz/$name.log" | tail -n 1
	[ "${MERGE:-0}" = 1 ] || return
	"$BUILD/fuzz/$name.libfuzzer" -merge=1 -max_len="${MERGE_LEN:-160}" \
		"$dir.small" "$dir" > /dev/null 2>&1 &&
		"$BUILD/fuzz/$name" -p "$dir.small"/* \
		> "tests/fuzz/corpus/$name.txt"
}

with_afl()
{
	out=$BUILD/fuzz/$name.out
	rm -rf "$out"
	# shellcheck disable=SC2086
	AFL_SKIP_CPUFREQ=1 AFL_NO_AFFINITY=1 AFL_NO_UI=1 \
		AFL_I_DONT_CARE_ABOUT_MISSING_CRASHES=1 \
		afl-fuzz -V "$SECONDS" -m none -i "$dir" -o "$out" \
		${dict:+-x $dict} -- "$BUILD/fuzz/$name.afl" \
		> "$BUILD/fuzz/$name.afl.log" 2>&1 || bad=1
	grep 'execs_done\|edges_found\|saved_crashes\|saved_hangs' \
		"$out/default/fuzzer_stats" &&
		grep -q 'saved_crashes *: 0$' "$out/default/fuzzer_stats" ||
		{ tail -n 3 "$BUILD/fuzz/$name.afl.log"; bad=1; }
}

case $ENGINE in
libfuzzer) needs=clang ;;
afl) needs=afl-clang-fast ;;
*) echo "fuzz: what is $ENGINE?"; exit 2 ;;
esac
command -v $needs > /dev/null || { echo "fuzz: $needs is needed"; exit 1; }
mkdir -p "$BUILD/fuzz"
for t in tests/fuzz/fuzz_*.c; do
	name=$(basename "$t" .c)
	name=${name#fuzz_}
	case " ${ONLY:-$name} " in *" $name "*) ;; *) continue ;; esac
	dict=tests/fuzz/$name.dict
	[ -e "$dict" ] || dict=
	dir=$BUILD/fuzz/$name.corpus
	rm -rf "$dir" "$dir.small"
	mkdir -p "$dir" "$dir.small"
	# shellcheck disable=SC2046
	cc -std=c99 -D_POSIX_C_SOURCE=200809L -Iinclude -Ilib \
		-o "$BUILD/fuzz/$name" "$t" tests/fuzz/replay.c \
		$(sh tests/fuzz/with.sh "$t") "$BUILD/libtunnel.a" || exit 1
	"$BUILD/fuzz/$name" -u "tests/fuzz/corpus/$name.txt" "$dir"
	echo "== $name, $SECONDS s"
	[ "$ran" = 1 ] || library
	ran=1
	target
	with_$ENGINE
done
[ "$ran" = 1 ] || { echo "fuzz: there is no target $ONLY"; exit 2; }
[ "$bad" = 0 ] || echo "fuzz: findings are in $BUILD/fuzz"
exit $bad
