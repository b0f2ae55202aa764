#!/bin/sh
# gate_amalgamation.sh - one file and one header serve who vendors the library
set -u
BUILD=${BUILD:-build}
MAKE=${MAKE:-make}
dir=$BUILD/amalgamation
bad=0

say() { echo "amalgamation: $*"; bad=1; }

"$MAKE" -s BUILD="$BUILD" amalgamation || exit 1
cat > "$dir/vendor.c" <<'C'
#include "tunnel.h"
#include <stdio.h>

int
main(void)
{
	struct tunnel_client *c = tunnel_client_new(NULL);
	const char *head;
	size_t n;

	if (c == NULL || tunnel_client_target(c, "a.example", 22) < 0 ||
	    tunnel_client_start(c) < 0)
		return 1;
	head = tunnel_client_peek(c, &n);
	(void)fwrite(head, 1, n, stdout);
	tunnel_client_free(c);
	return 0;
}
C
for cc in gcc clang; do
	command -v $cc > /dev/null || continue
	for part in core net; do
		for std in c99 c11; do
			$cc -std=$std -pedantic -pthread -Wall -Wextra -Werror -I"$dir/$part" \
				-o "$dir/vendor" "$dir/vendor.c" "$dir/$part/tunnel.c" ||
				say "$part is not clean as $std with $cc"
		done
		"$dir/vendor" | grep -q '^CONNECT a.example:22 HTTP/1.1' ||
			say "$part with $cc asks for no tunnel"
	done
done
# The core alone needs no system: memory, and plain functions on it.
cc -DNDEBUG -c -o "$dir/core.o" "$dir/core/tunnel.c" &&
	nm -u "$dir/core.o" | awk '{ print $2 }' |
	grep -vxE '_GLOBAL_OFFSET_TABLE_|__stack_chk_fail|malloc|free|mem[a-z]+|str[a-z]+' &&
	say 'the core needs these of the system'
[ "$bad" = 0 ] && echo 'ok - amalgamation'
exit $bad
