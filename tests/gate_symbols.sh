#!/bin/sh
# gate_symbols.sh - export list = public headers = manual = shared library
set -u
BUILD=${BUILD:-build}
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
bad=0

names()
{
	grep -o '\btunnel_[a-z0-9_]*' | sort -u
}

# The headers without their comments; types are no functions.
cat include/tunnel/*.h | ${CC:-cc} -fpreprocessed -dD -E -P - 2> /dev/null |
	grep -o '\btunnel_[a-z0-9_]* *(' | tr -d ' (' | sort -u |
	grep -v '_fn$' > "$tmp/headers"
sed -n 's/^[[:space:]]*\(tunnel_[a-z0-9_]*\);$/\1/p' lib/libtunnel.sym |
	sort -u > "$tmp/list"
nm -D --defined-only "$BUILD/libtunnel.so" | awk '$2 == "T" { print $3 }' |
	sed 's/@.*//' | sort -u > "$tmp/library"
sed -n 's/^\.Nm \(tunnel_[a-z0-9_]*\).*/\1/p' man/*.3 | sort -u > "$tmp/named"
sed -n 's/^\.F[no] "\{0,1\}\(tunnel_[a-z0-9_]*\).*/\1/p' man/*.3 |
	sort -u > "$tmp/synopses"

[ -s "$tmp/headers" ] || { echo 'symbols: no headers were read'; exit 1; }
for what in list library named synopses; do
	if diff "$tmp/headers" "$tmp/$what" > "$tmp/diff"; then
		echo "ok - headers and $what agree on $(wc -l < "$tmp/headers")"
	else
		echo "symbols: headers (<) and $what (>) differ:"
		cat "$tmp/diff"
		bad=1
	fi
done
# Every constant of the headers can be had by its name.
cat > "$tmp/constants.c" << 'EOT'
#include <stdio.h>
#include <tunnel.h>
int main(void)
{
	const char *name;
	size_t i;

	for (i = 0; (name = tunnel_constant_at(i, NULL)) != NULL; i++)
		puts(name);
	return 0;
}
EOT
# shellcheck disable=SC2086
${CC:-cc} ${CFLAGS:-} -Iinclude -o "$tmp/constants" "$tmp/constants.c" \
	"$BUILD/libtunnel.a" -pthread && "$tmp/constants" > "$tmp/listed"
{
	cat include/tunnel/*.h | ${CC:-cc} -fpreprocessed -dD -E -P - |
		sed '/^#.*_H *$/d'
} 2> /dev/null | grep -o '\bTUNNEL_[A-Z0-9_]*' | LC_ALL=C sort -u \
	> "$tmp/constants"
if [ -s "$tmp/listed" ] && diff "$tmp/constants" "$tmp/listed" > "$tmp/diff"
then
	echo "ok - $(wc -l < "$tmp/listed") constants by name"
else
	echo 'symbols: constants of the headers (<) and of lib/net/foreign.c (>):'
	cat "$tmp/diff"
	bad=1
fi
# Nothing else gets out.
if nm -D --defined-only "$BUILD/libtunnel.so" | awk '$2 != "A" { print $3 }' |
	grep -v '^tunnel_' | grep -v '^__[a-z]*san\|^__odr_asan\|^_'; then
	echo 'symbols: the library exports these as well'
	bad=1
fi
exit $bad
