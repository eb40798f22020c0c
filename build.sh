#!/usr/bin/env bash
# Builds OGRT: checks for the tools that a build needs, restores the pinned Cake tool, and runs build.cake.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

readonly SDK_VERSION=10.0

usage() {
    cat <<'EOF'
Usage: ./build.sh TARGET [OPTIONS] [-- ARGUMENTS]

Targets:
  demo     Build everything, track a real workload, and print its process tree.
  test     Build everything and run every spec.
  cluster  Run three servers, PostgreSQL and a name server in network namespaces until Ctrl-C, to look at
           them and to break them.
  build    Build the server, its tools and the preload library.
  bench    Run the benchmarks.
  soak     Kill, fill up, silence and confuse a server and its targets for a while, and hold what has arrived
           against what was confirmed.
  fuzz     Run each fuzzer of the preload library for a while. Needs clang with libFuzzer.
  differential
           Run every program of /usr/bin, or of the folder that follows --, with and without the
           preload library, in namespaces in which it can harm nothing (docs/shim-invisible.md).
  clean    Remove what a build or a demo has made.
  help     Print this text.

Options:
  --configuration NAME   Release (the default) or Debug.
  --filter TEXT          test: only the specs whose class name contains TEXT, or, when TEXT begins with a
                         slash, those that match it as an xunit query.
  --minutes N            soak: how long (10).
  --seed N               soak: what its frames and faults follow from; a run that fails names its seed.
  --seconds N            fuzz: how long each fuzzer runs (180).
  -- ARGUMENTS           test, bench: passed on to the spec runner or to BenchmarkDotNet as they are;
                         cluster: how nodes find each other, seeds or alias, and how many there are;
                         fuzz: passed on to make, where fuzz-NAME runs only one;
                         soak: --rounds N, --rate N (frames a second), --steps N (of faults a round);
                         cluster for three servers, cluster each for each fault of such alone;
                         differential: the folder.

Examples:
  ./build.sh demo
  ./build.sh test
  ./build.sh test --filter Journal
  ./build.sh test -- -method '*A_torn_tail*'
  ./build.sh bench -- --filter '*WireReader*'
  ./build.sh soak --minutes 60
  ./build.sh soak --seed 17 -- --rounds 1
  ./build.sh soak -- cluster
  ./build.sh cluster -- alias 5
  ./build.sh fuzz --seconds 600
  ./build.sh fuzz -- fuzz-settings

Everything is made under bin/, obj/ and var/ of this folder. docs/ tells more.
EOF
}

fail() {
    printf 'build.sh: %s\n' "$1" >&2
    shift
    for line in "$@"; do printf '  %s\n' "$line" >&2; done
    exit 69
}

usage_error() {
    printf 'build.sh: %s Try ./build.sh --help.\n' "$1" >&2
    exit 64
}

require_sdk() {
    if ! command -v dotnet >/dev/null 2>&1; then
        fail "the .NET SDK ${SDK_VERSION} is needed and no 'dotnet' is on the PATH." \
            "Debian, Ubuntu: https://learn.microsoft.com/dotnet/core/install/linux" \
            "Fedora, RHEL:   dnf install dotnet-sdk-${SDK_VERSION}" \
            "Anywhere:       https://dotnet.microsoft.com/download/dotnet/${SDK_VERSION}"
    fi
    if ! dotnet --version >/dev/null 2>&1; then
        fail "the .NET SDK that global.json asks for is not installed." \
            "Asked for: $(sed -n 's/.*"version": *"\([^"]*\)".*/\1/p' global.json) or a later feature band of ${SDK_VERSION}." \
            "Installed: $(dotnet --list-sdks 2>/dev/null | cut -d' ' -f1 | tr '\n' ' ')" \
            "Get it at https://dotnet.microsoft.com/download/dotnet/${SDK_VERSION}"
    fi
}

# A compiler alone is not enough: a C program must compile, which also needs the headers of the C library.
c_compiler_works() {
    command -v make >/dev/null 2>&1 || return 1
    local compiler=${CC:-}
    if [ -z "$compiler" ]; then
        compiler=$(command -v cc || command -v gcc || command -v clang || true)
    fi
    [ -n "$compiler" ] || return 1
    printf '#include <elf.h>\n#include <stdio.h>\nint x;\n' | $compiler -x c -c -o /dev/null - 2>/dev/null
}

require_c_compiler() {
    c_compiler_works && return
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
        echo "build.sh: installing a C compiler and make" >&2
        export DEBIAN_FRONTEND=noninteractive
        apt-get update -qq >&2 && apt-get install -y -qq --no-install-recommends gcc make libc6-dev >&2 \
            || fail "apt-get could not install gcc, make and libc6-dev; see its message above."
        c_compiler_works && return
    fi
    fail "a C compiler, make and the C library's headers are needed for the preload library." \
        "Debian, Ubuntu: apt-get install gcc make libc6-dev" \
        "Fedora, RHEL:   dnf install gcc make glibc-devel" \
        "SUSE:           zypper install gcc make glibc-devel" \
        "Alpine:         apk add gcc make musl-dev linux-headers"
}

target=
configuration=Release
filter=
seconds=180
minutes=
seed=
passed_on=
while [ $# -gt 0 ]; do
    case $1 in
        -h | --help | help) usage; exit 0 ;;
        --configuration) [ $# -gt 1 ] || usage_error "--configuration needs a name."; configuration=$2; shift ;;
        --configuration=*) configuration=${1#*=} ;;
        --filter) [ $# -gt 1 ] || usage_error "--filter needs a text."; filter=$2; shift ;;
        --filter=*) filter=${1#*=} ;;
        --seconds) [ $# -gt 1 ] || usage_error "--seconds needs a number."; seconds=$2; shift ;;
        --seconds=*) seconds=${1#*=} ;;
        --minutes) [ $# -gt 1 ] || usage_error "--minutes needs a number."; minutes=$2; shift ;;
        --minutes=*) minutes=${1#*=} ;;
        --seed) [ $# -gt 1 ] || usage_error "--seed needs a number."; seed=$2; shift ;;
        --seed=*) seed=${1#*=} ;;
        --) shift; passed_on=$(printf '%s\n' "$@"); break ;;
        -*) usage_error "there is no option '$1'." ;;
        demo | test | build | bench | cluster | soak | differential | fuzz | clean)
            [ -z "$target" ] || usage_error "one target at a time: '$target' or '$1'?"
            target=$1 ;;
        *) usage_error "there is no target '$1'." ;;
    esac
    shift
done
if [ -z "$target" ]; then usage >&2; exit 64; fi
case $configuration in Release | Debug) ;; *) usage_error "the configuration is Release or Debug, not '$configuration'." ;; esac

case $seconds in '' | 0* | *[!0-9]*) usage_error "--seconds takes a number from 1, not '$seconds'." ;; esac

case $minutes$seed in *[!0-9]*) usage_error "--minutes and --seed take whole numbers." ;; esac
[ "$target" = soak ] || [ -z "$minutes$seed" ] || usage_error "--minutes and --seed are for soak."
[ -z "$seed" ] || passed_on=$(printf '%s\n' --seed "$seed" $passed_on)
[ -z "$minutes" ] || passed_on=$(printf '%s\n' --minutes "$minutes" $passed_on)

require_sdk
[ "$target" = clean ] || require_c_compiler

export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 DOTNET_SKIP_FIRST_TIME_EXPERIENCE=1
# Build servers that outlive the build would hold on to memory, and to standard output where a caller waits for its end.
export MSBUILDDISABLENODEREUSE=1 UseSharedCompilation=false
# One argument a line: the way through Cake's own command line that keeps blanks and quotes as they are.
export OGRT_BUILD_PASSED_ON=$passed_on OGRT_BUILD_SPEC_FILTER=$filter OGRT_BUILD_FUZZ_SECONDS=$seconds

dotnet tool restore --verbosity quiet >/dev/null || fail "the Cake tool could not be restored; is the package registry within reach?"
if [ "$target" = cluster ]; then
    dotnet tool run dotnet-cake build.cake --verbosity=normal --target=cluster --configuration="$configuration"
    mapfile -t arguments < <(printf '%s' "${passed_on:+$passed_on$'\n'}")
    exec dotnet "Ogrt.Bench/bin/$configuration/net10.0/Ogrt.Bench.dll" cluster "${arguments[@]}"
fi
exec dotnet tool run dotnet-cake build.cake --verbosity=normal \
    --target="$target" --configuration="$configuration"
