#!/bin/sh
# check.sh - run the tests: unit, tiny, posix, one, hard, gates, e2e, as they are
# named
#
# BUILD is the build directory, MAKE and PYTHON the programs.  TUNNEL_REQUIRE=1
# makes a missing peer a failure instead of something that is left out.
set -u

BUILD=${BUILD:-build}
MAKE=${MAKE:-make}
PYTHON=${PYTHON:-python3}
passed=0
failed=0
left_out=0

# run NAME COMMAND...: a line for it, and its output when it fails.
run()
{
	name=$1
	shift
	log=$BUILD/tests/$(echo "$name" | tr '/ ' '__').log
	if "$@" > "$log" 2>&1; then
		n=$(grep -c '^\[       OK \]' "$log")
		passed=$((passed + (n > 0 ? n : 1)))
		echo "ok      $name"
		grep '^skipped' "$log" && left_out=$((left_out + 1))
	else
		failed=$((failed + 1))
		echo "FAILED  $name: the end of $log is"
		tail -n 40 "$log"
	fi
}

# unit DIR NAME TUNE [TESTS [VARIABLE]]: all tests but those TESTS, linked to the
# library that is made in DIR with these settings.
unit()
{
	without=${4:-}
	if ! pkg-config --exists libuv && [ "${TUNNEL_REQUIRE:-0}" != 1 ]; then
		without="$without test_loop_uv"
		echo "skipped $2test_loop_uv: no libuv"
		left_out=$((left_out + 1))
	fi
	run 'build unit tests' "$MAKE" -j2 BUILD="$1" TEST_OBJ="$BUILD/tests" \
		TUNE="$3" LEFT_OUT="$without" ${5:+"$5"} ${CC:+"CC=$CC"} \
		${CFLAGS:+"CFLAGS=$CFLAGS"} unit-tests
	for t in tests/test_*.c; do
		t=$(basename "$t" .c)
		case " $without " in *" $t "*) continue ;; esac
		run "$2$t" "$1/tests/$t"
	done
}

mkdir -p "$BUILD/tests"
# What runs end to end waits more than it works, so it does that meanwhile.
case " $* " in *' e2e '*)
	TUNNEL_BUILD=$BUILD "$PYTHON" tests/e2e/run.py \
		> "$BUILD/tests/e2e.log" 2>&1 &
	e2e=$! ;;
esac
for part in "$@"; do
	case $part in
	unit)
		unit "$BUILD" '' "${TUNE:-}" ;;
	tiny)
		# The same with hostile constants: everything grows and blocks.
		CFLAGS=${CFLAGS:--O0 -g} TUNNEL_TINY=1 unit "$BUILD/tiny" 'tiny ' \
			'-DTNL_BUF_FIRST=1 -DTNL_CHUNK=7 -DTNL_BUDGET=1' ;;
	posix)
		# The same with nothing but what POSIX has: poll, no splice.  A
		# loop on poll has no descriptor to be embedded by.
		CFLAGS=${CFLAGS:--O0 -g} unit "$BUILD/posix" 'posix ' '' \
			test_loop_uv SYSTEM=none ;;
	one)
		# The same with the library as one file, but for those that put a
		# double in the place of a room.
		CFLAGS=${CFLAGS:--O0 -g} unit "$BUILD/one" 'one ' '' \
			'test_bypass_join test_bypass_join_ends test_io_join_sosplice' \
			"OBJ=$BUILD/one/amalgamation/tunnel.o" ;;
	hard)
		# The same with what the compiler checks at run time.
		CFLAGS=${CFLAGS:--O2 -g} unit "$BUILD/hard" 'hard ' '' '' HARDEN=1
		run 'hard programs' sh tests/hard.sh ;;
	gates)
		for g in tests/gate_*.sh; do
			run "$(basename "$g" .sh)" sh "$g"
		done ;;
	e2e)
		if wait "$e2e"; then
			passed=$((passed + 1))
		else
			failed=$((failed + 1))
		fi
		cat "$BUILD/tests/e2e.log" ;;
	esac
done
echo "$passed passed, $failed failed, $left_out skipped"
[ "$failed" -eq 0 ]
