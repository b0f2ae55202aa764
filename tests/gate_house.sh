#!/bin/sh
# gate_house.sh - sizes and widths
set -u
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
	tests/*.c tests/bench/*.c > "$tmp/long"
[ -s "$tmp/long" ] && complain "functions over 70 lines: $(cat "$tmp/long")"

wc -l lib/*/*.[ch] examples/*.[ch] include/*.h include/tunnel/*.h \
	tests/*.[ch] tests/bench/*.[ch] tests/e2e/*.py |
	awk '$2 != "total" && ($1 > 400 || ($2 ~ /^include/ && $1 >= 200)) {
		print $2 ": " $1 }' > "$tmp/long"
wc -l examples/ffi/* | awk '$2 != "total" && $1 >= 200 {
		print $2 ": " $1 }' >> "$tmp/long"
[ -s "$tmp/long" ] && complain "files that are too long: $(cat "$tmp/long")"

# A tab reaches to the next multiple of eight.
awk '{ line = $0; width = 0
	while ((at = index(line, "\t")) > 0) {
		width += at - 1; width += 8 - width % 8
		line = substr(line, at + 1)
	}
	if (width + length(line) > 80) print FILENAME ":" FNR ": " $0
}' lib/*/*.[ch] examples/*.[ch] include/*.h include/tunnel/*.h tests/*.[ch] \
	tests/bench/*.[ch] > "$tmp/wide"
[ -s "$tmp/wide" ] && complain "over 80 columns: $(cat "$tmp/wide")"

grep -nIE '/(root|home|work|farm)/' -r lib include examples man tests README \
	Makefile && complain 'paths of some machine'

[ "$bad" = 0 ] && echo 'ok - sizes and widths'
exit $bad
