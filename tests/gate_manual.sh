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

# tunnel(7) leads to all that is about the library.
for f in man/*.[37]; do
	p=$(basename "${f%.*}")
	[ "$f" = man/tunnel.7 ] || grep -q "^\.Xr $p ${f##*.}" man/tunnel.7 ||
		complain "tunnel(7) does not lead to $p(${f##*.})"
done

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

# Every function is spoken of, and not only declared; every constant is told of.
sed -n 's/^[[:space:]]*\(tunnel_[a-z0-9_]*\);$/\1/p' lib/libtunnel.sym |
	sort -u > "$tmp/functions"
awk '/^\.Sh/ { told = $2 != "NAME" && $2 != "SYNOPSIS" && $2 != "SEE" }
	told && /^\.(It |Pq )?Fn / {
		for (i = 1; i <= NF; i++) if ($i ~ /^tunnel_/) print $i
	}' man/*.3 | sort -u > "$tmp/told"
comm -23 "$tmp/functions" "$tmp/told" > "$tmp/untold"
[ -s "$tmp/functions" ] || complain 'no functions were found'
[ -s "$tmp/untold" ] && complain "only declared: $(cat "$tmp/untold")"
cat include/tunnel/*.h | $CC -fpreprocessed -dD -E -P - 2> /dev/null |
	sed '/^#.*_H *$/d' | grep -o '\bTUNNEL_[A-Z0-9_]*' | sort -u \
	> "$tmp/constants"
sed -n '/^\..*Dv /p' man/*.3 | grep -o 'TUNNEL_[A-Z0-9_]*' | sort -u \
	> "$tmp/told"
comm -23 "$tmp/constants" "$tmp/told" > "$tmp/untold"
[ -s "$tmp/constants" ] || complain 'no constants were found'
[ -s "$tmp/untold" ] && complain "not told of: $(cat "$tmp/untold")"
sed -n '/^enum tunnel_flag/,/^}/s/^[[:space:]]*\(TUNNEL_[A-Z]*\).*/\1/p' \
	include/tunnel/base.h > "$tmp/flags"
[ -s "$tmp/flags" ] || complain 'no flags were found'
while read -r flag; do
	grep -qx "\.It Dv $flag" man/tunnel_strerror.3 ||
		complain "tunnel_strerror(3) has no $flag"
done < "$tmp/flags"
[ "$bad" = 0 ] && echo 'ok - functions and constants'

# Options of the pages and of --help, long and short.
for f in "$BUILD/tunnel-connect" "$BUILD/tunnel-proxy" "$BUILD"/*-gateway \
	examples/*-through examples/https-gateway; do
	p=${f##*/}
	"$f" --help > "$tmp/said"
	{
		grep -o -- '--[a-z][-a-z0-9]*' "$tmp/said"
		grep -oE '(^|[^-[:alnum:]])-[[:alnum:]]([^-[:alnum:]]|$)' \
			"$tmp/said" | grep -o -- '-[[:alnum:]]'
	} | sort -u > "$tmp/help"
	{
		grep -oE 'Fl Fl [a-z][-a-z0-9]*' "man/$p.1" | sed 's/Fl Fl /--/'
		grep -oE 'Fl [[:alnum:]]( |$)' "man/$p.1" | sed 's/Fl /-/; s/ //'
	} | sort -u > "$tmp/options"
	diff "$tmp/help" "$tmp/options" || complain "options of $p differ"
done
[ "$bad" = 0 ] && echo 'ok - table of errors and options'
exit $bad
