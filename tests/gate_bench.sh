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
echo 'ok - the benchmark ran, and every byte was what it should be'
