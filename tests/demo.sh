#!/bin/sh
# make demo: what the two programs do, on this machine and for real.
#
# It needs nothing but sh.  With ssh, sshd and ssh-keygen here, a real ssh
# session goes through the tunnel; otherwise a dialogue in the manner of SMTP.
# Either way it ends with bytes that are compared one by one.

set -u
build=${BUILD:-build}
case $build in /*) ;; *) build=$PWD/$build ;; esac
connect=$build/tunnel-connect
peer=$build/tests/demo_peer
size=8388608
limit=10

# What the caller's environment says of proxies is not meant for this.
unset https_proxy HTTPS_PROXY all_proxy ALL_PROXY no_proxy NO_PROXY
unset TUNNEL_PROXY_PASSWORD

dir=$(mktemp -d) || exit 1
pids=
rundir=

cleanup() {
	trap - EXIT HUP INT TERM
	for pid in $pids; do
		kill "$pid" 2>/dev/null
		wait "$pid" 2>/dev/null
	done
	if [ -n "$rundir" ]; then
		rmdir "$rundir" 2>/dev/null
	fi
	rm -rf "$dir"
}
trap cleanup EXIT
trap 'exit 1' HUP INT TERM

fail() {
	echo "demo: FAILED: $*"
	if [ -s "$dir/log" ]; then
		sed 's/^/    /' "$dir/log"
	fi
	exit 1
}

# Start a server in the background and wait for the line in which it tells its
# address: the last word of that is $address.  Its process is $started.
start() {
	mkfifo "$dir/says" || fail "mkfifo"
	"$@" > "$dir/says" 2>> "$dir/log" &
	started=$!
	pids="$pids $started"
	read -r line < "$dir/says" || fail "$1 did not start"
	rm "$dir/says"
	address=${line##* }
}

# Run a command, which has failed if it takes too long.
limited() {
	"$peer" within $limit "$@"
}

# ---- the proxy --------------------------------------------------------

"$peer" bytes $size > "$dir/up" && [ -s "$dir/up" ] || fail "no test bytes"
# The other direction carries other bytes.
{ echo "the way back"; cat "$dir/up"; } > "$dir/down"

start "$build/tunnel-proxy" -v -l 127.0.0.1:0 --allow 127.0.0.0/8
proxy=$address
echo "1. tunnel-proxy listens on $proxy and allows tunnels to 127.0.0.0/8."

# ---- ssh, or a dialogue -----------------------------------------------

# A throwaway sshd, started for each connection by demo_peer, since sshd itself
# cannot pick a port and tell it.  1 and the reason in $why if it will not do.
start_sshd() {
	why="ssh, sshd and ssh-keygen are not all here"
	sshd=$(PATH=$PATH:/usr/sbin:/usr/local/sbin:/sbin command -v sshd) &&
		command -v ssh > /dev/null &&
		command -v ssh-keygen > /dev/null || return 1
	case $sshd in /*) ;; *) return 1 ;; esac
	why="ssh-keygen makes no key"
	for key in host user; do
		ssh-keygen -q -t ed25519 -N '' -C demo -f "$dir/$key" \
			> "$dir/keygen" 2>&1 || return 1
	done
	cat > "$dir/sshd_config" <<-EOF
		HostKey $dir/host
		AuthorizedKeysFile $dir/user.pub
		PidFile none
		UsePAM no
		StrictModes no
		PasswordAuthentication no
	EOF
	# The system's own start of sshd would have made this directory.
	if [ "$(id -u)" = 0 ] && [ ! -e /run/sshd ] &&
		mkdir -m 755 /run/sshd 2>/dev/null; then
		rundir=/run/sshd
	fi
	why="sshd does not start here"
	"$sshd" -t -f "$dir/sshd_config" 2> "$dir/why" || return 1
	start "$peer" run "$sshd" -i -f "$dir/sshd_config" -E "$dir/sshd.log"
	printf 'demo %s\n' "$(cat "$dir/host.pub")" > "$dir/known"
	cat > "$dir/ssh_config" <<-EOF
		Host *
		HostName 127.0.0.1
		Port $address
		HostKeyAlias demo
		UserKnownHostsFile $dir/known
		GlobalKnownHostsFile none
		StrictHostKeyChecking yes
		IdentityFile $dir/user
		IdentitiesOnly yes
		BatchMode yes
		LogLevel ERROR
		Host through
		ProxyCommand "$connect" -x http://$proxy %h %p
	EOF
	# If sshd will not let this user in, that is not the tunnel's doing.
	why="sshd here does not let $(id -un) in"
	limited ssh -F "$dir/ssh_config" -o ConnectTimeout=5 direct true \
		< /dev/null > "$dir/why" 2>&1
}

through() {
	limited ssh -F "$dir/ssh_config" through "$@" 2>> "$dir/log"
}

if start_sshd; then
	echo "2. A throwaway sshd listens on 127.0.0.1:$address; ssh goes"
	echo "   there by ProxyCommand tunnel-connect -x http://$proxy %h %p"
	said=$(through 'echo "$SSH_CONNECTION"; exit 7' < /dev/null)
	[ $? = 7 ] || fail "the remote command's exit status did not come back"
	[ -n "$said" ] || fail "the remote command said nothing"
	echo "   A command there said: SSH_CONNECTION=$said"
	through cat < "$dir/up" > "$dir/back" || fail "ssh ... cat"
	cmp "$dir/up" "$dir/back" || fail "ssh changed bytes"
	echo "   $size bytes went up and came back through ssh, all the same."
else
	echo "2. No ssh session ($why): a dialogue instead."
	start "$peer" mail
	limited "$peer" talk "$connect" -x "http://$proxy" 127.0.0.1 \
		"$address" || fail "the dialogue went wrong"
fi

# ---- byte for byte ----------------------------------------------------

start "$peer" within $limit "$peer" swap "$dir/down" "$dir/up.got"
limited "$connect" -x "http://$proxy" 127.0.0.1 "$address" \
	< "$dir/up" > "$dir/down.got" 2>> "$dir/log" ||
	fail "tunnel-connect ended with status $?"
wait "$started" || fail "the server lost the connection"
cmp "$dir/up" "$dir/up.got" || fail "bytes changed on the way up"
cmp "$dir/down" "$dir/down.got" || fail "bytes changed on the way down"
echo "3. $size bytes up and $(($(wc -c < "$dir/down"))) bytes down, at the same"
echo "   time through one tunnel: every byte is what it was."
echo "demo: all went well."
