#!/bin/sh
# gate_bench.sh - the benchmark runs to its end; its figures are not looked at
set -u
BUILD=${BUILD:-build}
MAKE=${MAKE:-make}
json=$BUILD/tests/bench.json

if [ "$(uname -s)" != Linux ]; then
	echo 'skipped the benchmark: it is for Linux'
	exit 0
fi
$MAKE -s BUILD="$BUILD" ${CC:+CC="$CC"} ${CFLAGS:+CFLAGS="$CFLAGS"} \
	"$BUILD/tests/bench" "$BUILD/tunnel-proxy" || exit 1
rm -f "$json"
"$BUILD/tests/bench" --quick --proxy "$BUILD/tunnel-proxy" --json "$json" ||
	exit 1
${PYTHON:-python3} - "$json" << 'END' || exit 1
import json, sys
rows = json.load(open(sys.argv[1]))['rows']
assert len(rows) > 40 and all(r['median'] >= 0 for r in rows), rows
END
# The one of other languages: in all that are there, and in C at least.
BUILD=$BUILD ROUNDS=1 sh tests/bench/ffi.sh > "$BUILD/tests/bench-ffi.log" 2>&1
grep -q '^C .* 1\.00$' "$BUILD/tests/bench-ffi.log" || {
	cat "$BUILD/tests/bench-ffi.log"
	exit 1
}
echo 'ok - the benchmark ran, and every byte was what it should be'
