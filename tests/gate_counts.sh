#!/bin/sh
# gate_counts.sh - system calls and instructions, which no machine changes
#
# A count is what one more costs: the difference between two runs.  Limits are a
# little above what was counted last (gcc 12, x86-64); who brings a count down
# brings its limit down as well.  Allocations are counted by test_counts.
set -u
BUILD=${BUILD:-build}
MAKE=${MAKE:-make}
CC=${CC:-cc}
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
bad=0

# without WHAT WHY
without()
{
	echo "skipped $1: $2"
	[ "${TUNNEL_REQUIRE:-0}" = 1 ] && bad=1
}

# hold WHAT COUNT LIMIT
hold()
{
	if [ -n "$2" ] && [ "$2" -le "$3" ]; then
		echo "ok - $1: $2, at most $3"
	else
		echo "counts: $1: $2 is more than $3"
		bad=1
	fi
}

# ---- system calls of tunnel-proxy ----------------------------------------

# await PATTERN FILE
await()
{
	tries=0
	until grep -q "$1" "$2" 2> /dev/null; do
		tries=$((tries + 1))
		[ "$tries" -gt 100 ] && return 1
		sleep 0.05
	done
}

# calls WHAT N: all but waits, whose number depends on who is faster.
calls()
{
	rm -f "$tmp/calls" "$tmp/out"
	strace -D -f -c -o "$tmp/calls" "$BUILD/tunnel-proxy" -q \
		-l 127.0.0.1:0 --allow 127.0.0.0/8 --threads 1 > "$tmp/out" &
	pid=$!
	await '^listening' "$tmp/out" && "$BUILD/tests/bench" --drive "$1" \
		"$2" "$(sed -n 's/^listening.*://p' "$tmp/out")"
	drove=$?
	kill "$pid"
	wait "$pid" && [ "$drove" = 0 ] || return 1
	# strace is not our child, and writes when the proxy has ended.
	await ' total$' "$tmp/calls" || return 1
	awk '$1 ~ /^[0-9.]+$/ && $NF !~ /^(total|e?poll_?p?wait|p?poll)$/ {
		n += $4 } END { print n }' "$tmp/calls"
}

# fewest WHAT N BASE: of three, since a machine with much to do can add some.
fewest()
{
	least=
	for _ in 1 2 3; do
		n=$(calls "$1" "$2") || return 1
		n=$((n - $3))
		[ -z "$least" ] || [ "$n" -lt "$least" ] && least=$n
	done
	echo "$least"
}

if [ "$(uname -s)" != Linux ]; then
	without 'system calls' 'this is not Linux'
elif ! strace -D -f -c -o /dev/null true 2> /dev/null; then
	without 'system calls' 'no strace, or it may not trace'
elif nm -u "$BUILD"/obj/core/*.o | grep -q '__[aum]san\|__ubsan\|__gcov'; then
	without 'system calls' 'the objects are instrumented'
else
	$MAKE -s BUILD="$BUILD" "$BUILD/tests/bench" "$BUILD/tunnel-proxy" ||
		exit 1
	none=$(calls handshakes 0)
	hold 'system calls of 100 handshakes' \
		"$(fewest handshakes 100 "$none")" 1950
	one=$(calls bytes 1)
	hold 'system calls of 64 MiB' "$(fewest bytes 67108864 "$one")" 640
fi

# ---- instructions of the engines -----------------------------------------

# instructions KIND N
instructions()
{
	valgrind --tool=callgrind --callgrind-out-file=/dev/null \
		"$tmp/heads" "$1" "$2" 2>&1 |
		sed -n 's/.*Collected : \([0-9]*\).*/\1/p'
}

# head KIND LIMIT: 1.25 times what it was, for compilers to differ.
head()
{
	first=$(instructions "$1" 2)
	hold "instructions of a head, $1" \
		$(($(instructions "$1" 3) - first)) "$2"
}

if ! valgrind --version > /dev/null 2>&1; then
	without 'instructions' 'no valgrind'
elif [ "$(uname -m)" != x86_64 ]; then
	without 'instructions' 'their limits are those of x86-64'
else
	# The core alone, and optimised, however the rest was built.
	$CC -O2 -std=c99 -DTNL_VERSION=0u -Iinclude -Ilib -o "$tmp/heads" \
		lib/core/*.c tests/bench/heads.c tests/count_heads.c || exit 1
	head typical 12500
	head fields 15000000
	head field 493000
fi
[ "$bad" = 0 ] && echo 'ok - counts'
exit $bad
