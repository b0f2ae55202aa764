#!/bin/sh
# gate_abi.sh - a program that was linked with what was recorded still runs
#
#     sh tests/gate_abi.sh            compare with tests/abi/
#     sh tests/gate_abi.sh record     take what is there for the next releases
#
# Only what the headers say is recorded: abidw sees a library whose functions have
# no insides, so that what is opaque is so here as well.  That their types are the
# real library's is a matter of the compiler, that their names are of gate_symbols.
set -u
BUILD=${BUILD:-build}
CC=${CC:-cc}
PYTHON=${PYTHON:-python3}
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
bad=0

complain()
{
	echo "abi: $*"
	bad=1
}

cat > "$tmp/stub.py" << 'EOT'
import re
import sys
text = re.sub(r'\s+', ' ', sys.stdin.read())
print('#include <tunnel.h>')
for head in re.findall(r'(?<=[;}] )((?!typedef)[a-z][\w *]*\btunnel_\w+\([^;{}]*\));',
                       text):
    print(head, '{ for (;;); }')
EOT
$CC -std=c99 -E -P -Iinclude include/tunnel.h | "$PYTHON" "$tmp/stub.py" \
	> "$tmp/stub.c"
# What cc is called with besides this is no matter of the headers'.
$CC -std=c99 -g -O0 -fPIC -shared -Iinclude -Wl,-soname,libtunnel.so.0 \
	-Wl,--version-script=lib/libtunnel.sym -o "$tmp/libtunnel.so" "$tmp/stub.c" ||
	complain 'no library can be made of the headers'
[ "$(grep -c 'for (;;)' "$tmp/stub.c")" = \
	"$(grep -c '^	tunnel_' lib/libtunnel.sym)" ] ||
	complain 'the headers have other functions than libtunnel.sym'

# The enumerations are no part of a function's type: they travel as int.
cat > "$tmp/constants.c" << 'EOT'
#include <stdio.h>
#include <tunnel.h>
int main(void)
{
	const char *name;
	size_t i;
	int value;

	for (i = 0; (name = tunnel_constant_at(i, &value)) != NULL; i++)
		printf("%s %d\n", name, value);
	return 0;
}
EOT
# shellcheck disable=SC2086
$CC ${CFLAGS:-} -Iinclude -o "$tmp/constants" "$tmp/constants.c" \
	"$BUILD/libtunnel.a" -pthread && "$tmp/constants" > "$tmp/constants.txt"

# describe FILE: half of it is indentation, and what is so everywhere.
describe()
{
	abidw --no-corpus-path --no-comp-dir-path --no-show-locs --no-elf-needed \
		--no-architecture --out-file "$tmp/all.xml" "$tmp/libtunnel.so" &&
		sed -e 's/^ *//' -e "s/ visibility='default'//" \
			-e "s/ binding='global'//" "$tmp/all.xml" > "$1"
}

if [ "${1:-}" = record ]; then
	describe tests/abi/libtunnel.xml &&
		cp "$tmp/constants.txt" tests/abi/
	exit
fi

# A line for each: what was recorded has neither gone nor changed.
LC_ALL=C comm -23 tests/abi/constants.txt "$tmp/constants.txt" > "$tmp/gone"
[ -s "$tmp/gone" ] && complain "constants that went or changed: $(cat "$tmp/gone")"

if [ "$(getconf LONG_BIT)" != 64 ]; then
	echo 'skipped: what was recorded is of 64 bits, only the constants count'
elif command -v abidiff > /dev/null; then
	describe "$tmp/libtunnel.xml" &&
		abidiff --no-added-syms tests/abi/libtunnel.xml \
			"$tmp/libtunnel.xml" > "$tmp/diff" || complain "$(head -n 40 "$tmp/diff")"
elif [ "${TUNNEL_REQUIRE:-0}" = 1 ]; then
	complain 'abidiff is missing: install abigail-tools'
else
	echo 'skipped: no abidiff, only the constants were compared'
fi
[ "$bad" = 0 ] && echo 'ok - nothing has gone or changed since it was recorded'
exit $bad
