#!/bin/sh
# gate_html.sh - every page of the manual is rendered, and every link leads
# somewhere
set -u
MAKE=${MAKE:-make}
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
bad=0

complain()
{
	echo "html: $*"
	bad=1
}

if ! command -v mandoc > /dev/null; then
	echo 'skipped: no mandoc'
	[ "${TUNNEL_REQUIRE:-0}" != 1 ]
	exit
fi
"$MAKE" -s BUILD="$tmp" html > "$tmp/log" 2>&1 || complain "$(cat "$tmp/log")"
[ -s "$tmp/log" ] && complain "$(cat "$tmp/log")"
for f in man/*.[137]; do
	p=$(basename "$f").html
	grep -q '<h1 class="Sh" id="NAME">' "$tmp/html/$p" || complain "no $p"
	grep -q "href=\"$p\"" "$tmp/html/index.html" ||
		complain "the index does not lead to $p"
done

# Places as PAGE#ID and PAGE, links as PAGE[#ID]; none leads out.
awk '{
	page = FILENAME; sub(/.*\//, "", page)
	if (FNR == 1) print "place", page
	for (rest = $0; match(rest, / (id|href)="[^"]*"/);
	    rest = substr(rest, RSTART + RLENGTH)) {
		word = substr(rest, RSTART + 1, RLENGTH - 2)
		where = word; sub(/^[^"]*"/, "", where)
		if (word ~ /^id/) print "place", page "#" where
		else print "link", (where ~ /^#/ ? page : "") where
	}
}' "$tmp"/html/*.html | sort > "$tmp/both"
sed -n 's/^place //p' "$tmp/both" | uniq -d > "$tmp/twice"
sed -n 's/^place //p' "$tmp/both" | sort -u > "$tmp/places"
sed -n 's/^link //p' "$tmp/both" | grep -v '^manual\.css$' |
	sort -u > "$tmp/links"
comm -13 "$tmp/places" "$tmp/links" > "$tmp/lost"
[ -s "$tmp/twice" ] && complain "one place twice: $(cat "$tmp/twice")"
[ -s "$tmp/lost" ] && complain "these lead nowhere: $(cat "$tmp/lost")"
[ -s "$tmp/html/manual.css" ] || complain 'no style'

# Every function can be got at from the index.
sed -n 's/^[[:space:]]*\(tunnel_[a-z0-9_]*\);$/\1/p' lib/libtunnel.sym |
	while read -r name; do
		grep -q "#$name\">$name<" "$tmp/html/index.html" || echo "$name"
	done > "$tmp/unlisted"
[ -s "$tmp/unlisted" ] && complain "not in the index: $(cat "$tmp/unlisted")"
[ "$bad" = 0 ] && echo "ok - $(wc -l < "$tmp/links") links"
exit $bad
