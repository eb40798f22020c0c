#!/bin/sh
# usage: check.sh LIBRARY [LOGIC]
# make check: what must hold for every build of the library, wherever it is built. The specs test the rest.
set -eu

library=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
failed=0

check() {
    what=$1
    shift
    if "$@"; then
        echo "ok      $what"
    else
        echo "FAILED  $what"
        failed=1
    fi
}

dynamic() {
    LC_ALL=C readelf -dW "$library"
}

needs_nothing() {
    ! dynamic | grep -E '\((NEEDED|TEXTREL|RUNPATH|RPATH)\)'
}

has_no_symbols() {
    [ -z "$(nm -D "$library" 2>/dev/null)" ]
}

stack_is_not_executable() {
    LC_ALL=C readelf -lW "$library" | grep GNU_STACK | grep -q 'RW '
}

has_no_thread_data() {
    ! LC_ALL=C readelf -lW "$library" | grep -w TLS
}

# The dynamic linker complains on standard error about a library that it cannot load.
loads_silently() {
    [ -z "$(OGRT_ACTIVE=yes LD_PRELOAD=$library sh -c : 2>&1)" ]
}

check "needs no other library, no search path, no relocation of its code" needs_nothing
check "exports no symbol and wants none" has_no_symbols
check "does not ask for an executable stack" stack_is_not_executable
check "has no thread-local data" has_no_thread_data
if [ "$(LC_ALL=C readelf -h "$library" | awk '/Machine:/ { print $2 }')" = "$(LC_ALL=C readelf -h /bin/sh | awk '/Machine:/ { print $2 }')" ]; then
    check "is loaded by a program without a word" loads_silently
fi
if [ -n "${2:-}" ]; then
    check "reads what others wrote without going wrong" "$2"
else
    echo "skipped reads what others wrote: the compiler has no sanitizers that run here"
fi
exit "$failed"
