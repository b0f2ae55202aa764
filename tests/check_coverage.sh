#!/bin/sh
# check_coverage.sh - how much of the library the tests run, by gcov's counts of
# the unit tests, of the same with hostile constants, and of those modules of e2e
# by which the proxy meets what no unit test gives it; coverage.py says how much
# that is.  E2E= leaves the modules out.
set -u

MAKE=${MAKE:-make}
PYTHON=${PYTHON:-python3}
dir=build/coverage
# Without the sandbox, which keeps counts from being written.
flags='-O0 -g --coverage -fprofile-update=atomic -DTUNNEL_COVERAGE'
e2e=${E2E-'test_forward. test_forwarding_broken test_forwarding_clients
	test_forwarding_operated test_misbehaviour test_operation
	test_placement test_socks test_upstream'}

for p in gcc gcovr; do
	if ! command -v $p > /dev/null; then
		echo "skipped: no $p"
		[ "${TUNNEL_REQUIRE:-0}" = 1 ] && exit 1
		exit 0
	fi
done
find $dir -name '*.gcda' -exec rm -f {} + 2> /dev/null
mkdir -p $dir/tests
"$MAKE" -s -j2 BUILD=$dir CC=gcc CFLAGS="$flags" LDFLAGS= \
	$dir/tunnel-connect $dir/tunnel-proxy > $dir/build.log 2>&1 || {
	cat $dir/build.log
	exit 1
}
status=0
MAKE=$MAKE CC=gcc CFLAGS=$flags BUILD=$dir sh tests/check.sh unit tiny \
	> $dir/unit.log || status=1
grep '^FAILED' $dir/unit.log
tail -n 1 $dir/unit.log
if [ -n "$e2e" ]; then
	# shellcheck disable=SC2086
	TUNNEL_BUILD=$dir "$PYTHON" tests/e2e/run.py $e2e > $dir/e2e.log \
		2>&1 || status=1
	grep '^FAILED' $dir/e2e.log
	tail -n 1 $dir/e2e.log
fi
"$PYTHON" tests/coverage.py $dir || status=1
exit $status
