#!/bin/sh
# check_san.sh - all tests under AddressSanitizer and UndefinedBehaviorSanitizer,
# with each compiler that is there, and with 100,000 mutated requests; then what
# has threads under ThreadSanitizer
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
		TUNNEL_MUTATIONS=100000 sh tests/check.sh unit e2e || status=1
done

if command -v clang > /dev/null; then
	flags='-O1 -g -fsanitize=thread'
	echo "== clang $flags"
	dir=build/san-thread
	"$MAKE" -s -j2 BUILD="$dir" CC=clang CFLAGS="$flags" LDFLAGS= all \
		unit-tests || status=1
	export TSAN_OPTIONS='halt_on_error=1 exitcode=66'
	for t in loop loop_timers query dial dial_hops proxy proxy_hooks \
		proxy_names proxy_limits proxy_login proxy_ends proxy_socks \
		proxy_socks_hooks; do
		if "$dir/tests/test_$t" > "$dir/tests/test_$t.log" 2>&1; then
			echo "ok      test_$t"
		else
			echo "FAILED  test_$t"
			tail -n 60 "$dir/tests/test_$t.log"
			status=1
		fi
	done
	TUNNEL_BUILD=$dir ${PYTHON:-python3} tests/e2e/run.py test_load \
		test_operation test_forward. test_forward_ways \
		test_forwarding_operated test_proxy test_upstream || status=1
fi
[ "$found" = 1 ] && [ "$status" = 0 ]
