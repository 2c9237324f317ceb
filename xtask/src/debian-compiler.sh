#!/bin/sh
# Runs a program of the compiler that is unpacked beside this script, with its own libraries. It
# names no folder above, so that the build folder can be moved.
tree=$(dirname "$0")/tree/usr
libraries=$(echo "$tree"/lib/*-linux-gnu "$tree"/lib/llvm-*/lib | tr ' ' ':')
export LD_LIBRARY_PATH="$libraries:$tree/lib"
exec "$tree/bin/PROGRAM" "$@"
