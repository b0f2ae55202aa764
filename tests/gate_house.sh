#!/bin/sh
# gate_house.sh - sizes, widths, and headers that compile alone
set -u
CC=${CC:-cc}
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
bad=0

complain()
{
	echo "house: $*"
	bad=1
}

# A function's body stands between braces in the first column.
awk 'FNR == 1 { start = 0 }
	/^{/ { start = FNR }
	/^}/ { if (start && FNR - start + 3 > 70)
			print FILENAME ":" start ": " FNR - start + 3 " lines"
		start = 0 }' lib/*/*.c examples/*.c \
	tests/bench/*.c > "$tmp/long"
[ -s "$tmp/long" ] && complain "functions over 70 lines: $(cat "$tmp/long")"

wc -l lib/*/*.[ch] examples/*.[ch] include/*.h include/tunnel/*.h \
	tests/bench/*.[ch] tests/e2e/*.py |
	awk '$2 != "total" && ($1 > 400 || ($2 ~ /^include/ && $1 >= 200)) {
		print $2 ": " $1 }' > "$tmp/long"
[ -s "$tmp/long" ] && complain "files that are too long: $(cat "$tmp/long")"

for f in lib/*/*.[ch] examples/*.[ch] include/*.h include/tunnel/*.h \
	tests/*.[ch] tests/bench/*.[ch]
do
	expand -t 8 "$f" | grep -n '.\{81\}' > "$tmp/wide" &&
		complain "$f: over 80 columns: $(head -n 1 "$tmp/wide")"
done

grep -nE '/(root|home|work|farm)/' -r lib include examples man README Makefile &&
	complain 'paths of some machine'

for h in include/tunnel.h include/tunnel/*.h; do
	for std in c99 c11; do
		$CC -std=$std -pedantic -Wall -Wextra -Wconversion -Werror \
			-Iinclude -fsyntax-only -x c "$h" || complain "$h as $std"
	done
	command -v g++ > /dev/null || continue
	for std in c++98 c++20; do
		g++ -std=$std -pedantic -Wall -Wextra -Werror -Iinclude \
			-fsyntax-only -x c++ "$h" || complain "$h as $std"
	done
done
command -v g++ > /dev/null || echo 'skipped: no g++, headers not tried as C++'
[ "$bad" = 0 ] && echo 'ok - sizes, widths and headers'
exit $bad
