#!/bin/sh
# A linker that leaves out what rustc says to those of GNU and of Apple: start files and
# libraries that zig adds by itself, and options that it does not know.
for argument; do
    shift
    case "$argument" in
    --target=*|-static-pie|-nodefaultlibs|-nostartfiles|-mmacosx-version-min=*) ;;
    -Wl,--no-undefined-version|-Wl,-O1|-Wl,-dead_strip) ;;
    *crt1.o|*crti.o|*crtn.o|*crtbegin*.o|*crtend*.o) ;;
    -lc|-lgcc|-lgcc_eh|-liconv|-lkvm|-lmemstat|-lprocstat|-ldevstat|-lexecinfo) ;;
    -lgcc_s) set -- "$@" -lunwind ;;
    *) set -- "$@" "$argument" ;;
    esac
done
exec 'ZIG' cc -target TARGET "$@"
