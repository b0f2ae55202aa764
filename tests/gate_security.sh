#!/bin/sh
# gate_security.sh - tunnel_security(7) names tests that are there, and figures
# that are those of the code
set -u
page=man/tunnel_security.7
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
bad=0

complain()
{
	echo "security: $*"
	bad=1
}

# Each attack has tests: "ATTACK FILE TEST", with the attack's first word.
awk '/^\.It Em / { attack = $3; print attack > "/dev/stderr" }
	/^\.Li test_.*:/ { sub(/:/, " ", $2); print attack, $2 }' \
	$page > "$tmp/tests" 2> "$tmp/attacks"
[ "$(wc -l < "$tmp/attacks")" -ge 8 ] || complain 'attacks are missing'
while read -r attack; do
	grep -q "^$attack " "$tmp/tests" || complain "no test for $attack"
done < "$tmp/attacks"

# A unit test is defined, and run.
in_c()
{
	grep -q "^$2(void \*\*state)" "tests/$1" &&
		[ "$(grep -cw "$2" "tests/$1")" -ge 2 ]
}

# A method stands in its class.
in_python()
{
	awk -v class="${2%.*}" -v test="${2#*.}" '
		/^class / { inside = $0 ~ "^class " class "[(:]" }
		inside && $0 ~ "^    def " test "\\(" { found = 1 }
		END { exit !found }' "tests/e2e/$1"
}

while read -r _ file test; do
	case $file in
	*.c) in_c "$file" "$test" ;;
	*.py) in_python "$file" "$test" ;;
	*) false ;;
	esac || complain "there is no test $file:$test"
done < "$tmp/tests"
grep -o '^\.Pa tests/[a-z0-9_/]*\(\.sh\)\{0,1\}' $page | sed 's/^\.Pa //' |
	while read -r path; do
		[ -e "$path" ] || echo "$path"
	done > "$tmp/gone"
[ -s "$tmp/gone" ] && complain "gone: $(cat "$tmp/gone")"

# .\" FILE: TEXT is what the row that follows has its figure from.
sed -n '/^\.\\" /{ N; s/^\.\\" \([^:]*\): \(.*\)\n\(.*\)$/\1\
\2\
\3/p; }' $page > "$tmp/figures"
n=0
while read -r file && read -r text && read -r row; do
	n=$((n + 1))
	grep -qF -- "$text" "$file" || complain "$file has no '$text'"
	figure=$(echo "$text" | sed -n 's/.* \([0-9]*\)$/\1/p')
	case $text in
	*,*) continue ;;
	esac
	case " $row " in
	*" $figure "*) ;;
	*) complain "$text is not in '$row'" ;;
	esac
done < "$tmp/figures"
[ "$n" -ge 15 ] || complain "only $n figures were found"
[ "$bad" = 0 ] && echo "ok - $(wc -l < "$tmp/tests") tests and $n figures"
exit $bad
