#!/bin/sh
# gate_timing.sh - how long a check takes says nothing of what was wrong
#
# A clock would tell little, and that not always; the number of instructions is
# exact.  It must be the same for a name that nobody has as for one with a wrong
# password, whichever byte of that is wrong.
set -u
BUILD=${BUILD:-build}
CC=${CC:-cc}
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
bad=0

if ! valgrind --version > /dev/null 2>&1; then
	echo 'skipped timing: no valgrind'
	[ "${TUNNEL_REQUIRE:-0}" != 1 ]
	exit
fi
if nm -u "$BUILD/libtunnel.a" | grep -q '__[aum]san\|__ubsan\|__gcov'; then
	echo 'skipped timing: the library is instrumented'
	[ "${TUNNEL_REQUIRE:-0}" != 1 ]
	exit
fi
$CC -O2 -std=c99 -Iinclude -o "$tmp/secrets" tests/count_secrets.c \
	"$BUILD/libtunnel.a" -pthread || exit 1

if ! valgrind --tool=callgrind --callgrind-out-file="$tmp/cost" \
	--toggle-collect=measured --dump-after=measured "$tmp/secrets" \
	> "$tmp/named" 2> "$tmp/log"; then
	echo "timing: what is right or wrong is not told apart: $(cat "$tmp/log")"
	exit 1
fi
n=0
while read -r kind who; do
	n=$((n + 1))
	cost=$(sed -n 's/^\(summary\|totals\): //p' "$tmp/cost.$n" | head -n 1)
	if [ "$kind" != "${last:-}" ]; then
		last=$kind
		usual=$cost
		echo "$kind: $cost instructions"
	fi
	[ "${cost:-0}" -gt 1000 ] && [ "$cost" = "$usual" ] && continue
	echo "timing: $kind: $cost instructions for $who, else $usual"
	bad=1
done < "$tmp/named"
[ "$n" = 18 ] || { echo "timing: $n checks, not 18"; bad=1; }
[ "$bad" = 0 ] && echo 'ok - timing'
exit $bad
