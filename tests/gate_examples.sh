#!/bin/sh
# gate_examples.sh - the examples of the manual compile, link and run
#
# A block that begins with #include is a file of C, one with import a program in
# Python.  What has main is run; what ends by SIGTERM is a proxy, and is asked.
set -u
BUILD=${BUILD:-build}
CC=${CC:-cc}
CFLAGS=${CFLAGS:-}
PYTHON=${PYTHON:-python3}
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
bad=0

complain()
{
	echo "examples: $*"
	bad=1
}

# without WHAT WHY
without()
{
	echo "skipped $1: $2"
	[ "${TUNNEL_REQUIRE:-0}" = 1 ] && bad=1
}

extract()
{
	awk -v base="$tmp/$(basename "$1")" '
		/^\.Bd -literal/ { open = 1; first = 1; next }
		/^\.Ed/ { open = 0; name = ""; next }
		open && first {
			first = 0
			if (/^#include/) name = base "." ++n ".c"
			if (/^import/) name = base "." ++n ".py"
		}
		open && name != "" { gsub(/\\e/, "\\"); gsub(/\\&/, ""); print > name }
		' "$1"
}

for f in man/*.[37]; do
	extract "$f"
done
# The README's example needs a clock, which its reader has.
awk '/^    #include/ { open = 1 } /^[^ ]/ { open = 0 }
	open { sub(/^    /, ""); print
		if (/tunnel.h/) print "static uint64_t now_ms(void);" }
	END { print "static uint64_t now_ms(void) { return 0; }" }' README \
	> "$tmp/README.1.c"

# package FILE: what it needs besides, as pkg-config knows it.
package()
{
	sed -n 's/^#include <uv\.h>/libuv/p; s/^#include <glib\.h>/glib-2.0/p
		s/^#include <openssl\/ssl\.h>/openssl/p' "$1"
}

# gone PID: has it ended within ten seconds?
gone()
{
	tries=0
	while kill -0 "$1" 2> /dev/null; do
		tries=$((tries + 1))
		[ "$tries" -gt 200 ] && return 1
		sleep 0.05
	done
}

# A proxy says where it is, refuses what is special, and ends when told to.
run_proxy()
{
	"$1" 127.0.0.1:0 > "$1.said" 2>&1 &
	pid=$!
	tries=0
	until [ -s "$1.said" ] || [ "$tries" -gt 200 ]; do
		tries=$((tries + 1))
		sleep 0.05
	done
	"$BUILD/tunnel-connect" -x "$(cat "$1.said")" 127.0.0.1 22 \
		2> "$1.told" < /dev/null
	grep -q ': 403 ' "$1.told" ||
		complain "$(basename "$1") refuses nothing: $(cat "$1.told")"
	kill "$pid"
	gone "$pid" || { kill -9 "$pid"; complain "$(basename "$1") stays"; }
	wait "$pid" || complain "$(basename "$1") ends with $?"
}

# Others end by themselves, and have something to say.
run_program()
{
	"$@" > "$tmp/said" 2>&1 &
	pid=$!
	gone "$pid" || { kill -9 "$pid"; complain "$(basename "$1") hangs"; }
	wait "$pid" && [ -s "$tmp/said" ] ||
		complain "$* ends with $?: $(cat "$tmp/said")"
}

# What serves until it is killed fails where nobody can listen.
run_in_vain()
{
	"$1" nowhere > "$tmp/said" 2>&1 && complain "$(basename "$1") listens"
	[ -s "$tmp/said" ] || complain "$(basename "$1") does not say why not"
}

# Only now is it known whether the package is there.
compile()
{
	p=$(package "$1")
	if [ -n "$p" ] && ! pkg-config --exists "$p" 2> /dev/null; then
		without "an example with $p" 'it is not there'
		return 1
	fi
	if grep -q 'sys/epoll' "$1" && [ "$(uname -s)" != Linux ]; then
		without 'the example with epoll' 'this is not Linux'
		return 1
	fi
	flags=$([ -n "$p" ] && pkg-config --cflags "$p")
	libs=$([ -n "$p" ] && pkg-config --libs "$p")
	# shellcheck disable=SC2086
	$CC -std=c99 -D_POSIX_C_SOURCE=200809L -Wall -Wextra -Werror $CFLAGS \
		-Iinclude $flags -c -o "$1.o" "$1" || {
		complain "$(basename "$1") does not compile"
		return 1
	}
	grep -q '^main' "$1" || return 1
	# shellcheck disable=SC2086
	$CC $CFLAGS -o "$1.out" "$1.o" "$BUILD/libtunnel.a" $libs -pthread || {
		complain "$(basename "$1") does not link"
		return 1
	}
}

count=0
ran=0
for f in "$tmp"/*.c; do
	count=$((count + 1))
	compile "$f" || continue
	ran=$((ran + 1))
	if grep -q SIGTERM "$f"; then
		run_proxy "$f.out"
	elif grep -q tunnel_proxy_run "$f"; then
		run_in_vain "$f.out"
	else
		run_program "$f.out"
	fi
done
LD_LIBRARY_PATH=$(cd "$BUILD" && pwd)
export LD_LIBRARY_PATH
for f in "$tmp"/*.py; do
	count=$((count + 1))
	if nm -D "$BUILD/libtunnel.so" | grep -q '__[atm]san\|__ubsan'; then
		echo 'skipped the example in Python: the library is instrumented'
	elif command -v "$PYTHON" > /dev/null; then
		ran=$((ran + 1))
		run_program "$PYTHON" "$f"
	else
		without 'the example in Python' 'it is not there'
	fi
done
[ "$count" -ge 25 ] || complain "only $count examples were found"
[ "$bad" = 0 ] && echo "ok - $count examples compile, $ran of them run"
exit $bad
