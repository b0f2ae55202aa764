#!/bin/sh
# gate_floors.sh - the core does no I/O, and arrows go down only
set -u
BUILD=${BUILD:-build}
bad=0
tmp=$(mktemp)
trap 'rm -f "$tmp"' EXIT

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
	foreign=$(nm -A -u "$BUILD"/obj/core/*.o | awk -v libc="$libc" '
		BEGIN { n = split(libc, name); while (n > 0) ok[name[n--]] = 1 }
		{ room = $1; sub(/.*\//, "", room); sub(/\.o:.*/, "", room) }
		$NF ~ /^(tnl|tunnel)_/ || $NF in ok { next }
		room == "alloc" && $NF ~ /^(malloc|free)$/ { next }
		{ print room " imports " $NF }')
	[ -z "$foreign" ] || complain "$foreign"
	echo 'ok - the core imports nothing but the plain memory and string calls'
fi

# Floor and column of each room, in $level and $side: b is both, l knows HTTP, r
# knows bytes.
floor()
{
	case $1 in
	core/alloc | core/ascii | core/status)
		level=0 side=b ;;
	core/pool | core/ring)
		level=1 side=r ;;
	core/address | core/authority | core/base64 | core/body | \
	core/buf | core/challenge | core/emit | core/field | \
	core/framing | core/hash | core/head | core/hmac | core/hop | \
	core/md4 | core/md5 | core/outbox | core/passage | core/preface | \
	core/proof | core/sha256 | core/sha512 | core/socks_message | \
	core/target | core/transform | core/url | core/utf16)
		level=1 side=l ;;
	core/flow | core/pump | core/tuning | core/watch)
		level=2 side=r ;;
	core/answer | core/auth | core/basic | core/claim | core/client | \
	core/digest | core/external | core/forward | \
	core/forward_answer | core/forward_end | core/forward_loss | \
	core/forward_reply | core/forward_request | core/forward_setup | \
	core/guard | core/inquiry | core/judge | core/nonces | \
	core/ntlm | core/ntlm_key | core/ntlm_message | core/recast | \
	core/refusal | core/reply | core/request | core/scheme | \
	core/server | core/socks | core/user_table | core/users)
		level=2 side=l ;;
	net/bypass | net/carrier | net/io_fd | net/io_join | \
	net/io_join_sosplice | net/io_nojoin | net/io_nosplice | \
	net/io_splice | net/link | net/link_forward | net/random | \
	net/relay | net/sides | net/socket | net/socket_linux | \
	net/socket_posix | net/stream)
		level=3 side=b ;;
	net/backend | net/cores | net/cores_linux | net/cores_posix | \
	net/dial | net/heap | net/hops | net/loop | net/loop_epoll | \
	net/loop_kqueue | net/loop_poll | net/policy | net/query | \
	net/race | net/resolve | net/route | net/rule | net/tasks | \
	net/timer | net/watches)
		level=4 side=b ;;
	net/arrival | net/census | net/chain | net/crew | net/departure | \
	net/dialling | net/face | net/foreign | net/listener | \
	net/opening | net/passing | net/proxy | net/session | \
	net/settings | net/speech | net/stages | net/upstream | \
	net/worker)
		level=5 side=b ;;
	*) level=none ;;
	esac
}

grep '^#include "' lib/*/*.[ch] |
	sed 's|^lib/\(.*\)\.[ch]:#include "\(.*\)\.h"$|\1 \2|' > "$tmp"
while read -r room other; do
	floor "$room"
	[ $level = none ] && { complain "$room has no floor in this script"; continue; }
	here=$level column=$side
	floor "$other"
	[ $level = none ] && { complain "$room includes $other"; continue; }
	[ $level -le $here ] || complain "$room looks up at $other"
	case $column$side in
	lr | rl) complain "$room looks across at $other" ;;
	esac
done < "$tmp"
for f in lib/*/*.c; do
	room=${f#lib/}
	floor "${room%.c}"
	[ $level != none ] || complain "$room has no floor in this script"
done

# The core includes the plain headers of ISO C, and nothing from above.
grep '^#include <' lib/core/*.[ch] | grep -v 'include <\(tunnel/\|assert\.h\|limits\.h\|stddef\.h\|stdint\.h\|string\.h\)' |
	grep -v '^lib/core/alloc\.c:#include <stdlib\.h>' > "$tmp" &&
	complain "the core includes system headers: $(cat "$tmp")"
grep '^#include <tunnel/\(io\|link\|relay\|loop\|dial\|resolve\|policy\|proxy\|session\)' \
	lib/core/*.[ch] > "$tmp" &&
	complain "the core includes a floor above: $(cat "$tmp")"
[ "$bad" = 0 ] && echo 'ok - arrows go down, and the columns do not meet'
exit $bad
