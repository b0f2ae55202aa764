# bash completion for tunnel-connect(1)
_tunnel_connect()
{
	local word=${COMP_WORDS[COMP_CWORD]}
	local last=${COMP_WORDS[COMP_CWORD - 1]}
	COMPREPLY=()
	case $last in
	-x|--proxy|-u|--user|-H|--header|-L|--forward|-D|--socks|--keepalive|-t|--connect-timeout|-i|--idle-timeout|--linger-timeout)
		return
		;;
	--proxy-command)
		mapfile -t COMPREPLY < <(compgen -c -- "$word")
		return
		;;
	--cacert|--credentials-file)
		mapfile -t COMPREPLY < <(compgen -f -- "$word")
		return
		;;
	--auth)
		mapfile -t COMPREPLY < <(compgen -W 'negotiate digest ntlm basic' -- "$word")
		return
		;;
	esac
	case $word in
	-*)
		mapfile -t COMPREPLY < <(compgen -W '-x --proxy --proxy-command --cacert -u --user --auth --credentials-file --no-netrc -H --header -L --forward -D --socks -4 --ipv4 -6 --ipv6 --keepalive -t --connect-timeout -i --idle-timeout --linger-timeout --doctor -v --verbose -q --quiet --version --help' \
		    -- "$word")
		;;
	*)
		mapfile -t COMPREPLY < <(compgen -A hostname -- "$word")
		;;
	esac
}
complete -o filenames -F _tunnel_connect tunnel-connect
