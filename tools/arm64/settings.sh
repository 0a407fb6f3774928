# Sourced by the scripts beside it: where things are, and which CPUs are emulated.
REPO=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
TOOLS=$REPO/tools/arm64
WORK=${ROSTRO_ARM64:-$REPO/build/arm64}  # downloads and builds; delete it to start anew
PYV=3.11                                 # Debian 12's Python, and so the host's has to be
export ARM64_ROOT=$WORK/root
SITE=${ROSTRO_ARM64_SITE:-$ARM64_ROOT/usr/local/lib/python$PYV/dist-packages}  # of installed wheels
# And the level that each must get: the Raspberry Pi 4's, the Raspberry Pi 5's, all that there is.
CPUS=(cortex-a72=neon cortex-a76=neon_dotprod max=neon_i8mm)
# What runs on each CPU, and for pages and wheels of another kind.
KERNEL_TESTS=(-m "not processes" tests/kernels/test_align.py tests/kernels/test_letterbox.py
  tests/kernels/test_match.py tests/test_simd.py)

step() { printf '\n### %s: %s [%ss]\n' "$(basename "$0")" "$*" "$SECONDS"; }

# The CPU of the commands that follow, given as CPU=LEVEL.
emulate() { export QEMU_CPU=${1%=*} ROSTRO_TEST_LEVEL=${1#*=}; }

# Runs a command, and shows what it printed only if it fails.
quietly() {
  local log
  log=$(mktemp)
  "$@" >"$log" 2>&1 || { tail -100 "$log" >&2; rm "$log"; return 1; }
  rm "$log"
}
