#!/bin/sh
# gate_install.sh - an installed library can be found, linked and taken away
set -u
BUILD=${BUILD:-build}
CC=${CC:-cc}
CFLAGS=${CFLAGS:-}
MAKE=${MAKE:-make}
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
bad=0

complain()
{
	echo "install: $*"
	bad=1
}

# A prefix of its own: with DESTDIR the .pc file would name another place.
set -- BUILD="$BUILD" PREFIX="$tmp/usr"
"$MAKE" -s "$@" install > "$tmp/log" 2>&1 || complain "$(cat "$tmp/log")"

cat > "$tmp/program.c" << 'EOT'
#include <stdio.h>
#include <tunnel.h>
int main(void)
{
	struct tunnel_client *c = tunnel_client_new(NULL);

	puts(tunnel_strerror(tunnel_client_target(c, "127.1", 22)));
	tunnel_client_free(c);
	return 0;
}
EOT
want='the target is not a valid host:port'
if command -v pkg-config > /dev/null; then
	PKG_CONFIG_PATH=$tmp/usr/lib/pkgconfig
	export PKG_CONFIG_PATH
	flags=$(pkg-config --cflags --libs libtunnel)
	static=$(pkg-config --cflags --libs --static libtunnel)
else
	[ "${TUNNEL_REQUIRE:-0}" = 1 ] && complain 'pkg-config is missing'
	echo 'skipped: no pkg-config, its flags are guessed'
	flags="-I$tmp/usr/include -L$tmp/usr/lib -ltunnel"
	static=$flags
fi
# shellcheck disable=SC2086
{
	$CC $CFLAGS -o "$tmp/shared" "$tmp/program.c" $flags &&
		[ "$(LD_LIBRARY_PATH=$tmp/usr/lib "$tmp/shared")" = "$want" ] ||
		complain 'with the shared library'
	ldd "$tmp/shared" 2> /dev/null | grep -q 'libtunnel.so.0' ||
		complain 'the soname is not libtunnel.so.0'
	$CC $CFLAGS -o "$tmp/static" "$tmp/program.c" -Wl,-Bstatic $static \
		-Wl,-Bdynamic && [ "$("$tmp/static")" = "$want" ] ||
		complain 'with the static library'
}
[ "$("$tmp/usr/bin/tunnel-connect" --version | wc -w)" = 2 ] ||
	complain 'tunnel-connect --version'

for p in "$tmp"/usr/bin/*; do
	[ -f "$tmp/usr/share/man/man1/${p##*/}.1" ] || complain "no page of $p"
done

"$MAKE" -s "$@" uninstall > "$tmp/log" 2>&1 || complain "$(cat "$tmp/log")"
find "$tmp/usr" ! -type d > "$tmp/left"
[ -s "$tmp/left" ] && complain "left behind: $(cat "$tmp/left")"
"$MAKE" -s BUILD="$BUILD" DESTDIR="$tmp/dest" PREFIX=/opt/x install \
	> "$tmp/log" 2>&1 || complain "$(cat "$tmp/log")"
[ -f "$tmp/dest/opt/x/share/man/man7/tunnel.7" ] || complain 'DESTDIR'
grep -q '^prefix=/opt/x$' "$tmp/dest/opt/x/lib/pkgconfig/libtunnel.pc" ||
	complain 'libtunnel.pc names another prefix than it was installed with'
[ "$bad" = 0 ] && echo 'ok - install, pkg-config, shared, static, uninstall'
exit $bad
