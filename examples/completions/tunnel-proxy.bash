# bash completion for tunnel-proxy(1)
_tunnel_proxy()
{
	local word=${COMP_WORDS[COMP_CWORD]}
	local last=${COMP_WORDS[COMP_CWORD - 1]}
	COMPREPLY=()
	case $last in
	-l|--listen|--socks|--upstream|--upstream-auth|--upstream-rest|--no-proxy|--bind|--allow|--deny|--allow-client|--deny-client|--user|--realm|--threads|--max-tunnels|--max-per-client|--max-handshakes|--max-head|--accept-rate|--buffer|--memory|--handshake-timeout|--dial-timeout|--idle-timeout|--linger-timeout|--stall-timeout|--lifetime|--reply-timeout|--drain|--status)
		return
		;;
	--upstream-credentials|--auth-file|--access-log|--config|--extension)
		mapfile -t COMPREPLY < <(compgen -f -- "$word")
		return
		;;
	--proxy-protocol)
		mapfile -t COMPREPLY < <(compgen -W 'accept send send-v2' -- "$word")
		return
		;;
	--log-format)
		mapfile -t COMPREPLY < <(compgen -W 'text json' -- "$word")
		return
		;;
	--user-switch)
		mapfile -t COMPREPLY < <(compgen -u -- "$word")
		return
		;;
	--chroot)
		mapfile -t COMPREPLY < <(compgen -d -- "$word")
		return
		;;
	esac
	case $word in
	-*)
		mapfile -t COMPREPLY < <(compgen -W '-l --listen --socks --forward --upstream --upstream-credentials --upstream-auth --upstream-rest --no-proxy --bind -4 --ipv4 -6 --ipv6 --proxy-protocol --allow --deny --allow-client --deny-client --user --auth-file --realm --threads --max-tunnels --max-per-client --max-handshakes --max-head --accept-rate --buffer --memory --handshake-timeout --dial-timeout --idle-timeout --linger-timeout --stall-timeout --lifetime --reply-timeout --drain --access-log --log-format --status -v --verbose -q --quiet --config --check --user-switch --chroot --no-sandbox --extension --version --help' \
		    -- "$word")
		;;
	esac
}
complete -o filenames -F _tunnel_proxy tunnel-proxy
