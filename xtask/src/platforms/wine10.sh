#!/bin/sh
# Runs a program in a tree of its own, which sees the processes, the devices and the project where
# they are. They are mounted for it alone, and go with it.
exec unshare --mount sh -c '
    mount --bind /proc "$0/proc" && mount --rbind /dev "$0/dev" && mount --bind "$1" "$0$1" &&
    shift && exec chroot "$0" env --chdir="$PWD" "$@"
' 'TREE' 'PROJECT' PROGRAM "$@"
