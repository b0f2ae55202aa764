#!/bin/sh
# gate_floors.sh - the core does no I/O, and arrows go down only
set -u
BUILD=${BUILD:-build}
bad=0

complain()
{
	echo "floors: $*"
	bad=1
}

# What the objects of the core need from outside.
libc='memcpy memmove memset memcmp memchr strlen strcmp strncmp strchr
	__assert_fail __stack_chk_fail _GLOBAL_OFFSET_TABLE_'
if nm -u "$BUILD"/obj/core/*.o | grep -q '__[aum]san\|__ubsan\|__gcov'; then
	echo 'skipped: the objects are instrumented, their imports say nothing'
else
	for o in "$BUILD"/obj/core/*.o; do
		room=$(basename "$o" .o)
		for s in $(nm -u "$o" | awk '{ print $2 }'); do
			case $s in tnl_* | tunnel_*) continue ;; esac
			[ "$room" = alloc ] && case $s in malloc | free) continue ;;
			esac
			echo $libc | tr -s ' \t' '\n\n' | grep -qx "$s" ||
				complain "$room imports $s"
		done
	done
	echo 'ok - the core imports nothing but the plain memory and string calls'
fi

# Floor and column of each room: b is both, l knows HTTP, r knows bytes.
floor()
{
	case $1 in
	core/status | core/alloc | core/ascii) echo 0 b ;;
	core/ring | core/pool) echo 1 r ;;
	core/buf | core/emit | core/head | core/field | core/authority | \
	core/address | core/url | core/body | core/base64 | core/outbox | \
	core/md5 | core/preface)
		echo 1 l ;;
	core/flow | core/watch | core/pump | core/tuning) echo 2 r ;;
	core/client | core/server | core/answer | core/request | core/reply | core/judge | \
	core/refusal | core/credentials | core/users) echo 2 l ;;
	net/socket | net/socket_linux | net/socket_posix | net/io_fd | \
	net/io_splice | net/io_nosplice | net/stream | \
	net/bypass | net/carrier | net/link | net/relay | \
	net/sides) echo 3 b ;;
	net/policy | net/rule | net/heap | net/backend | net/loop | \
	net/loop_epoll | net/loop_kqueue | net/loop_poll | net/tasks | \
	net/timer | net/watches | net/query | net/resolve | net/race | \
	net/hops | net/route | net/dial) echo 4 b ;;
	net/cores | net/cores_linux | net/cores_posix) echo 4 b ;;
	net/census | net/chain | net/listener | net/proxy | net/worker | net/session | \
	net/stages | net/arrival | net/opening | net/departure | net/face | \
	net/settings | net/crew) echo 5 b ;;
	*) echo none ;;
	esac
}

for f in lib/core/*.[ch] lib/net/*.[ch]; do
	room=${f#lib/}
	room=${room%.[ch]}
	set -- $(floor "$room")
	[ "$1" = none ] && { complain "$room has no floor in this script"; continue; }
	here=$1 column=$2
	for i in $(sed -n 's/^#include "\(.*\)\.h"/\1/p' "$f"); do
		set -- $(floor "$i")
		[ "$1" = none ] && { complain "$f includes $i"; continue; }
		[ "$1" -le "$here" ] || complain "$f looks up at $i"
		case $column$2 in
		lr | rl) complain "$f looks across at $i" ;;
		esac
	done
	case $room in core/alloc) std='stdlib\.h' ;; core/*) std=none ;;
	*) continue ;; esac
	sed -n 's/^#include <\(.*\)>/\1/p' "$f" | grep -v '^tunnel/' |
		grep -vx 'assert\.h\|limits\.h\|stddef\.h\|stdint\.h\|string\.h' |
		grep -vx "$std" && complain "$f includes these system headers"
	head -n 60 "$f" | grep -q "^#include <tunnel/\(io\|link\|relay\)" &&
		complain "$f includes a header of a floor above"
done
[ "$bad" = 0 ] && echo 'ok - arrows go down, and the columns do not meet'
exit $bad
