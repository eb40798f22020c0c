# Sourced by configure when all options have been read and the compiler has been tried: --multilib.
#
# The dynamic linker of glibc puts its own word for $LIB in LD_PRELOAD: lib64 or lib (Red Hat, SUSE), lib/x86_64-linux-gnu
# or lib/i386-linux-gnu (Debian), lib or lib32 (Arch), lib32 (Debian's 32-bit C library beside a 64-bit one). So there is a
# name for each, and one that is contested: what is just lib is 32 bit to some and 64 bit to others.

# dynamic_linker_says_lib: does $LIB mean lib to the 64-bit dynamic linker of this machine? It is silent about a library
# that it finds. One that is silent about one that is not there does not know $LIB (musl).
dynamic_linker_says_lib() {
    [ "$runs_programs" = yes ] && [ -z "$emulator" ] || return 1
    mkdir -p "$work/root/lib"
    preload="$work/root/\$LIB/probe.so"
    [ -n "$(LD_PRELOAD=$preload "$work/probe" 2>&1)" ] || return 1
    cp "$work/library.so" "$work/root/lib/probe.so"
    [ -z "$(LD_PRELOAD=$preload "$work/probe" 2>&1)" ]
}

# find_cc32: the first compiler that builds a 32-bit library like ours.
find_cc32() {
    printf '#include <elf.h>\n#include <link.h>\n#include <linux/stat.h>\n#ifndef __i386__\n#error\n#endif\n' >"$work/probe32.c"
    if [ -n "$cc32" ]; then
        set -- "$cc32"
    else
        set -- "$CC -m32" "i686-linux-gnu-gcc" "clang -m32" "clang --target=i686-linux-gnu"
    fi
    for candidate in "$@"; do
        # shellcheck disable=SC2086 # a list of words
        if $candidate ${CFLAGS:-} -ffreestanding -fPIC -fno-stack-protector -shared -nostdlib -o "$work/probe32.so" \
            "$work/probe32.c" >"$work/log" 2>&1; then
            cc32=$candidate
            return
        fi
    done
    cat "$work/log" >&2
    fail "--multilib needs a compiler for 32 bit (Debian: gcc-i686-linux-gnu; Red Hat: glibc-devel.i686; or --cc32=COMMAND). Tried: $(printf "'%s' " "$@")"
}

[ -z "$libdir_given" ] || fail "--multilib chooses the folders of the libraries itself: leave out --libdir"
echo 'int ogrt_probe; ' >"$work/library.c"
# shellcheck disable=SC2086 # a list of words
$CC ${CFLAGS:-} -fPIC -shared -nostdlib -o "$work/library.so" "$work/library.c"
if [ "$plain_lib" = auto ]; then
    plain_lib=32
    if [ "$arch" != x86_64 ] || dynamic_linker_says_lib; then
        plain_lib=64
    fi
fi
libdir=$prefix/lib64
case $arch in
x86_64) find_cc32 ;;
aarch64) cc32= ;; # its 32-bit programs are those of arm, which this library does not know
*) fail "--multilib is for builds with a 64-bit compiler, which brings the 32-bit library along; $CC builds for $arch" ;;
esac

# configure_32 OPTION...: the same once more for the other library, in the folder 32. Names have been resolved already.
configure_32() {
    count=$#
    for argument in "$@"; do
        case $argument in
        --multilib | --multilib=* | --cc32=* | --plain-lib=* | --host=* | --server-host=* | CC=*) ;;
        *) set -- "$@" "$argument" ;;
        esac
    done
    shift "$count"
    mkdir -p 32
    (cd 32 && "$source_dir/configure" "$@" --server-host="$addresses" --libdir="$prefix/lib32" --with-slurm=no "CC=$cc32" >/dev/null) ||
        fail "the 32-bit library could not be configured; its message is above"
}
