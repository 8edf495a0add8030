#!/usr/bin/env bash
# Runs count-changes.mjs against the built packages: the story that README.md tells.
#
#   examples/03-library/run.sh [folder]
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
(cd "$here/../.." && node_modules/.bin/tsc -b packages/formats)

if [[ $# -gt 0 ]]; then
  mkdir -p "$1"
  work="$(cd "$1" && pwd)"
else
  work="$(mktemp -d)"
  trap 'rm -rf "$work"' EXIT
fi
node "$here/count-changes.mjs" "$work"
