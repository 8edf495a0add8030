#!/usr/bin/env bash
# Checks what dsv writes with programs that share no code with it: pycocotools, Pillow, Python's own XML
# and YAML-free parsers, a second reader of repositories, the readers that training code uses for each format
# (e2e/interop/check_readers.py), and Datumaro for each format that both know
# (e2e/interop/datumaro-formats.json). Prints "N passed, N failed, N skipped" in the end.
#
# The readers take 300 MB, most of it pyarrow and pandas; torchvision comes without torch, which takes gigabytes.
# Datumaro is large: DSV_DATUMARO_PYTHON names a Python that has it, else .venv-datumaro is made once.
#
# Needs Python 3.10 or newer and, the first time, an index of Python packages. Without one it skips, unless CI is
# set: there a check that does not run is a failure.
set -euo pipefail
cd "$(dirname "$0")/.."

packages=(blake3==1.0.11 msgpack==1.2.4 numpy pillow pycocotools==2.0.11)
readers=(crc32c==2.9.post0 datasets==5.2.0 protobuf==7.36.2 pyarrow webdataset==1.0.2)
readers_alone=(torchvision==0.29.2)

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

# Each suite prints its own sum; the last line of all is the sum of these.
declare -i passed=0 failed=0 skipped=0
run() {
  "$@" | tee "$work/suite.log" || true
  local sum='^([0-9]+) passed, ([0-9]+) failed, ([0-9]+) skipped$'
  if [[ "$(tail -n 1 "$work/suite.log")" =~ $sum ]]; then
    passed+=BASH_REMATCH[1] failed+=BASH_REMATCH[2] skipped+=BASH_REMATCH[3]
  else
    failed+=1
  fi
}

run .venv/bin/python e2e/interop/check_exports.py "$work/story"
mkdir "$work/evaluation"
run .venv/bin/python e2e/interop/check_evaluation.py "$work/evaluation"

# Finding is enough: loading all of them takes seconds, and torchvision does not load without torch.
has_readers() {
  .venv/bin/python -c '
from importlib.util import find_spec
names = ("crc32c", "datasets", "google.protobuf", "pyarrow", "torchvision", "webdataset")
raise SystemExit(not all(find_spec(name) for name in names))' 2>/dev/null
}
pip_install() { .venv/bin/pip install --quiet --disable-pip-version-check --no-compile "$@"; }
if ! has_readers; then
  { pip_install "${readers[@]}" && pip_install --no-deps "${readers_alone[@]}"; } || true
fi
if ! has_readers; then
  echo 'interop: some readers cannot be installed'
  # The checks that need them are skipped.
  if [[ -n "${CI:-}" ]]; then failed+=1; fi
fi
mkdir "$work/readers"
run .venv/bin/python e2e/interop/check_readers.py "$work/readers"

datumaro="${DSV_DATUMARO_PYTHON:-.venv-datumaro/bin/python}"
has_datumaro() { "$datumaro" -c 'import datumaro' 2>/dev/null; }
if ! has_datumaro && [[ -z "${DSV_DATUMARO_PYTHON:-}" ]]; then
  # It needs an old NumPy, which later versions of pyarrow refuse.
  echo 'interop: installing Datumaro, which takes some minutes and 1.5 GB the first time'
  python3 -m venv .venv-datumaro && "$datumaro" -m pip install --quiet --disable-pip-version-check \
    datumaro==1.10.0 pyarrow==20.0.0 || true
fi
if has_datumaro; then
  mkdir "$work/datumaro"
  run "$datumaro" e2e/interop/check_datumaro.py "$work/datumaro"
else
  echo 'interop: Datumaro cannot be installed'
  if [[ -n "${CI:-}" ]]; then failed+=1; else skipped+=1; fi
fi
echo "$passed passed, $failed failed, $skipped skipped"
[[ "$failed" -eq 0 ]]
