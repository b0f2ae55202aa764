#!/bin/sh
# html.sh - the manual as pages of HTML: html.sh DIRECTORY
#
# mandoc renders them.  Its links are by name and section; here they become
# links to the page, and the place in it, where that name is explained.  What is
# not in this manual is no link.
set -eu
out=$1
man=$(dirname "$0")

if ! command -v mandoc > /dev/null; then
	echo 'html: there is no mandoc' >&2
	exit 1
fi
mkdir -p "$out"
cp "$man/manual.css" "$out/manual.css"

# Each name of each page: NAME SECTION PAGE
for f in "$man"/*.[137]; do
	page=$(basename "${f%.*}")
	sed -n '/^\.Sh SYNOPSIS/q; s/^\.Nm \([-_a-z0-9]*\).*/\1/p' "$f" |
		sed "s/\$/ ${f##*.} $page/"
done > "$out/names"

# References, and the names at the head of a page, lead to their places.
for f in "$man"/*.[137]; do
	mandoc -Thtml -O man=%N.%S.html,style=manual.css "$f" > "$out/raw"
	awk -v names="$out/names" -v self="$(basename "$f")" '
	function link(text, page, name, where) {
		where = (page == self ? "" : page ".html") \
			(name == "" ? "" : "#" name)
		return "<a class=\"Xr\" href=\"" where "\">" text "</a>"
	}
	function rewrite(line,   head, tag, key, text, done) {
		while (match(line, /<a class="Xr" href="[^"]*">[^<]*<\/a>/)) {
			head = substr(line, 1, RSTART - 1)
			tag = substr(line, RSTART, RLENGTH)
			line = substr(line, RSTART + RLENGTH)
			key = tag; sub(/.*href="/, "", key)
			sub(/\.html".*/, "", key)
			text = tag; sub(/^[^>]*>/, "", text); sub(/<.*/, "", text)
			if (key in page)
				text = link(text, page[key], place[key])
			done = done head text
		}
		return done line
	}
	BEGIN {
		while ((getline line < names) > 0) {
			split(line, w, " ")
			key = w[1] "." w[2]
			page[key] = w[3] "." w[2]
			place[key] = w[1] == w[3] ? "" : w[1]
			if (page[key] == self) mine[w[1]] = 1
		}
	}
	# What mandoc has found no place for is explained where it is first said.
	FNR == NR {
		for (rest = $0; match(rest, /id="tunnel_[a-z0-9_]*/);
		    rest = substr(rest, RSTART + RLENGTH))
			delete mine[substr(rest, RSTART + 4, RLENGTH - 4)]
		next
	}
	/id="DESCRIPTION"/ { telling = 1 }
	telling && match($0, /<code class="Fn">[^<]*/) {
		name = substr($0, RSTART + 17, RLENGTH - 17)
		if (name in mine) {
			delete mine[name]
			sub(/<code class="Fn">/,
			    "<code class=\"Fn\" id=\"" name "\">")
		}
	}
	/id="NAME"/ { naming = self ~ /[.]3$/ }
	/id="SYNOPSIS"/ { naming = 0 }
	naming && match($0, /<code class="Nm">[^<]*/) {
		name = substr($0, RSTART + 17, RLENGTH - 17)
		sub(/<code class="Nm">[^<]*<\/code>/, "<a href=\"#" name \
		    "\"><code class=\"Nm\">" name "</code></a>")
	}
	/^<body>/ {
		print
		print "<p class=\"up\"><a href=\"index.html\">libtunnel</a></p>"
		next
	}
	{ print rewrite($0) }' "$out/raw" "$out/raw" > "$out/$(basename "$f").html"
done

# list TITLE FILE...: a line for each, as the page itself has it
list()
{
	printf '<h2>%s</h2>\n<dl>\n' "$1"
	shift
	for f in "$@"; do
		name=$(basename "$f")
		printf '<dt><a href="%s.html">%s(%s)</a></dt>\n<dd>%s</dd>\n' \
			"$name" "${name%.*}" "${name##*.}" \
			"$(sed -n 's/^\.Nd //p' "$f" | sed 's/&/\&amp;/g; s/</\&lt;/g')"
	done
	echo '</dl>'
}

{
	cat << 'TEXT'
<!DOCTYPE html>
<html lang="en">
<head>
  <meta charset="utf-8"/>
  <meta name="viewport" content="width=device-width, initial-scale=1.0"/>
  <link rel="stylesheet" href="manual.css" type="text/css" media="all"/>
  <title>The manual of libtunnel</title>
</head>
<body class="index">
<h1>The manual of libtunnel</h1>
<p>Byte streams through HTTP proxies: a library, and programs.
Begin with <a href="tunnel.7.html">tunnel(7)</a>.</p>
TEXT
	list 'What it is about' "$man"/tunnel.7 "$man"/tunnel_*.7
	list 'Programs' "$man"/*.1
	list 'The library' "$man"/*.3
	printf '<h2>Every function</h2>\n<ul class="names">\n'
	sort "$out/names" | awk '$2 == 3 {
		printf "<li><a href=\"%s.3.html#%s\">%s</a></li>\n", $3, $1, $1 }'
	printf '</ul>\n</body>\n</html>\n'
} > "$out/index.html"
rm "$out/names" "$out/raw"
