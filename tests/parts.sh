# parts.sh - what scripts share that run in parts, some of which may be left out
#
#     . tests/parts.sh        from the root of the tree
#
# A part that lacks a tool is named; TUNNEL_REQUIRE=1 makes that a failure.
passed=0
failed=0
left_out=0

# say NAME STATUS LOG
say()
{
	if [ "$2" = 0 ]; then
		passed=$((passed + 1))
		echo "ok      $1"
	else
		failed=$((failed + 1))
		echo "FAILED  $1: the end of $3 is"
		tail -n 60 "$3"
	fi
}

skip()
{
	left_out=$((left_out + 1))
	echo "skipped $*"
	[ "${TUNNEL_REQUIRE:-0}" != 1 ] || failed=$((failed + 1))
}

# have NAME PROGRAM...: or it is left out.
have()
{
	for p in "$@"; do
		[ "$p" = "$1" ] || command -v "$p" > /dev/null ||
			[ -e "$p" ] || { skip "$1: no $p"; return 1; }
	done
}

# ran NAME DIR [RUNNER...]: all tests that are in DIR, and a line for all of them.
ran()
{
	name=$1
	dir=$2
	shift 2
	n=0
	for t in "$dir"/tests/test_*; do
		case $t in *.log | *.o | *.d) continue ;; esac
		if timeout 300 "$@" "$t" > "$dir/tests/out.log" 2>&1; then
			n=$((n + $(grep -c '^\[       OK \]' "$dir/tests/out.log")))
		else
			say "$name: ${t##*/}" 1 "$dir/tests/out.log"
		fi
	done
	[ $n -gt 0 ]
	say "$name: $n tests" $? "$dir.log"
}

# no_part WHO PART THOSE-THAT-ARE...
no_part()
{
	who=$1 part=$2
	shift 2
	echo "$who: there is no part $part; there are $*"
	exit 2
}

# parts_end WHO: the result.
parts_end()
{
	echo "$1: $passed passed, $failed failed, $left_out left out"
	[ "$failed" -eq 0 ]
}
