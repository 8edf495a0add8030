#!/usr/bin/env bash
# Two people share labels, and a third project imports a part of them: the story that README.md tells.
#
#   npm run bundle && examples/04-sharing/run.sh [folder]
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
scenes="$here/../01-street-scenes"
dsv_script="$here/../../packages/cli/bin/dsv.js"

work="$(mktemp -d)"
server=''
finish() {
  [[ -z "$server" ]] || kill "$server" 2>/dev/null || true
  [[ "$work" == "${kept:-}" ]] || rm -rf "$work"
}
trap finish EXIT
if [[ $# -gt 0 ]]; then
  rm -rf "$work"
  mkdir -p "$1"
  work="$(cd "$1" && pwd)"
  kept="$work"
fi
export HOME="$work" XDG_CONFIG_HOME="$work/config"

say() { printf '\n# %s\n' "$*"; }
dsv() {
  printf '$ dsv'
  printf ' %q' "$@"
  printf '\n'
  node "$dsv_script" "$@"
}
annotate() { node "$scenes/annotate.mjs" street "$work/truth.json" "$@"; }
as() {
  export DSV_AUTHOR_NAME="$1" DSV_AUTHOR_EMAIL="$2"
  cd "$work/$3"
}

say 'A begins a dataset and puts it in a folder that both can see'
mkdir -p "$work/a" "$work/b" "$work/vans"
as 'Annotator A' a@example.org a
node "$scenes/make-dataset.mjs" street "$work/truth.json"
dsv init
dsv add street
dsv commit -m 'First pass over 24 images'
dsv remote add origin ../shared
dsv push

say 'B gets it, and works'
as 'Annotator B' b@example.org b
dsv clone ../shared .
annotate relabel-vans delete-ghost
dsv commit -am 'Relabel vans, delete a tree that is not there'

say 'A works too, in the same files, and is first'
as 'Annotator A' a@example.org a
annotate tighten-people
dsv commit -am 'Tighten people'
dsv push

say 'The push of B would lose what A did, and is refused; pull joins both, box by box'
as 'Annotator B' b@example.org b
dsv push || echo "(exit code $?: nothing was pushed)"
dsv pull
dsv push

say 'From now on others come in over HTTP, with a token'
cd "$work/shared"
token="$(node "$dsv_script" serve token add vans-project --rights read 2>/dev/null)"
node "$dsv_script" serve --port 0 >"$work/serve.log" &
server=$!
for _ in $(seq 100); do
  grep -q http "$work/serve.log" && break
  sleep 0.1
done
url="$(sed -n 's/^Serving on //p' "$work/serve.log")"

say 'Another project wants the vans and nothing else'
as 'Trainer' t@example.org vans
dsv init
export DSV_TOKEN="$token"
dsv import "$url" street --where 'category = "van"' -o vans
dsv commit -m 'Vans of the street scenes'
dsv push "$url" main:vans || echo "(exit code $?: the token is for reading)"
unset DSV_TOKEN

say 'A corrects a car meanwhile, and pushes to the folder, which is what the server serves'
as 'Annotator A' a@example.org a
dsv pull
annotate fix-car
dsv commit -am 'Put the box where the car is'
dsv push

say 'The project brings its import up to date, and still knows where everything came from'
as 'Trainer' t@example.org vans
# This address comes from .dsvimports, where anybody may have written it: the token says which server it is for.
export DSV_TOKEN="$token" DSV_TOKEN_ORIGIN="$url"
dsv update
dsv commit -m 'Newer labels'
dsv log
dsv imports
dsv ls --count
