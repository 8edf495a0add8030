#!/usr/bin/env bash
# Checks what dsv writes with programs that share no code with it: pycocotools, Pillow, Python's own XML
# and YAML-free parsers, and a second reader of repositories. Prints "N passed, N failed, N skipped".
#
# Needs Python 3.10 or newer and, the first time, an index of Python packages. Without one it skips, unless CI is
# set: there a check that does not run is a failure.
set -euo pipefail
cd "$(dirname "$0")/.."

packages=(blake3==1.0.11 msgpack==1.2.4 numpy pillow pycocotools==2.0.11)

skip() {
  echo "interop: $1"
  if [[ -n "${CI:-}" ]]; then
    echo '0 passed, 1 failed, 0 skipped'
    exit 1
  fi
  echo '0 passed, 0 failed, 1 skipped'
  exit 0
}

command -v python3 >/dev/null || skip 'there is no python3'
if ! .venv/bin/python -c 'import blake3, msgpack, numpy, PIL, pycocotools' 2>/dev/null; then
  python3 -m venv .venv || skip 'python3 cannot make a virtual environment'
  .venv/bin/pip install --quiet --disable-pip-version-check "${packages[@]}" ||
    skip 'the Python packages cannot be installed'
fi

work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
bash examples/01-street-scenes/run.sh "$work/story" >"$work/story.log" 2>&1 || {
  cat "$work/story.log"
  echo '0 passed, 1 failed, 0 skipped'
  exit 1
}
.venv/bin/python e2e/interop/check_exports.py "$work/story"
