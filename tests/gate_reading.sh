#!/bin/sh
# gate_reading.sh - what forward sends on, llhttp reads as we do
#
# The corpus of fuzz_forward, through the engine, and then through the parser of
# Node: method, target, status, content, and where the message ends.
set -u
BUILD=${BUILD:-build}
CC=${CC:-cc}
CFLAGS=${CFLAGS:-}
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

if ! node -e "process.binding('http_parser')" > "$tmp/log" 2>&1; then
	echo 'skipped: no node with its parser, nobody else reads what goes on'
	[ "${TUNNEL_REQUIRE:-0}" != 1 ]
	exit
fi
# shellcheck disable=SC2086
$CC -std=c99 -DSHOW $CFLAGS -Iinclude -Ilib -o "$tmp/show" \
	tests/fuzz/fuzz_forward.c tests/fuzz/replay.c "$BUILD/libtunnel.a" || exit 1
"$tmp/show" tests/fuzz/corpus/forward.txt > "$tmp/shown" || exit 1
node tests/fuzz/reading.js "$tmp/shown" > "$tmp/log" 2>&1 || {
	echo "reading: $(cat "$tmp/log")"
	exit 1
}
echo "ok - llhttp reads $(cat "$tmp/log") as we do"
