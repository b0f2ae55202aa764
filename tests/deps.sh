#!/bin/sh
# deps.sh - install what the tests need, or say what would be installed
#
# The library and the programs need a C compiler and make; all of this is for
# the tests: CMocka, and the real programs that are the tests' peers.
set -u

apt='gcc g++ libc6-dev binutils libcmocka-dev libuv1-dev libglib2.0-dev
	libssl-dev clang libclang-rt-14-dev pkg-config mandoc python3
	openssh-client openssh-server squid apache2-bin tinyproxy haproxy curl openssl git
	proxytunnel corkscrew connect-proxy ncat netcat-openbsd chromium strace
	valgrind winbind krb5-kdc krb5-admin-server krb5-user zsh fish swaks
	nginx-light wget vsftpd python3-pyftpdlib luajit python3-cffi
	abigail-tools afl++ cmake socat libcurl4 gcovr clang-tidy clang-tools
	cppcheck'
# Languages, which are often there otherwise than by these packages.
for p in rustc:rustc node:nodejs npm:npm go:golang-go; do
	command -v ${p%:*} > /dev/null || apt="$apt ${p#*:}"
done

missing()
{
	for p in $apt; do
		dpkg-query -W -f '${Status}' "$p" 2> /dev/null |
			grep -q 'install ok installed' || printf ' %s' "$p"
	done
}

# Debian starts a server as soon as it is installed, unless it is told not to.
without_services()
{
	policy=/usr/sbin/policy-rc.d
	if [ -e $policy ]; then
		"$@"
		return
	fi
	printf '#!/bin/sh\nexit 101\n' | $sudo tee $policy > /dev/null
	$sudo chmod 755 $policy
	"$@"
	set -- $?
	$sudo rm -f $policy
	return "$1"
}

if command -v apt-get > /dev/null; then
	want=$(missing)
	if [ -z "$want" ]; then
		echo 'deps: all there'
		exit 0
	fi
	if [ "$(id -u)" = 0 ]; then
		sudo=
	elif command -v sudo > /dev/null; then
		sudo=sudo
	else
		echo "deps: please run as root: apt-get install$want"
		exit 1
	fi
	echo "deps: installing$want"
	$sudo apt-get update -q || echo 'deps: apt-get update failed; going on'
	for p in $want; do
		if ! apt-cache show "$p" > /dev/null 2>&1; then
			echo "deps: there is no package $p here"
			want=$(echo "$want " | sed "s/ $p / /")
		fi
	done
	export DEBIAN_FRONTEND=noninteractive
	# shellcheck disable=SC2086
	without_services $sudo apt-get install -q -y --no-install-recommends $want
	exit $?
fi

cat << 'TEXT'
deps: this system has no apt-get.  Please install, by the names they have here:
  CMocka (library and headers), pkg-config, mandoc, Python 3, OpenSSH (client and
  server), squid, apache2 (httpd), tinyproxy, haproxy, curl, openssl, git,
  proxytunnel, corkscrew, connect-proxy, ncat, OpenBSD nc, Chromium, libuv, GLib,
  OpenSSL's headers, a C++ compiler, clang, strace, valgrind, Samba's ntlm_auth,
  MIT Kerberos (KDC, kadmin, kinit), zsh, fish, swaks, nginx, wget, vsftpd,
  pyftpdlib, LuaJIT, Node.js with npm, Rust's compiler, Go, cffi for Python,
  libabigail's tools, AFL++, CMake, socat, libcurl, gcovr, clang-tidy,
  scan-build, cppcheck
Tests whose peers are missing are skipped and named; without CMocka none run.
TEXT
