#!/bin/sh
# gate_headers.sh - the headers are read by everybody: C since 1989 with a
# stdint.h, C++ since 1998, and the readers of declarations of other languages
set -u
BUILD=${BUILD:-build}
PYTHON=${PYTHON:-python3}
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
bad=0

complain()
{
	echo "headers: $*"
	bad=1
}

# missing WHAT PACKAGE: a failure where it is required
missing()
{
	[ "${TUNNEL_REQUIRE:-0}" = 1 ] && complain "$1 is missing: install $2"
	echo "skipped: no $1, the headers were not tried with it"
}

# try COMPILER LANGUAGE HEADER STANDARD...
try()
{
	compiler=$1 language=$2 header=$3
	shift 3
	for std in "$@"; do
		"$compiler" -x "$language" -std="$std" -pedantic-errors -Wall \
			-Wextra -Wconversion -Wundef -Werror -Iinclude \
			-fsyntax-only "$header" || complain "$header as $std"
	done
}

# Each by itself, and all together as most users have them.
for family in 'gcc g++' 'clang clang++'; do
	# shellcheck disable=SC2086
	set -- $family
	command -v "$1" > /dev/null || { missing "$1" "$1"; continue; }
	for h in include/tunnel/*.h; do
		try "$1" c "$h" gnu89 c99
	done
	try "$1" c include/tunnel.h gnu89 c99 gnu99 c11 gnu17 c2x
	command -v "$2" > /dev/null || { missing "$2" "$2"; continue; }
	for h in include/tunnel/*.h; do
		try "$2" c++ "$h" c++98
	done
	try "$2" c++ include/tunnel.h c++98 c++11 c++14 c++17 c++20 gnu++20
done

# No macro is needed for anything: none is there but those that guard.
grep -n '^[[:space:]]*#[[:space:]]*define' include/*.h include/tunnel/*.h |
	grep -v ':#define TUNNEL_\([A-Z]*_\)\{0,1\}H$' > "$tmp/macros"
[ -s "$tmp/macros" ] && complain "macros: $(cat "$tmp/macros")"

# What other languages read, from each preprocessor that is there.  They then
# have the library's constants, all of them, with the library's values.
if nm -D "$BUILD/libtunnel.so" | grep -q '__asan_init\|__tsan_init\|__ubsan'; then
	echo 'skipped: the library is instrumented, others cannot load it'
	exit $bad
fi
cat > "$tmp/read.lua" << 'EOT'
local ffi = require "ffi"
ffi.cdef(assert(io.open(arg[1])):read "*a")
local C, i, value = ffi.load(arg[2]), 0, ffi.new "int[1]"
while C.tunnel_constant_at(i, value) ~= nil do
	local name = ffi.string(C.tunnel_constant_at(i, value))
	assert(C[name] == value[0], name)
	i = i + 1
end
assert(i > 60)
for name in io.open(arg[1]):read "*a":gmatch "(tunnel_[%w_]+)%(" do
	assert(name:match "_fn$" or C[name] ~= nil, name)
end
EOT
cat > "$tmp/read.py" << 'EOT'
import re
import sys
import cffi
text = open(sys.argv[1]).read()
ffi = cffi.FFI()
ffi.cdef(text)
lib, i, value = ffi.dlopen(sys.argv[2]), 0, ffi.new('int *')
while lib.tunnel_constant_at(i, value):
    name = ffi.string(lib.tunnel_constant_at(i, value)).decode()
    assert getattr(lib, name) == value[0], name
    i += 1
assert i > 60
for name in re.findall(r'\b(tunnel_\w+)\(', text):
    assert name.endswith('_fn') or getattr(lib, name), name
EOT
cffi=
for p in "$PYTHON" /usr/bin/python3; do
	[ -z "$cffi" ] && "$p" -c 'import cffi' 2> /dev/null && cffi=$p
done
[ -n "$cffi" ] || missing cffi python3-cffi
command -v luajit > /dev/null || missing luajit luajit
for cc in gcc clang; do
	command -v $cc > /dev/null || continue
	$cc -std=c99 -E -P -Iinclude include/tunnel.h > "$tmp/cdef" ||
		complain "$cc -E -P"
	[ -z "$cffi" ] || "$cffi" "$tmp/read.py" "$tmp/cdef" \
		"$BUILD/libtunnel.so" || complain "cffi, of what $cc -E -P says"
	command -v luajit > /dev/null || continue
	luajit "$tmp/read.lua" "$tmp/cdef" "$BUILD/libtunnel.so" ||
		complain "LuaJIT, of what $cc -E -P says"
done
[ "$bad" = 0 ] && echo 'ok - the headers as C, C++, cffi and LuaJIT read them'
exit $bad
