#!/usr/bin/env bash
# Runs what needs FFmpeg: the tests of frames of videos, and the example with movies (examples/05-pipelines). Prints
# "N passed, N failed, N skipped" in the end.
#
# FFmpeg is used where it is installed; with CI set, on a machine with apt-get and the right to use it, it is installed.
# Without it everything is skipped, unless CI is set: there a check that does not run is a failure.
set -euo pipefail
cd "$(dirname "$0")/.."

if ! command -v ffmpeg >/dev/null && [[ -n "${CI:-}" ]] && command -v apt-get >/dev/null; then
  rights=()
  [[ "$(id -u)" -eq 0 ]] || rights=(sudo -n)
  echo 'video: installing FFmpeg'
  { "${rights[@]}" apt-get update -qq && "${rights[@]}" apt-get install -y -qq ffmpeg; } >/dev/null 2>&1 || true
fi
if ! command -v ffmpeg >/dev/null; then
  echo 'video: FFmpeg is not installed'
  if [[ -n "${CI:-}" ]]; then
    echo '0 passed, 1 failed, 0 skipped'
    exit 1
  fi
  echo '0 passed, 0 failed, 1 skipped'
  exit 0
fi

report="$(mktemp)"
trap 'rm -f "$report"' EXIT
status=0
npm run --silent jest -- --json --outputFile="$report" packages/formats/test/video e2e/pipeline/frames \
  || status=1
work="$(mktemp -d)"
example=0
bash examples/05-pipelines/run.sh "$work/story" >"$work/story.log" 2>&1 || {
  cat "$work/story.log"
  example=1
}
rm -rf "$work"
node - "$report" "$example" <<'END'
const [report, example] = process.argv.slice(2)
const sum = JSON.parse(require('node:fs').readFileSync(report, 'utf8'))
const failed = sum.numFailedTests + sum.numRuntimeErrorTestSuites + Number(example)
const passed = sum.numPassedTests + 1 - Number(example)
console.log(`${passed} passed, ${failed} failed, ${sum.numPendingTests} skipped`)
END
[[ "$status" -eq 0 && "$example" -eq 0 ]]
