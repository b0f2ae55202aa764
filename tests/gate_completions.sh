#!/bin/sh
# gate_completions.sh - what shells complete is what the programs take
set -u
BUILD=${BUILD:-build}
bad=0

say() { echo "completions: $*"; bad=1; }

# What bash offers for a word that has been begun.
offers()
{
	bash -c '. "$1"; COMP_WORDS=("$2" $3 "$4"); COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
		_${2//-/_}; echo "${COMPREPLY[@]}"' \
		- "examples/completions/$1.bash" "$@"
}

for p in tunnel-connect tunnel-proxy; do
	for shell in bash zsh fish; do
		f=examples/completions/$p.$shell
		"$BUILD/$p" --help |
			awk -f examples/completions/generate.awk -v "program=$p" \
			-v "shell=$shell" | cmp -s - "$f" ||
			say "$f is not of this --help: make completions"
		if command -v $shell > /dev/null; then
			$shell -n "$f" || say "$f is no $shell"
		fi
	done
	case $(offers $p '' --vers) in
	--version) ;;
	*) say "$p --vers is not completed in bash" ;;
	esac
done
[ "$(offers tunnel-connect --auth ntl)" = ntlm ] ||
	say 'tunnel-connect --auth ntl is not completed'
[ "$(offers tunnel-proxy --config Makef)" = Makefile ] ||
	say 'tunnel-proxy --config Makef is not completed'
[ "$bad" = 0 ] && echo 'ok - completions'
exit $bad
