#!/usr/bin/env bash
# Two movies with labels from CVAT become training data, with metrics; a second repository imports them; labels change:
# the story that README.md tells. Needs FFmpeg; the last part Python too.
#
#   npm run bundle && examples/05-pipelines/run.sh [folder]
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
dsv_script="$here/../../packages/cli/bin/dsv.js"

say() { printf '\n# %s\n' "$*"; }
if ! command -v ffmpeg >/dev/null; then
  say 'Left out: FFmpeg is not installed'
  exit 0
fi

work="$(mktemp -d)"
trap '[[ "$work" == "${kept:-}" ]] || rm -rf "$work"' EXIT
if [[ $# -gt 0 ]]; then
  rm -rf "$work"
  mkdir -p "$1"
  work="$(cd "$1" && pwd)"
  kept="$work"
fi
export HOME="$work" XDG_CONFIG_HOME="$work/config" DSV_AUTHOR_NAME='Data engineer' DSV_AUTHOR_EMAIL=d@example.org

dsv() {
  printf '$ dsv'
  printf ' %q' "$@"
  printf '\n'
  node "$dsv_script" "$@"
}
movies() {
  node "$here/make-movie.mjs" data/movie1 1
  node "$here/make-movie.mjs" data/movie2 2
}

say 'Two movies, and what CVAT exported for them'
mkdir -p "$work/registry" "$work/training" "$work/before"
cd "$work/registry"
movies
cp "$here/dsv.yaml" "$here/original/params.yaml" .
dsv init
dsv add .
dsv commit -m 'Movies, labels and what is made of them'

say 'The pipeline takes the valid labels, gives them the frames of the movies, counts them and composes training data'
dsv run
dsv dag
dsv metrics show
dsv commit -m 'First training data'
dsv run

say 'Another project imports the labels of one movie; frames come along in the video'
cd "$work/training"
dsv init
dsv import ../registry labels/movie1
dsv commit -m 'Labels of movie 1'
dsv checkout HEAD -o ../voc --format voc movie1
ls ../voc/JPEGImages | head -n 3

say 'Bicycles are no longer wanted: only what depends on that runs again'
cd "$work/registry"
sed -i.bak 's/, Bicycle//' params.yaml && rm params.yaml.bak
dsv status
dsv run
dsv params diff
dsv metrics diff
dsv commit -am 'No bicycles'
dsv why metrics/movie1.json

say 'The other project brings its import up to date'
cd "$work/training"
dsv update
dsv status
dsv commit -m 'Labels of movie 1, without bicycles'
dsv imports

say 'Frames as files are not worth storing: who imports them makes them'
dsv import ../registry frames
ls frames | head -n 3

if ! command -v python3 >/dev/null; then exit 0; fi
say 'The dvc.yaml that did this before runs as it is, and counts the same'
cd "$work/before"
movies
cp "$here/original/dvc.yaml" "$work/registry/params.yaml" .
export PATH="$here/original/tools:$PATH"
dsv init
dsv add .
dsv commit -m 'Movies, labels, dvc.yaml'
dsv run
for movie in movie1 movie2; do
  cmp "data/$movie/metrics.json" "$work/registry/metrics/$movie.json"
  cmp "data/$movie/labelmap.txt" "$work/registry/labelmaps/$movie.txt"
done
echo 'Metrics and label maps are equal, byte for byte.'
wc -l dvc.yaml "$work/registry/dsv.yaml"
