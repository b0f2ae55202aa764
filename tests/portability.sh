#!/bin/sh
# portability.sh - the library on other compilers, C libraries, machines and
# systems: built, and its tests run
#
#     portability.sh [PART]...
#
# PART is one of standards tcc musl i686 armhf aarch64 s390x windows kqueue bare.
#
# What is not installed is left out and named; TUNNEL_REQUIRE=1 makes that a
# failure, but for libkqueue.  deps_portability.sh installs the rest.
set -u

BUILD=${BUILD:-build}
MAKE=${MAKE:-make}
PYTHON=${PYTHON:-python3}
ALL=$BUILD/portability
CMOCKA=$ALL/cmocka
few=                    # options for tunnel-proxy
mkdir -p "$ALL"

. tests/parts.sh

# The tests of the core, and what they are made of.
core_tests()
{
	for t in address authority base64 challenge claim client client_auth \
		client_request client_schemes digest digest_examples forward \
		forward_limits forward_serve forward_table guard hash head \
		hmac nonces ntlm ntlm_key ntlm_limits ntlm_message pair pool \
		preface proof pump pump_model pump_times ring server \
		server_reply socks socks_message status url users utf16; do
		printf ' tests/test_%s.c' "$t"
	done
}

core_helpers()
{
	for h in client_rig digest_rig forward_rig ntlm_rig oom page pump_rig \
		server_rig socks_rig split vectors; do
		printf ' tests/helper_%s.c' "$h"
	done
}

# cmocka DIR CC [FLAGS]: the test library for that compiler.
cmocka()
{
	mkdir -p "$1/lib"
	[ -f "$1/lib/libcmocka.a" ] && return
	sed 's/^#cmakedefine.*/ /' "$CMOCKA/config.h.cmake" > "$1/lib/config.h"
	# shellcheck disable=SC2086
	$2 ${3:-} -w -O1 -I"$1/lib" -I"$CMOCKA/include" -DHAVE_INTTYPES_H \
		-DHAVE_STDINT_H -DHAVE_MALLOC_H -DHAVE_SIGNAL_H \
		-DHAVE_STRINGS_H -DHAVE_TIME_H -DHAVE_STRUCT_TIMESPEC \
		-DHAVE_SNPRINTF -DHAVE_VSNPRINTF -DHAVE_UNISTD_H \
		-DHAVE_GCC_THREAD_LOCAL_STORAGE -D_GNU_SOURCE \
		-c -o "$1/lib/cmocka.o" "$CMOCKA/src/cmocka.c" &&
		ar rcs "$1/lib/libcmocka.a" "$1/lib/cmocka.o"
}

# built NAME DIR VARIABLE-OR-TARGET...: made in DIR.
built()
{
	name=$1
	dir=$2
	shift 2
	"$MAKE" -s -j2 BUILD="$dir" LIBUV= "$@" > "$dir.log" 2>&1
	set -- $?
	[ "$1" = 0 ] || say "$name: build" 1 "$dir.log"
	return "$1"
}

strict='-pedantic-errors -Werror'

# native NAME CC CPPFLAGS VARIABLE-OR-TARGET...
native()
{
	name=$1 cc=$2 cppflags=$3
	shift 3
	dir=$ALL/$(echo "$name" | tr ' ' '-')
	mkdir -p "$dir"
	built "$name" "$dir" CC="$cc" CFLAGS='-O1' CPPFLAGS="$cppflags" "$@" &&
		 ran "$name" "$dir"
}

# numbers COMPILER MACHINE COLUMN: what the sandbox takes for a system call's number
# is it, by the kernel's headers; those that these do not know yet are left.
numbers()
{
	"$1" -dumpmachine 2> /dev/null | grep -q "^$2-.*linux" || return
	sed -n 's/C(\([a-z0-9_]*\), \(-*[0-9]*\), \(-*[0-9]*\))/\
@ \1 \2 \3\
/gp' examples/sandbox_calls.c | awk -v column="$3" '
		BEGIN { print "#include <asm/unistd.h>" }
		$1 != "@" || $2 == "name" { next }
		{ print "#if" (($column < 0) ? "def" : "ndef"), "__NR_" $2 }
		$column < 0 { print "#error there is a", $2 }
		$column >= 0 { print "#elif __NR_" $2, "!=", $column
			print "#error this is not", $2 }
		{ print "#endif" }' > "$ALL/numbers.c"
	grep -q '__NR_execve != ' "$ALL/numbers.c" &&
		"$1" -fsyntax-only "$ALL/numbers.c" > "$ALL/numbers.log" 2>&1
	say "$2: numbers of system calls" $? "$ALL/numbers.log"
}

standards()
{
	numbers gcc x86_64 3
	for cc in gcc clang; do
		have $cc $cc || continue
		for std in c99 c11 c17 c2x; do
			native "$cc $std" $cc "-std=$std $strict" \
				lib unit-tests
		done
	done
}

# It has no atomic operations, which the loop needs.
tiny_cc()
{
	have tcc tcc || return
	# It does not take what make would learn the headers by.
	cat > "$ALL/tcc.sh" << 'TEXT'
for a in "$@"; do
	shift
	case $a in -MMD | -MP) continue ;; esac
	set -- "$@" "$a"
done
exec tcc "$@"
TEXT
	native 'tcc core' "sh $ALL/tcc.sh" -std=c99 NET= \
		TEST_SRC="$(core_tests)" HELPER_SRC="$(core_helpers)" \
		unit-tests
}

# e2e WHAT DIR WORD...: those tests, with the programs of DIR.
e2e()
{
	what=$1
	programs=$2
	shift 2
	TUNNEL_BUILD=$programs "$PYTHON" tests/e2e/run.py "$@" \
		> "$programs.log" 2>&1
	say "$what" $? "$programs.log"
}

# tunnel NAME DIR RUNNER...: what the programs of DIR carry.
tunnel()
{
	name=$1
	dir=$2
	shift 2
	mkdir -p "$dir/run"
	for p in tunnel-connect "tunnel-proxy $few"; do
		printf '#!/bin/sh\nexec %s %s/%s "$@"\n' "$*" \
			"$(cd "$dir" && pwd)" "$p" > "$dir/run/${p%% *}"
		chmod 755 "$dir/run/${p%% *}"
	done
	e2e "$name: tunnels by both programs" "$dir/run" test_carry \
		test_connect.Replies
}

# machine NAME COMPILER AR RUNNER: with a cross compiler, on an emulated processor.
machine()
{
	have "$1" "$2" "$4" "$CMOCKA" || return
	dir=$ALL/$1
	cmocka "$dir" "$2"
	# Linked statically, it needs no system of that kind.
	built "$1" "$dir" CC="$2" AR="$3" CFLAGS='-O1' \
		CPPFLAGS="-isystem $CMOCKA/include $strict" \
		LDFLAGS="-static -L$dir/lib" LIBDL= unit-tests \
		"$dir/tunnel-connect" "$dir/tunnel-proxy" || return
	ran "$1" "$dir" "$4"
	tunnel "$1" "$dir" "$4"
}

# Another libc makes other system calls: what the sandbox lets through.  Linked
# statically it loads no extension, so the same objects are linked again.
musl()
{
	machine musl musl-gcc ar env || return
	dir=$ALL/musl
	e2e 'musl: tunnel-proxy in its sandbox' "$dir" test_proxy. \
		test_operation test_placement
	shared=$dir/shared
	mkdir -p "$shared"
	cp -Rp "$dir/obj" "$dir/libtunnel.a" "$shared"
	built 'musl, shared' "$shared" CC=musl-gcc CFLAGS='-O1' LIBDL= \
		CPPFLAGS="$strict" "$shared/tunnel-connect" \
		"$shared/tunnel-proxy" "$shared/extension.so" || return
	export CC=musl-gcc
	e2e 'musl: an intruder in the sandbox' "$shared" test_sandbox \
		test_extension
	unset CC
}

windows()
{
	cross=x86_64-w64-mingw32
	wine=$(command -v wine64 || echo /usr/lib/wine/wine64)
	have windows $cross-gcc "$wine" "$CMOCKA" || return
	dir=$ALL/windows
	cmocka "$dir" $cross-gcc
	WINEPREFIX=$(cd "$dir" && pwd)/wine WINEDEBUG=-all WINEARCH=win64
	WINEDLLOVERRIDES='mscoree=;mshtml='
	export WINEPREFIX WINEDEBUG WINEARCH WINEDLLOVERRIDES
	built windows "$dir" CC=$cross-gcc AR=$cross-ar CFLAGS='-O1' NET= \
		SYSTEM=Windows CPPFLAGS="-isystem $CMOCKA/include -Werror" \
		LDFLAGS="-static -L$dir/lib" TEST_SRC="$(core_tests)" \
		HELPER_SRC="$(core_helpers)" unit-tests "$dir/libtunnel.a" || return
	ran windows "$dir" "$wine"
	# Its client engine, over Winsock, and the proxy of this machine.
	{
		$cross-gcc -std=c99 -pedantic -Wall -Wextra -Werror -Iinclude \
			-o "$dir/windows_tunnel.exe" tests/windows_tunnel.c \
			"$dir/libtunnel.a" -lws2_32 &&
		"$MAKE" -s BUILD="$BUILD" "$BUILD/tunnel-proxy" &&
		TUNNEL_BUILD=$BUILD "$PYTHON" tests/windows_tunnel.py "$wine" \
			"$dir/windows_tunnel.exe"
	} > "$dir.tunnel.log" 2>&1
	say 'windows: a tunnel through tunnel-proxy, over Winsock' $? \
		"$dir.tunnel.log"
}

kqueue()
{
	if ! pkg-config --exists libkqueue; then
		echo 'skipped kqueue: no libkqueue'
		left_out=$((left_out + 1))
		return
	fi
	where=$(pkg-config --variable=libdir libkqueue)
	cflags=$(pkg-config --cflags-only-I libkqueue |
		sed 's/-I */-isystem /g')
	dir=$ALL/kqueue
	mkdir -p "$dir"
	# As on a BSD: no epoll, no splice, none of Linux's calls for sockets.
	built kqueue "$dir" SYSTEM=FreeBSD CFLAGS='-O1' \
		CPPFLAGS="$cflags" LDFLAGS="-L$where -Wl,-rpath,$where \
		-Wl,--no-as-needed -lkqueue" unit-tests \
		"$dir/tunnel-connect" "$dir/tunnel-proxy" || return
	ran kqueue "$dir"
	tunnel kqueue "$dir" env
}

# The core without a libc, on the headers of tests/bare: what it needs from outside.
bare()
{
	have bare arm-none-eabi-gcc || return
	dir=$ALL/bare
	rm -rf "$dir"
	mkdir -p "$dir"
	status=0
	for f in lib/core/*.c; do
		arm-none-eabi-gcc -std=c99 -pedantic-errors -Wall -Wextra \
			-Werror -mthumb -mcpu=cortex-m0 -Os -ffreestanding \
			-nostdinc -isystem "$(arm-none-eabi-gcc \
			-print-file-name=include)" -Itests/bare -DNDEBUG \
			-DTNL_VERSION=0 -Iinclude -Ilib \
			-c -o "$dir/$(basename "$f" .c).o" "$f" || status=1
	done > "$dir.log" 2>&1
	arm-none-eabi-ld -r -o "$dir/core" "$dir"/*.o >> "$dir.log" 2>&1 ||
		status=1
	# __aeabi_* and __gnu_* are what the processor has no instruction for,
	# by the compiler (libgcc).
	arm-none-eabi-nm -u "$dir/core" | awk '{ print $2 }' |
		grep -v '^__aeabi_\|^__gnu_thumb1' > "$dir/needs"
	printf '%s\n' free malloc memchr memcmp memcpy memmove memset strchr \
		strcmp strlen strncmp > "$dir/may"
	grep -vxFf "$dir/may" "$dir/needs" >> "$dir.log" && status=1
	say "bare: arm-none-eabi, which needs $(tr '\n' ' ' < "$dir/needs")" \
		$status "$dir.log"
}

cross()
{
	machine "$1" "$2-gcc" "$2-ar" "$3"
}

parts='standards tcc musl i686 armhf aarch64 s390x windows kqueue bare'
for part in ${*:-$parts}; do
	case $part in
	tcc) tiny_cc ;;
	standards | musl | windows | kqueue | bare) $part ;;
	i686)
		# This emulator takes a thread for another once it had a signal.
		few='--threads 1'
		cross i686 i686-linux-gnu qemu-i386
		few= ;;
	armhf) cross armhf arm-linux-gnueabihf qemu-arm ;;
	aarch64)
		# The emulator knows no seccomp(2).
		numbers aarch64-linux-gnu-gcc aarch64 4
		cross aarch64 aarch64-linux-gnu qemu-aarch64 ;;
	s390x) cross s390x s390x-linux-gnu qemu-s390x ;;
	# shellcheck disable=SC2086
	*) no_part portability "$part" $parts ;;
	esac
done
parts_end portability
