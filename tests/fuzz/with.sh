#!/bin/sh
# with.sh - the other sources that a target's first comment says it is made with
sed -n '/\*\//q; /^ \* with: /,$p' "$1" | grep -o 'examples/[a-z_]*\.c'
exit 0
