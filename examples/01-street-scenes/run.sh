#!/usr/bin/env bash
# Two annotators and one dataset: the story that README.md tells.
#
#   npm run bundle && examples/01-street-scenes/run.sh [folder]
#
# Without a folder it works in a temporary one and removes it in the end.
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

# The story is the same on every machine: no settings of this one, one author at a time.
export HOME="$work" XDG_CONFIG_HOME="$work/config" DSV_AUTHOR_NAME='Lead' DSV_AUTHOR_EMAIL='lead@example.org'

say() { printf '\n\033[1m%s\033[0m\n' "# $*" | if [[ -t 1 ]]; then cat; else sed 's/\x1b\[[0-9;]*m//g'; fi; }
dsv() {
  printf '$ dsv'
  printf ' %q' "$@"
  printf '\n'
  node "$dsv_script" "$@"
}
annotate() { node "$here/annotate.mjs" street "$work/truth.json" "$@"; }
as() {
  export DSV_AUTHOR_NAME="$1" DSV_AUTHOR_EMAIL="$2"
}

mkdir -p "$work/repo"
cd "$work/repo"

say 'Twenty-four street scenes, labelled in a hurry, in Pascal VOC format'
node "$here/make-dataset.mjs" street "$work/truth.json"
dsv init
dsv add street
dsv commit -m 'First pass over 24 images'
dsv tag v0.1

say 'Annotator A tightens boxes around people, labels traffic lights and a dog that was forgotten'
as 'Annotator A' a@example.org
dsv switch -c annotator-a
annotate tighten-people add-traffic-lights add-dog
dsv diff --stat
dsv commit -am 'Tighten people, add traffic lights and a dog'

say 'Annotator B, meanwhile: vans are no cars, one tree is not there, and the same dog is missing'
as 'Annotator B' b@example.org
dsv switch main
dsv switch -c annotator-b
annotate relabel-vans delete-ghost add-dog
dsv diff
dsv commit -am 'Relabel vans, delete a tree that is not there, add a dog'

say 'Both edited the same files; the edits do not touch. The dog that both drew becomes one'
as Lead lead@example.org
dsv switch main
dsv merge annotator-a
dsv merge annotator-b
dsv diff --stat v0.1 HEAD

say 'Now both move the same box to different places: a real conflict'
as 'Annotator A' a@example.org
dsv switch -c move-a
annotate fix-car
dsv commit -am 'Put the box where the car is'
as 'Annotator B' b@example.org
dsv switch main
annotate fix-car-by-eye
dsv commit -am 'Move the box by eye'
as Lead lead@example.org
dsv merge move-a || echo "(exit code $?: there are conflicts, and everything else is merged)"
dsv status || true
dsv commit -m 'Too early' || echo "(exit code $?: conflicts are still open)"
dsv resolve --theirs --all
dsv commit -m 'Merge move-a: the car as A measured it'

say 'Who did what'
dsv log --oneline
dsv blame train/train_007

say 'A mistake, and back'
dsv rm -r street/JPEGImages
dsv undo
dsv status

say 'Any version in any format'
dsv checkout main --format coco -o "$work/coco"
dsv checkout main --format yolo -o "$work/yolo"
dsv checkout main -o "$work/as-it-is"

say 'An independent check: are the exports what the pictures show?'
node "$here/check-export.mjs" "$work"
