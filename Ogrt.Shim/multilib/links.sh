#!/bin/sh
# usage: links.sh install|uninstall ROOT ARCH PLAIN
# The names below ROOT (DESTDIR and prefix) under which the dynamic linkers of all distributions find the library for
# LD_PRELOAD=PREFIX/$LIB/libogrt.so: see configure.sh beside this file. ARCH is x86_64 or aarch64; PLAIN (64 or 32) is the
# library whose name is just lib. The folder that is really called $LIB is for musl, which does not know the word and
# takes it for a name.
set -eu

action=$1
root=$2
arch=$3
plain=$4

# name FOLDER BITS
name() {
    case $1 in
    */*) up=../.. ;;
    *) up=.. ;;
    esac
    if [ "$action" = uninstall ]; then
        rm -f "$root/$1/libogrt.so"
        rmdir "$root/$1" 2>/dev/null || true
        return
    fi
    mkdir -p "$root/$1"
    ln -sfn "$up/lib$2/libogrt.so" "$root/$1/libogrt.so.new"
    mv -f "$root/$1/libogrt.so.new" "$root/$1/libogrt.so"
}

name "lib/$arch-linux-gnu" 64
name '$LIB' 64
if [ "$arch" = x86_64 ]; then
    name lib/i386-linux-gnu 32
fi
name lib "$plain"
