# generate.awk - completions for a shell from a program's own --help
#
#	PROGRAM --help | awk -f generate.awk -v program=NAME -v shell=SHELL
#
# SHELL is bash, zsh or fish.  An option's line begins with it, and has what it
# takes in capitals and what it does two blanks or more behind; lines that are
# indented deeper go on with that.  What an option takes is completed by its
# word: FILE, DIR, USER (of the system), HOST.

function trim(s) { gsub(/^ +| +$/, "", s); return s }

# "-x, --proxy URL" or "--version, --help"
function begin(left, text,	i, n, word, w) {
	n = split(left, word, " ")
	options++
	short[options] = long[options] = more[options] = takes[options] = ""
	for (i = 1; i <= n; i++) {
		w = word[i]
		sub(/,$/, "", w)
		if (w ~ /^--/ && long[options] == "")
			long[options] = w
		else if (w ~ /^--/)
			more[options] = w
		else if (w ~ /^-/)
			short[options] = w
		else
			takes[options] = takes[options] (takes[options] == "" ? \
			    "" : " ") w
	}
	gsub(/'/, "", takes[options])
	does[options] = trim(text)
}

/^  (-[A-Za-z0-9], |    )--/ {
	line = trim($0)
	at = match(line, /  +/)
	if (at > 0) {
		begin(substr(line, 1, at - 1), substr(line, at))
	} else if ((at = match(line, /FILE lines /)) > 0) {
		begin(substr(line, 1, at + 3), substr(line, at + 4))
	} else {
		begin(line, "")
	}
	next
}
/^                    / && options > 0 {
	does[options] = trim(does[options] " " trim($0))
	next
}
{ if (options > 0) ended = 1 }

function kind(i) {
	if (takes[i] ~ /^FILE/) return "file"
	if (takes[i] ~ /^DIR/) return "dir"
	if (long[i] == "--user-switch") return "user"
	if (takes[i] ~ /^CMD/) return "command"
	if (long[i] == "--log-format") return "text json"
	if (long[i] == "--proxy-protocol") return "accept send send-v2"
	if (takes[i] ~ /^SCHEMES/) return "negotiate digest ntlm basic"
	return takes[i] == "" ? "" : "none"
}

function words(i) {
	return short[i] == "" ? long[i] : short[i] " " long[i]
}

function bash(	i, k, all, of, name) {
	for (i = 1; i <= options; i++) {
		all = all " " words(i) (more[i] == "" ? "" : " " more[i])
		k = kind(i)
		if (k != "") {
			name = words(i)
			gsub(/ /, "|", name)
			of[k] = of[k] (of[k] == "" ? "" : "|") name
		}
	}
	name = program
	gsub(/-/, "_", name)
	print "# bash completion for " program "(1)"
	print "_" name "()\n{"
	print "\tlocal word=${COMP_WORDS[COMP_CWORD]}"
	print "\tlocal last=${COMP_WORDS[COMP_CWORD - 1]}"
	print "\tCOMPREPLY=()\n\tcase $last in"
	for (i = 1; i <= options; i++) {
		k = kind(i)
		if (!(k in of))
			continue
		print "\t" of[k] ")"
		if (k == "file" || k == "dir" || k == "user" || k == "command")
			print "\t\tmapfile -t COMPREPLY < <(compgen -" \
			    (k == "file" ? "f" : k == "dir" ? "d" : \
			    k == "user" ? "u" : "c") " -- \"$word\")"
		else if (k != "none")
			print "\t\tmapfile -t COMPREPLY < <(compgen -W '" k \
			    "' -- \"$word\")"
		print "\t\treturn\n\t\t;;"
		delete of[k]
	}
	print "\tesac"
	print "\tcase $word in\n\t-*)"
	print "\t\tmapfile -t COMPREPLY < <(compgen -W '" trim(all) "' \\"
	print "\t\t    -- \"$word\")\n\t\t;;"
	if (program == "tunnel-connect") {
		print "\t*)\n\t\tmapfile -t COMPREPLY < <(compgen -A hostname " \
		    "-- \"$word\")\n\t\t;;"
	}
	print "\tesac\n}"
	print "complete -o filenames -F _" name " " program
}

# The first part of what it does, without what a shell reads in it.
function brief(i,	s) {
	s = does[i]
	sub(/(;|:? \(|: ).*/, "", s)
	gsub(/['\[\]"`$\\]/, "", s)
	return substr(trim(s), 1, 76)
}

function zsh(	i, k, act, head) {
	print "#compdef " program
	print "# zsh completion for " program "(1)"
	print "_arguments -s \\"
	for (i = 1; i <= options; i++) {
		k = kind(i)
		act = k == "file" ? "_files" : k == "dir" ? "_files -/" : \
		    k == "user" ? "_users" : k == "command" ? "_command_names" : \
		    k == "none" ? "" : "(" k ")"
		head = short[i] == "" ? long[i] : "{" short[i] "," long[i] "}"
		act = k == "" ? "" : ":" tolower(takes[i]) ":" act
		gsub(/[\[\]]/, "", act)
		printf "\t'*'%s'[%s]%s' \\\n", head, brief(i), act
		if (more[i] != "")
			printf "\t'%s[print this]' \\\n", more[i]
	}
	print program == "tunnel-connect" ? "\t'1:host:_hosts' '2:port:'" : \
	    "\t'*:: :'"
}

function fish(	i, k, how) {
	print "# fish completion for " program "(1)"
	print "complete -c " program " -f"
	if (program == "tunnel-connect")
		print "complete -c " program " -a '(__fish_print_hostnames)'"
	for (i = 1; i <= options; i++) {
		k = kind(i)
		how = k == "" ? "" : k == "file" ? " -r -F" : \
		    k == "dir" ? " -x -a '(__fish_complete_directories)'" : \
		    k == "user" ? " -x -a '(__fish_complete_users)'" : \
		    k == "command" ? " -x -a '(__fish_complete_command)'" : \
		    k == "none" ? " -x" : " -x -a '" k "'"
		print "complete -c " program (short[i] == "" ? "" : " -s " \
		    substr(short[i], 2)) " -l " substr(long[i], 3) how \
		    " -d '" brief(i) "'"
		if (more[i] != "")
			print "complete -c " program " -l " \
			    substr(more[i], 3) " -d 'print this'"
	}
}

END {
	if (options == 0) {
		print "generate.awk: no options to be seen" > "/dev/stderr"
		exit 1
	}
	if (shell == "bash") bash()
	else if (shell == "zsh") zsh()
	else if (shell == "fish") fish()
	else exit 2
}
