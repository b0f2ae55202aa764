#compdef tunnel-connect
# zsh completion for tunnel-connect(1)
_arguments -s \
	'*'{-x,--proxy}'[https://USER:PASSWORD@PROXY:PORT]:url:' \
	'*'--proxy-command'[the connection to the first proxy is standard input and output of CMD, in wh]:cmd:_command_names' \
	'*'--cacert'[who may have signed an https:// proxys certificate, instead of those openssl]:file:_files' \
	'*'{-u,--user}'[for the -x before it]:user:password:' \
	'*'--auth'[of negotiate,digest,ntlm,basic]:schemes:(negotiate digest ntlm basic)' \
	'*'--credentials-file'[lines of PROXYHOST:PORT USER:PASSWORD]:file:_files' \
	'*'--no-netrc'[do not look into ~/.netrc]' \
	'*'{-H,--header}'[one more field of the request]:name: value:' \
	'*'{-L,--forward}'[listen on PORT]:bind:port:host:hostport:' \
	'*'{-D,--socks}'[listen for clients that speak SOCKS5, and connect each to where it likes]:bind:port:' \
	'*'{-4,--ipv4}'[reach the proxy over IPv4 only]' \
	'*'{-6,--ipv6}'[over IPv6 only]' \
	'*'--keepalive'[after S seconds of silence ask whether the connection still stands]:s:' \
	'*'{-t,--connect-timeout}'[seconds until the tunnel must be open]:s:' \
	'*'{-i,--idle-timeout}'[end after S seconds without a byte]:s:' \
	'*'--linger-timeout'[seconds to wait for a silent standard input when the remote end has closed]:s:' \
	'*'--doctor'[try the way to HOST PORT, and say on standard output, step by step, what wor]' \
	'*'{-v,--verbose}'[show on standard error what happens]' \
	'*'{-q,--quiet}'[say nothing]' \
	'*'--version'[print the version]' \
	'--help[print this]' \
	'1:host:_hosts' '2:port:'
