#!/bin/sh
# usage: check.sh LIBRARY VERSION-SCRIPT EMULATOR [PROGRAM LOGIC...]
# make check: what must hold for every build of the library, wherever it is built. The specs test the rest.
# EMULATOR is the command that runs programs of the library's processor; empty where they run as they are.
set -eu

library=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
version_script=$2
emulator=$3
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

elf() {
    LC_ALL=C readelf "$@" "$library"
}

needs_nothing() {
    ! elf -dW | grep -E '\((NEEDED|TEXTREL|RUNPATH|RPATH)\)' && ! elf -dW | grep -E '\(FLAGS\).*TEXTREL'
}

# Only by its own address, so that the dynamic linker looks for no symbol.
is_relocated_by_its_address() {
    elf -rW | grep -q ' R_' && ! elf -rW | grep ' R_' | grep -v '_RELATIVE *'
}

# The names between global: and the next colon of a version script.
named_exports() {
    sed -e 's,/\*.*\*/,,' "$version_script" | tr -s ' \n{}' ';' | tr ';' '\n' |
        awk '/:$/ { global = $0 == "global:"; next } global && NF' | sort
}

symbols() {
    elf --dyn-syms -W | awk '$1 ~ /^[1-9][0-9]*:$/ && ($5 == "GLOBAL" || $5 == "WEAK")'
}

exports_what_it_must() {
    symbols | awk '$7 != "UND" { sub(/@.*/, "", $8); print $8 }' | sort >"$library.exports"
    named_exports | diff - "$library.exports"
}

wants_no_symbol() {
    ! symbols | awk '$7 == "UND"' | grep .
}

stack_is_not_executable() {
    elf -lW | grep GNU_STACK | grep -q 'RW '
}

nothing_is_writable_and_executable() {
    ! elf -lW | grep LOAD | grep RWE
}

has_no_thread_data() {
    ! elf -lW | grep -w TLS
}

# run VARIABLE=VALUE... PROGRAM: an emulator gets the variables as options, because it is a program for another
# processor itself.
run() {
    settings=
    while case $1 in *=*) true ;; *) false ;; esac; do
        settings="$settings ${emulator:+-E }$1"
        shift
    done
    # shellcheck disable=SC2086 # these are lists of words
    env -u LD_PRELOAD ${emulator:-env} $settings "$@"
}

# The dynamic linker complains on standard error about a library that it cannot load.
loads_silently() {
    [ -z "$(run OGRT_ACTIVE=yes "LD_PRELOAD=$library" "$program" 2>&1)" ]
}

speaks_when_asked() {
    run OGRT_ACTIVE=yes OGRT_DEBUG_INFO=yes "LD_PRELOAD=$library" "$program" 2>&1 | grep -q '^ogrt: process [1-9]'
}

check "needs no other library, no search path, no relocation of its code" needs_nothing
check "is relocated by its own address only" is_relocated_by_its_address
check "exports what $(basename "$version_script") names" exports_what_it_must
check "wants no symbol" wants_no_symbol
check "does not ask for an executable stack" stack_is_not_executable
check "has nothing that is writable and executable" nothing_is_writable_and_executable
check "has no thread-local data" has_no_thread_data
if [ -n "${4:-}" ]; then
    program=$4
    check "is loaded by a program without a word" loads_silently
    check "says what it does when it is asked to" speaks_when_asked
    shift 4
    for logic in "$@"; do
        check "reads what others wrote without going wrong ($(basename "$logic"))" run "$logic"
    done
else
    echo "skipped is loaded by a program: this compiler builds none that run here, nor is there an emulator"
fi
exit "$failed"
