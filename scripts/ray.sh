#!/usr/bin/env bash
# Runs pipelines on a cluster of Ray: two nodes on this machine, on free ports of the loopback, started here and ended
# by their process ids. Prints "N passed, N failed, N skipped" in the end.
#
#   bash scripts/ray.sh
#
# Ray is installed into .venv-ray (DSV_RAY_VENV names another folder; a temporary one where the path has a blank), which needs Python 3 and its package index;
# DSV_RAY_PYTHON names a Python that has it. Without either everything is skipped, unless CI is set: there a check
# that does not run is a failure.
set -euo pipefail
cd "$(dirname "$0")/.."

version=2.60.0
work="$(mktemp -d)"
pids=()
stop() {
  # Workers are children of the node that started them.
  for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || true; done
  for pid in "${pids[@]}"; do wait "$pid" 2>/dev/null || true; done
  rm -rf "$work"
}
trap stop EXIT

skip() {
  echo "ray: $1"
  echo '0 passed, 0 failed, 1 skipped'
  [[ -z "${CI:-}" ]] && exit 0
  exit 1
}

python="${DSV_RAY_PYTHON:-}"
if [[ -z "$python" ]]; then
  venv="$(realpath -m "${DSV_RAY_VENV:-.venv-ray}")"
  # Ray does not start where its path has a blank.
  [[ "$venv" != *[[:space:]]* ]] || venv="$work/venv"
  python="$venv/bin/python"
  if [[ ! -x "$venv/bin/ray" ]]; then
    command -v python3 >/dev/null || skip 'needs Python 3'
    python3 -m venv "$venv" || skip 'no virtual environment can be made'
    timeout 600 "$python" -m pip install --quiet --disable-pip-version-check "ray[default]==$version" ||
      skip 'Ray cannot be installed'
  fi
fi
ray="$(dirname "$python")/ray"

free_port() {
  "$python" -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

export RAY_USAGE_STATS_ENABLED=0
gcs="$(free_port)"
dashboard="$(free_port)"
common=(--num-cpus=1 --node-ip-address=127.0.0.1 --disable-usage-stats --block)
# Nodes of one machine would ask for the same port, and then the logs of the second could not be read.
"$ray" start --head --port="$gcs" --dashboard-agent-listen-port="$(free_port)" --dashboard-host=127.0.0.1 --dashboard-port="$dashboard" \
  --temp-dir="$work/ray" "${common[@]}" >"$work/head.log" 2>&1 &
pids+=($!)

answers() { curl --silent --fail --max-time 5 "http://127.0.0.1:$dashboard/api/jobs/" >/dev/null; }
for _ in $(seq 120); do
  answers && break
  kill -0 "${pids[0]}" 2>/dev/null || break
  sleep 1
done
answers || { cat "$work/head.log"; skip 'the cluster does not start'; }
"$ray" start --address="127.0.0.1:$gcs" --dashboard-agent-listen-port="$(free_port)" "${common[@]}" >"$work/node.log" 2>&1 &
pids+=($!)

export DSV_TEST_RAY="ray://127.0.0.1:$dashboard"
sleep 5
for pid in "${pids[@]}"; do
  kill -0 "$pid" 2>/dev/null || { tail -n 20 "$work"/*.log; skip 'the cluster does not start'; }
done
status=0
npm run --silent jest -- e2e/ray --json --outputFile="$work/results.json" || status=$?
node -e '
  const { numPassedTests, numFailedTests, numPendingTests } = JSON.parse(
    require("fs").readFileSync(process.argv[1], "utf8"),
  )
  console.log(`${numPassedTests} passed, ${numFailedTests} failed, ${numPendingTests} skipped`)
' "$work/results.json"
exit "$status"
