#!/bin/sh
# analyse.sh - what compilers, analysers and valgrind find
#
#     analyse.sh [PART]...
#
# PART is one of these.  The first four read the library and the programs, for
# Linux and as far as they compile here also the rooms of other systems:
#     fanalyzer   gcc -fanalyzer
#     tidy        clang-tidy, by .clang-tidy
#     cppcheck    cppcheck, also over the tests
#     scan        clang's analyser, by scan-build
#     valgrind    memcheck: the unit tests, and tunnels by both programs
#     msan        clang's MemorySanitizer: the unit tests, and the fuzz corpora
#
# BASE are the flags that a build needs, ROOMS what the library is made of, as
# make analyse gives them.  One finding is a failure.  A tool that is not
# installed is left out and named; TUNNEL_REQUIRE=1 makes that a failure.
set -u

MAKE=${MAKE:-make}
PYTHON=${PYTHON:-python3}
ALL=build/analyse
mkdir -p $ALL

. tests/parts.sh

# Rooms of other systems that compile here, too.
elsewhere()
{
	printf ' %s' io_nosplice cores_posix socket_posix
}

# build DIR VARIABLE...: the library and the programs, and those rooms.
build()
{
	dir=$1
	shift
	# shellcheck disable=SC2046
	"$MAKE" -s -k -j2 BUILD="$dir" LDFLAGS= "$@" binaries \
		$(printf "$dir/obj/net/%s.o " $(elsewhere))
}

fanalyzer()
{
	have fanalyzer gcc || return
	build $ALL/fanalyzer CC=gcc WARN='-fanalyzer -Werror' CFLAGS='-O1 -g' \
		> $ALL/fanalyzer.log 2>&1
	say fanalyzer $? $ALL/fanalyzer.log
}

tidy()
{
	have tidy clang-tidy || return
	# shellcheck disable=SC2016,SC2046,SC2086
	printf '%s\n' $(printf 'lib/%s.c ' $ROOMS $(printf 'net/%s ' \
		$(elsewhere))) examples/*.c | xargs -n 12 -P 2 sh -c \
		'base=$0; clang-tidy --quiet "$@" -- $base -Ilib \
		-DTNL_VERSION=0u 2>&1' "$BASE" > $ALL/tidy.log
	say tidy $? $ALL/tidy.log
}

# Of tests, what could be an error in C: their system calls are not its matter.
cppcheck_all()
{
	have cppcheck cppcheck || return
	status=0
	set -- --quiet --std=c99 --inline-suppr --error-exitcode=1 -j 2 \
		-Iinclude -Ilib -D_POSIX_C_SOURCE=200809L -DTNL_EPOLL
	cppcheck "$@" --library=posix \
		--enable=warning,performance,portability lib examples/*.c \
		> $ALL/cppcheck.log 2>&1 || status=1
	cppcheck "$@" --enable=warning -Itests tests/*.c tests/fuzz/*.c \
		>> $ALL/cppcheck.log 2>&1 || status=1
	say cppcheck $status $ALL/cppcheck.log
}

scan()
{
	have scan clang scan-build || return
	rm -rf $ALL/scan $ALL/found
	# It says in CC what to compile with.
	# shellcheck disable=SC2016
	MAKE=$MAKE scan-build --use-cc=clang --status-bugs -o $ALL/found \
		sh -c '"$MAKE" -s -k -j2 BUILD="$0" CC="$CC" CFLAGS=-O0 \
		LDFLAGS= WARN= binaries' $ALL/scan > $ALL/scan.log 2>&1
	say scan $? $ALL/scan.log
}

memcheck='valgrind -q --error-exitcode=99 --leak-check=full'
memcheck="$memcheck --suppressions=$PWD/tests/valgrind.supp"

# The programs as they are run end to end: whatever becomes of one, what memcheck
# has to say is in a file, which else is empty.  Valgrind does not know the calls
# that a sandbox is made with, and says so.
memcheck_programs()
{
	dir=$1
	rm -rf "$dir/run"
	mkdir -p "$dir/run"
	for p in tunnel-connect 'tunnel-proxy --no-sandbox'; do
		to=$dir/run/${p%% *}
		printf '#!/bin/sh\nexec %s --log-file=%s/said.%%p %s/%s "$@"\n' \
			"$memcheck" "$PWD/$dir/run" "$PWD/$dir" "$p" > "$to"
		chmod 755 "$to"
	done
	TUNNEL_BUILD=$dir/run "$PYTHON" tests/e2e/run.py test_carry \
		> "$dir/e2e.log" 2>&1
	status=$?
	cat "$dir"/run/said.* >> "$dir/e2e.log" || status=1
	[ -z "$(find "$dir/run" -name 'said.*' -size +0)" ] || status=1
	say 'valgrind: tunnels by both programs' $status "$dir/e2e.log"
}

memcheck_all()
{
	have valgrind gcc valgrind || return
	dir=$ALL/valgrind
	build $dir CC=gcc CFLAGS='-O1 -g' unit-tests > $dir.log 2>&1 || {
		say 'valgrind: build' 1 $dir.log
		return
	}
	# shellcheck disable=SC2086
	ran valgrind $dir $memcheck
	memcheck_programs $dir
}

# libuv is left out: what it writes, MemorySanitizer has not seen.  Nor has that
# of clang 14 what fstat64() writes, which is fstat() where files have 64 bits.
msan()
{
	have msan clang || return
	dir=$ALL/msan
	flags='-O1 -g -fsanitize=memory -fno-sanitize-recover=all'
	flags="$flags -U_FILE_OFFSET_BITS -U_TIME_BITS"
	"$MAKE" -s -k -j2 BUILD=$dir CC=clang CFLAGS="$flags" LDFLAGS= LIBUV= \
		unit-tests > $dir.log 2>&1 || {
		say 'msan: build' 1 $dir.log
		return
	}
	ran msan $dir
	BUILD=$dir CC=clang CFLAGS=$flags sh tests/gate_fuzz.sh >> $dir.log 2>&1
	say 'msan: fuzz corpora' $? $dir.log
}

parts='fanalyzer tidy cppcheck scan valgrind msan'
for part in ${*:-$parts}; do
	case $part in
	cppcheck) cppcheck_all ;;
	valgrind) memcheck_all ;;
	fanalyzer | tidy | scan | msan) $part ;;
	# shellcheck disable=SC2086
	*) no_part analyse "$part" $parts ;;
	esac
done
parts_end analyse
