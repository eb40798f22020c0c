#!/bin/sh
# usage: dist.sh SOURCE-FOLDER VERSION OUTPUT-FOLDER
# Packs the sources as ogrt-shim-VERSION.tar.gz and .tar.xz. The same sources give the same bytes: names are sorted, owner
# and modes are fixed, and the time is SOURCE_DATE_EPOCH, else that of the last commit, else that of the newest file.
set -eu

source_dir=$1
name=ogrt-shim-$2
output=$3
umask 022

fail() {
    echo "dist: $*" >&2
    exit 1
}

for program in tar gzip xz; do
    command -v "$program" >/dev/null || fail "$program is needed"
done

# From a checkout what git has, else (in an unpacked tarball) all but what a build leaves.
files() {
    if git -C "$source_dir" rev-parse --is-inside-work-tree >/dev/null 2>&1 && git -C "$source_dir" ls-files . | grep -q .; then
        git -C "$source_dir" ls-files .
    else
        (cd "$source_dir" && find . -path ./build -prune -o -path ./32 -prune -o -path "./ogrt-shim*" -prune -o \
            -name config.h -o -name config.mk -o -type f -print | sed 's,^\./,,')
    fi | LC_ALL=C sort
}

# The licence and the pages about the library lie beside this folder in a checkout, and in it in a tarball.
beside() {
    for candidate in "$source_dir/$1" "$source_dir/../$1"; do
        if [ -f "$candidate" ]; then
            mkdir -p "$(dirname "$work/$name/$1")"
            cp "$candidate" "$work/$name/$1"
            return
        fi
    done
    fail "there is no $1 in or beside $source_dir"
}

if [ -z "${SOURCE_DATE_EPOCH:-}" ]; then
    SOURCE_DATE_EPOCH=$(git -C "$source_dir" log -1 --format=%ct . 2>/dev/null) || SOURCE_DATE_EPOCH=
    [ -n "$SOURCE_DATE_EPOCH" ] ||
        SOURCE_DATE_EPOCH=$(files | sed "s,^,$source_dir/," | tr '\n' '\0' | xargs -0 stat -c %Y | sort -n | tail -n 1)
fi

work=$(mktemp -d "${TMPDIR:-/tmp}/ogrt-dist.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
mkdir "$work/$name"
files >"$work/list"
tar -C "$source_dir" -cf - -T "$work/list" | tar -C "$work/$name" -xf -
sed "s,@VERSION@,$2,g" "$source_dir/dist/ogrt-shim.spec.in" >"$work/$name/ogrt-shim.spec"
beside LICENSE
beside docs/shim.md
beside docs/shim-install.md
beside docs/slurm.md
beside docs/watermarks.md
beside docs/shim-settings.md

mkdir -p "$output"
LC_ALL=C tar -C "$work" --format=ustar --sort=name --owner=0 --group=0 --numeric-owner --mode=u=rwX,go=rX \
    --mtime="@$SOURCE_DATE_EPOCH" -cf "$work/$name.tar" "$name"
gzip -9n <"$work/$name.tar" >"$output/$name.tar.gz.new"
xz -9 -T1 <"$work/$name.tar" >"$output/$name.tar.xz.new"
for kind in gz xz; do
    mv -f "$output/$name.tar.$kind.new" "$output/$name.tar.$kind"
    echo "$output/$name.tar.$kind"
done
