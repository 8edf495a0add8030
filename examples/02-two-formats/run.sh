#!/usr/bin/env bash
# One dataset in two formats: the story that README.md tells.
#
#   npm run bundle && examples/02-two-formats/run.sh [folder]
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
dsv_script="$here/../../packages/cli/bin/dsv.js"

if [[ $# -gt 0 ]]; then
  mkdir -p "$1"
  work="$(cd "$1" && pwd)"
else
  work="$(mktemp -d)"
  trap 'rm -rf "$work"' EXIT
fi
export HOME="$work" XDG_CONFIG_HOME="$work/config" DSV_AUTHOR_NAME='Lead' DSV_AUTHOR_EMAIL='lead@example.org'

say() { printf '\n# %s\n' "$*"; }
dsv() {
  printf '$ dsv'
  printf ' %q' "$@"
  printf '\n'
  node "$dsv_script" "$@"
}
sums() { (cd "$1" && find . -type f -print0 | sort -z | xargs -0 cksum); }

node "$here/../01-street-scenes/make-dataset.mjs" "$work/street" "$work/truth.json"

say 'Without a repository: convert a folder'
dsv detect "$work/street"
dsv convert "$work/street" "$work/coco" --to coco

say 'With one: keep Pascal VOC, look at it as YOLO'
mkdir -p "$work/repo"
cd "$work/repo"
cp -R "$work/street" street
dsv init
dsv add street
dsv commit -m 'Pascal VOC'
dsv checkout --format yolo street
head -n 2 street/labels/val/val_001.txt
dsv status

say 'Edit in YOLO: one box less'
sed -i.bak '1d' street/labels/val/val_001.txt && rm street/labels/val/val_001.txt.bak
dsv diff
dsv commit -am 'One box less'

say 'Back to Pascal VOC: what YOLO cannot hold is still there'
dsv checkout --format voc street
dsv diff --stat HEAD~1 HEAD
grep -c '<difficult>' street/Annotations/val_001.xml

say 'The first version, byte for byte'
dsv checkout HEAD~1 -o "$work/first"
diff <(sums "$work/street") <(sums "$work/first/street") && echo 'The same bytes in all files.'
