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
unset PKG_CONFIG_PATH PKG_CONFIG_LIBDIR PKG_CONFIG_SYSROOT_DIR

complain()
{
	echo "install: $*"
	bad=1
}

# missing PROGRAM: it is not there, which is wrong where all is required
missing()
{
	command -v "$1" > /dev/null && return 1
	if [ "${TUNNEL_REQUIRE:-0}" = 1 ]; then
		complain "$1 is missing"
	else
		echo "skipped: no $1"
	fi
}

run_make()
{
	"$MAKE" -s BUILD="$BUILD" "$@" > "$tmp/log" 2>&1 ||
		complain "$(cat "$tmp/log")"
}

# The places of a distribution, every directory another one than by default.
dest=$tmp/dest
set -- DESTDIR="$dest" prefix=/opt/x bindir=/opt/x/programs \
	libdir=/opt/x/lib/some-linux-gnu includedir=/opt/x/headers \
	datadir=/opt/data mandir=/opt/man
run_make "$@" install
for f in x/programs/tunnel-connect x/programs/git-through \
	x/lib/some-linux-gnu/libtunnel.so.0 x/headers/tunnel/client.h \
	man/man7/tunnel.7 man/man1/git-through.1 \
	data/fish/vendor_completions.d/tunnel-proxy.fish; do
	[ -f "$dest/opt/$f" ] || complain "no /opt/$f"
done
find "$dest" ! -type d ! -path "$dest/opt/*" > "$tmp/astray"
[ -s "$tmp/astray" ] && complain "elsewhere: $(cat "$tmp/astray")"
[ "$("$dest/opt/x/programs/tunnel-connect" --version | wc -w)" = 2 ] ||
	complain 'tunnel-connect --version'

for p in "$dest"/opt/x/programs/*; do
	[ -f "$dest/opt/man/man1/${p##*/}.1" ] || complain "no page of $p"
done

# By the .pc file alone, a program outside of the tree.
cp examples/cmake/surplus.c examples/cmake/CMakeLists.txt "$tmp"
lib=$dest/opt/x/lib/some-linux-gnu
says()
{
	LD_LIBRARY_PATH=$lib "$1" | grep -q '^SSH-2.0-server' ||
		complain "$1 does not say what it should"
}
if ! missing pkg-config; then
	PKG_CONFIG_PATH=$lib/pkgconfig
	PKG_CONFIG_SYSROOT_DIR=$dest
	export PKG_CONFIG_PATH PKG_CONFIG_SYSROOT_DIR
	flags=$(pkg-config --cflags --libs libtunnel)
	static=$(pkg-config --cflags --libs --static libtunnel)
	# shellcheck disable=SC2086
	$CC $CFLAGS -o "$tmp/shared" "$tmp/surplus.c" $flags && says "$tmp/shared"
	ldd "$tmp/shared" 2> /dev/null | grep -q 'libtunnel.so.0' ||
		complain 'the soname is not libtunnel.so.0'
	# shellcheck disable=SC2086
	$CC $CFLAGS -o "$tmp/static" "$tmp/surplus.c" -Wl,-Bstatic $static \
		-Wl,-Bdynamic && says "$tmp/static"
	ldd "$tmp/static" 2> /dev/null | grep 'libtunnel' &&
		complain 'the static library was not taken'
	grep -qx 'prefix=/opt/x' "$lib/pkgconfig/libtunnel.pc" ||
		complain 'libtunnel.pc has another prefix'
	if ! missing cmake; then
		for how in OFF ON; do
			{
				cmake -S "$tmp" -B "$tmp/cmake$how" \
					-DTUNNEL_STATIC=$how &&
					cmake --build "$tmp/cmake$how"
			} > "$tmp/log" 2>&1 || complain "$(cat "$tmp/log")"
			says "$tmp/cmake$how/surplus"
		done
		ldd "$tmp/cmakeON/surplus" 2> /dev/null | grep 'libtunnel' &&
			complain 'CMake did not take the static library'
	fi
fi

# Others have files in the same places, with names that are near ours.
touch "$lib/libtunnel.so.9" "$dest/opt/man/man1/cgi-gateway.1"
run_make "$@" uninstall
find "$dest" ! -type d | sort > "$tmp/left"
printf '%s\n' "$dest/opt/man/man1/cgi-gateway.1" "$lib/libtunnel.so.9" |
	diff - "$tmp/left" > "$tmp/log" ||
	complain "left behind, or taken along: $(cat "$tmp/log")"
[ -d "$dest/opt/x/headers/tunnel" ] && complain 'the directory of headers is left'

# The README's lists have every file once, and no other.
run_make DESTDIR="$tmp/plain" PREFIX=/usr install
(cd "$tmp/plain/usr" && find . ! -type d) | sed 's|^\./||' > "$tmp/files"
awk '/^In packages$/ { open = 1 } open && /^---/ && ++lines == 2 { exit }
	open && /^    lib/ { name = $1 }
	open && /^    / { for (i = 1; i <= NF; i++)
		if ($i ~ "/") print name, $i }' README > "$tmp/lists"
while read -r file; do
	n=0
	while read -r _ pattern; do
		# shellcheck disable=SC2254
		case $file in $pattern) n=$((n + 1)) ;; esac
	done < "$tmp/lists"
	[ $n = 1 ] || complain "README has $file in $n packages"
done < "$tmp/files"
while read -r _ pattern; do
	# shellcheck disable=SC2254
	while read -r file; do
		case $file in $pattern) echo "$file" ;; esac
	done < "$tmp/files" | grep -q . ||
		complain "README has $pattern, which is not installed"
done < "$tmp/lists"
[ "$(wc -l < "$tmp/lists")" -ge 8 ] || complain 'README has no lists'
[ "$bad" = 0 ] && echo 'ok - install, pkg-config, CMake, lists, uninstall'
exit $bad
