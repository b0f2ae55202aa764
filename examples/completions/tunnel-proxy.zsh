#compdef tunnel-proxy
# zsh completion for tunnel-proxy(1)
_arguments -s \
	'*'{-l,--listen}'[ADDR:PORT, unix:PATH or fd:N]:where:' \
	'*'--socks'[the same for clients that speak SOCKS5]:where:' \
	'*'--forward'[also pass on requests for http:// URLs]' \
	'*'--upstream'[reach targets through this proxy]:url:' \
	'*'--upstream-credentials'[log in there for all clients]:file:_files' \
	'*'--upstream-auth'[log in by one of these, the best first]:list:' \
	'*'--upstream-rest'[rejected credentials are not sent for a second, then for longer, up to S]:s:' \
	'*'--no-proxy'[reach these without --upstream]:list:' \
	'*'--bind'[dial from this address]:addr:' \
	'*'{-4,--ipv4}'[dial only IPv4]' \
	'*'{-6,--ipv6}'[dial only IPv6]' \
	'*'--proxy-protocol'[accept]:word:(accept send send-v2)' \
	'*'--allow'[allow targets]:rule:' \
	'*'--deny'[a name, *.suffix, *, an address or ADDR/BITS, PORTS like 22,8000-8099 or *]:rule:' \
	'*'--allow-client'[let in clients at *, an address or ADDR/BITS]:block:' \
	'*'--deny-client'[keep them out]:block:' \
	'*'--user'[let in only who knows these]:user:password:' \
	'*'--auth-file'[or who is in FILE, of htdigest(1)]:file:_files' \
	'*'--realm'[what users log in to]:text:' \
	'*'--threads'[as many threads]:n:' \
	'*'--max-tunnels'[at most so many at a time]:n:' \
	'*'--max-per-client'[connections of one address]:n:' \
	'*'--max-handshakes'[requests under way]:n:' \
	'*'--max-head'[bytes of a requests head]:size:' \
	'*'--accept-rate'[new connections a second]:n:' \
	'*'--buffer'[for each direction of a tunnel]:size:' \
	'*'--memory'[for all of them]:size:' \
	'*'--handshake-timeout'[for a whole request head]:s:' \
	'*'--dial-timeout'[to reach a target]:s:' \
	'*'--idle-timeout'[of a tunnel without a byte]:s:' \
	'*'--linger-timeout'[of a half-closed tunnel without a byte]:s:' \
	'*'--stall-timeout'[of a reader that takes nothing]:s:' \
	'*'--lifetime'[of a tunnel]:s:' \
	'*'--reply-timeout'[of a request that is passed on, without a byte]:s:' \
	'*'--drain'[for tunnels to end after SIGTERM]:s:' \
	'*'--access-log'[a line for each tunnel]:file:_files' \
	'*'--log-format'[text or json]:format:(text json)' \
	'*'--status'[a page for people]:addr:port:' \
	'*'{-v,--verbose}'[tell of each tunnel on standard error]' \
	'*'{-q,--quiet}'[say nothing on standard error]' \
	'*'--config'[more options, one a line, without --]:file:_files' \
	'*'--check'[only say what would be done]' \
	'*'--user-switch'[become this user once the ports are open]:user:group:_users' \
	'*'--chroot'[see nothing but DIR from then on]:dir:_files -/' \
	'*'--no-sandbox'[filter no system calls, restrict no files]' \
	'*'--extension'[a shared object whose hooks are called as well]:file:_files' \
	'*'--version'[print the version]' \
	'--help[print this]' \
	'*:: :'
