#!/bin/sh
# ffi.sh - what the library's calls cost from other languages, beside C
#
# Each program of ffi.* says two numbers, by the clock of its processor.  They take
# turns, C among them, and what is printed is the best of each, for what else the
# machine does only makes it worse.
set -u
BUILD=$(cd "${BUILD:-build}" && pwd)
ROUNDS=${ROUNDS:-5}
here=tests/bench
out=$BUILD/ffi
mkdir -p "$out"
export NODE_PATH="$out/node_modules" LD_LIBRARY_PATH="$BUILD" \
	CGO_CFLAGS="-O2 -I$PWD/include" CGO_LDFLAGS="-L$BUILD" \
	GOCACHE="$out/go-cache"

: > "$out/commands"
# with NAME PROGRAM BUILDING...: if the program is there, and it can be built
with()
{
	name=$1 program=$2
	shift 2
	command -v "$program" > /dev/null || { echo "skipped: no $program"; return; }
	if "$@" > "$out/log" 2>&1; then
		echo "$name" >> "$out/commands"
	else
		echo "skipped: $name: $(grep -m 1 Error "$out/log" ||
			tail -n 1 "$out/log")"
	fi
}

# measure NAME: two numbers
measure()
{
	case $1 in
	Python) "${PYTHON:-python3}" $here/ffi.py "$BUILD/libtunnel.so" ;;
	Node) node $here/ffi.js "$BUILD/libtunnel.so" ;;
	LuaJIT) luajit $here/ffi.lua "$BUILD/libtunnel.so" "$BUILD/tunnel.cdef" ;;
	*) "$out/bench-$1" ;;
	esac
}

with C cc cc -O2 -D_POSIX_C_SOURCE=200809L -Iinclude -o "$out/bench-C" \
	$here/ffi.c -L"$BUILD" -ltunnel
with C++ c++ c++ -O2 -Iinclude -o "$out/bench-C++" -x c++ $here/ffi.c \
	-x none -L"$BUILD" -ltunnel
with Rust rustc rustc --edition 2021 -O -L "$BUILD" -o "$out/bench-Rust" \
	$here/ffi.rs
with LuaJIT luajit true
with Go go go build -o "$out/bench-Go" $here/ffi.go
with Node node node -e 'require("koffi")'
with Python "${PYTHON:-python3}" true

i=0
while [ $i -lt "$ROUNDS" ]; do
	while read -r name; do
		echo "$name $(measure "$name")"
	done < "$out/commands"
	i=$((i + 1))
done > "$out/figures"

awk '
	!($1 in call) { order[++langs] = $1; call[$1] = $2 }
	$2 + 0 < call[$1] + 0 { call[$1] = $2 }
	$3 + 0 > pump[$1] + 0 { pump[$1] = $3 }
	END {
		printf "%-8s %10s %8s %12s %8s\n", "", "ns a call", "x C",
		    "MB/s", "x C"
		for (i = 1; i <= langs; i++) {
			name = order[i]
			printf "%-8s %10.1f %8.1f %12.0f %8.2f\n", name,
			    call[name], call[name] / call["C"], pump[name],
			    pump[name] / pump["C"]
		}
	}' "$out/figures"
