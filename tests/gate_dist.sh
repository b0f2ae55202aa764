#!/bin/sh
# gate_dist.sh - a tarball holds what git tracks, or there is none
set -u
MAKE=${MAKE:-make}
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
bad=0

complain()
{
	echo "dist: $*"
	bad=1
}

# Outside of any tree of git: a failure, and nothing that looks like a success.
mkdir "$tmp/bare"
cp Makefile "$tmp/bare"
(
	cd "$tmp/bare" || exit
	GIT_CEILING_DIRECTORIES=$tmp "$MAKE" -s dist > "$tmp/log" 2>&1
) && complain 'without git it says that all is well'
[ -z "$(find "$tmp/bare" -name '*.tar*')" ] ||
	complain 'without git it leaves something behind'

if git rev-parse HEAD > "$tmp/log" 2>&1; then
	"$MAKE" -s BUILD="$tmp/build" dist > "$tmp/log" 2>&1 ||
		complain "$(cat "$tmp/log")"
	gzip -dc "$tmp"/build/*.tar.gz | tar -tf - |
		grep -q '^libtunnel-[^/]*/Makefile$' || complain 'no Makefile in it'
	[ "$(find "$tmp/build" -name '*.tar*' | wc -l)" -eq 1 ] ||
		complain 'more than one file is left'
	# For anybody the same: by no setting, mask, zone or language of his.
	(
		umask 077
		export TZ=Asia/Kathmandu LC_ALL=C.UTF-8 GIT_CONFIG_COUNT=1 \
			GIT_CONFIG_KEY_0=tar.umask GIT_CONFIG_VALUE_0=0077
		"$MAKE" -s BUILD="$tmp/other" dist
	) > "$tmp/log" 2>&1 || complain "$(cat "$tmp/log")"
	cmp "$tmp"/build/*.tar.gz "$tmp"/other/*.tar.gz ||
		complain 'two tarballs differ'
else
	echo 'skipped: no git tree, no tarball was made'
fi
[ "$bad" = 0 ] && echo 'ok - a tarball of what git tracks, or none'
exit $bad
