#!/bin/sh
# deps.sh - install what the tests need, or say what would be installed
#
# The library and the programs need a C compiler and make; all of this is for the
# tests: CMocka, and the real programs that are the tests' peers.
set -u

apt='libcmocka-dev mandoc python3 openssh-client openssh-server squid tinyproxy
	curl openssl git proxytunnel corkscrew connect-proxy ncat
	netcat-openbsd g++ clang libclang-rt-14-dev procps'

if command -v apt-get > /dev/null; then
	missing=
	for p in $apt; do
		dpkg-query -W -f '${Status}' "$p" 2> /dev/null |
			grep -q 'install ok installed' || missing="$missing $p"
	done
	[ -z "$missing" ] && { echo 'deps: all there'; exit 0; }
	if [ "$(id -u)" = 0 ]; then
		sudo=
	elif command -v sudo > /dev/null; then
		sudo=sudo
	else
		echo "deps: as root: apt-get install$missing"
		exit 1
	fi
	echo "deps: installing$missing"
	# Distributions that start servers at once: not these.
	policy=/usr/sbin/policy-rc.d
	made=
	if [ ! -e $policy ]; then
		printf '#!/bin/sh\nexit 101\n' | $sudo tee $policy > /dev/null &&
			$sudo chmod 755 $policy && made=1
	fi
	$sudo apt-get update -q || echo 'deps: apt-get update failed; going on'
	DEBIAN_FRONTEND=noninteractive $sudo apt-get install -q -y \
		--no-install-recommends $missing
	status=$?
	[ -n "$made" ] && $sudo rm -f $policy
	exit $status
fi
cat << TEXT
deps: this system has no apt-get.  Please install, by the names they have here:
  CMocka (library and headers), mandoc, Python 3, OpenSSH client and server,
  squid, tinyproxy, curl, openssl, git, proxytunnel, corkscrew, connect-proxy,
  ncat, OpenBSD nc, a C++ compiler, clang
Tests of peers that are missing are skipped and named.
TEXT
TEXT=$(command -v cmocka-config 2> /dev/null || ls /usr/include/cmocka.h \
	/usr/local/include/cmocka.h 2> /dev/null)
[ -n "$TEXT" ] || { echo 'deps: CMocka is missing, without which nothing runs'; exit 1; }
