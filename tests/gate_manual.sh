#!/bin/sh
# gate_manual.sh - the manual is sound, true and complete
set -u
BUILD=${BUILD:-build}
CC=${CC:-cc}
CFLAGS=${CFLAGS:-}
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
bad=0

complain()
{
	echo "manual: $*"
	bad=1
}

if command -v mandoc > /dev/null; then
	for f in man/*.[137]; do
		# Our own pages need not be installed to be referred to.
		mandoc -Tlint -W warning "$f" > "$tmp/lint" ||
			complain "$(cat "$tmp/lint")"
	done
	[ "$bad" = 0 ] && echo 'ok - mandoc finds nothing'
elif [ "${TUNNEL_REQUIRE:-0}" = 1 ]; then
	complain 'mandoc is missing'
else
	echo 'skipped: no mandoc'
fi

# References to pages of ours lead somewhere.
sed -n 's/^\.Xr \(tunnel[-_a-z0-9]*\) \([0-9]\).*/\1 \2/p' man/* | sort -u |
while read -r name section; do
	grep -lqx "\.Nm $name\( ,\)\{0,1\}" man/*."$section" ||
		echo "manual: no page for $name($section)"
done > "$tmp/xr"
[ -s "$tmp/xr" ] && complain "$(cat "$tmp/xr")"

# Every example compiles: blocks that begin with #include are whole files.
extract()
{
	awk -v base="$tmp/$(basename "$1")" '
		/^\.Bd -literal/ { open = 1; first = 1; next }
		/^\.Ed/ { open = 0; name = ""; next }
		open && first { first = 0; if (/^#include/) name = base "." ++n ".c" }
		open && name != "" { gsub(/\\e/, "\\"); gsub(/\\&/, ""); print > name }
		' "$1"
}
for f in man/*.3; do
	extract "$f"
done
# The README's example needs a clock, which its reader has.
awk '/^    #include/ { open = 1 } /^[^ ]/ { open = 0 }
	open { sub(/^    /, ""); print
		if (/tunnel.h/) print "static uint64_t now_ms(void);" }
	END { print "static uint64_t now_ms(void) { return 0; }" }' README \
	> "$tmp/README.1.c"
count=0
for f in "$tmp"/*.c; do
	count=$((count + 1))
	# shellcheck disable=SC2086
	$CC -std=c99 -D_POSIX_C_SOURCE=200809L -Wall -Wextra -Werror $CFLAGS \
		-Iinclude -c -o "$f.o" "$f" || complain "$(basename "$f")"
	if grep -q '^main' "$f"; then
		$CC $CFLAGS -o "$f.out" "$f.o" "$BUILD/libtunnel.a" -pthread ||
			complain "$(basename "$f") does not link"
	fi
done
[ "$count" -ge 10 ] || complain "only $count examples were found"
[ "$bad" = 0 ] && echo "ok - $count examples compile"

# The table of errors is the library's.
cat > "$tmp/table.c" << 'EOT'
#include <stdio.h>
#include <tunnel.h>
int main(void)
{
	static const char *const blame[] = { "", "caller", "peer", "system",
	    "time" };
	int e;

	for (e = -1; tunnel_error_blame(e) != 0; e--)
		printf("%s %s %d %d %s %s\n", tunnel_error_name(e),
		    blame[tunnel_error_blame(e)], tunnel_error_status(e),
		    tunnel_error_socks(e), tunnel_error_token(e),
		    tunnel_strerror(e));
	return 0;
}
EOT
# shellcheck disable=SC2086
$CC $CFLAGS -Iinclude -o "$tmp/table" "$tmp/table.c" "$BUILD/libtunnel.a" -pthread ||
	complain 'the table does not compile'
"$tmp/table" > "$tmp/library"
sed -n 's/^\.It Dv \(TUNNEL_E[A-Z]*\) Ta \(.*\) Ta \(.*\) Ta \(.*\) Ta \(.*\) Ta \(.*\)$/\1 \2 \3 \4 \5 \6/p' \
	man/tunnel_strerror.3 > "$tmp/page"
diff "$tmp/library" "$tmp/page" || complain 'the table of errors differs'

# Options of the pages and of --help.
for f in "$BUILD/tunnel-connect" "$BUILD/tunnel-proxy" "$BUILD"/*-gateway \
	examples/*-through examples/https-gateway; do
	p=${f##*/}
	"$f" --help | grep -o -- '--[a-z][-a-z]*' | sort -u > "$tmp/help"
	grep -o 'Fl Fl [a-z][-a-z]*' "man/$p.1" | sed 's/Fl Fl /--/' |
		sort -u > "$tmp/options"
	diff "$tmp/help" "$tmp/options" || complain "options of $p differ"
done
[ "$bad" = 0 ] && echo 'ok - table of errors and options'
exit $bad
