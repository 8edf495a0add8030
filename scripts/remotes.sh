#!/usr/bin/env bash
# Runs the tests of the storage drivers, and a journey of two people, against servers that others wrote, on this
# machine: versitygw (a gateway of S3's protocol in front of a folder), moto (a model of S3 in Python), sshd of
# OpenSSH and Azurite (Microsoft's emulator of Azure Storage). Prints "N passed, N failed, N skipped" in the end.
#
#   bash scripts/remotes.sh              all servers
#   bash scripts/remotes.sh moto         only this one
#
# Servers are installed once into .servers (DSV_SERVERS names another folder): needs Go for versitygw, Python 3.10
# or newer for moto, npm for azurite, and their package indexes; sshd is used where it is installed (package
# openssh-server), as a process of its own. A server that cannot be installed is skipped, unless CI is set:
# there a check that does not run is a failure.
#
# To add a server: a function start_<name> that installs and starts it, notes its pid in `pids`, its test in
# `suites` and exports the variables that the test wants; it returns 1 when that is not possible here.
set -euo pipefail
cd "$(dirname "$0")/.."

servers=(versitygw moto dvc sshd azurite)
[[ $# -gt 0 ]] && servers=("$@")

cache="$(realpath -m "${DSV_SERVERS:-.servers}")"
work="$(mktemp -d)"
pids=()
suites=()
# Two people who share a repository, through the built dsv (`npm run bundle`).
journeys=e2e/remotes/real-servers.test.ts
stop() {
  for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || true; done
  for pid in "${pids[@]}"; do wait "$pid" 2>/dev/null || true; done
  rm -rf "$work"
}
trap stop EXIT
mkdir -p "$cache"

say() { echo "remotes: $1"; }

# A package index that does not answer must not hold everything else up.
within_minutes() { timeout "$((60 * $1))" "${@:2}"; }

free_port() {
  node -e 'const s = require("net").createServer().listen(0, "127.0.0.1", () => {
    console.log(s.address().port)
    s.close()
  })'
}

# Waits until the server with this pid listens on a port.
listens() {
  for _ in $(seq 150); do
    kill -0 "$1" 2>/dev/null || return 1
    (exec 3<>"/dev/tcp/127.0.0.1/$2") 2>/dev/null && return 0
    sleep 0.2
  done
  return 1
}

# --- S3 ---------------------------------------------------------------------------------------------------

export AWS_ACCESS_KEY_ID=dsv-test AWS_SECRET_ACCESS_KEY=dsv-test-secret AWS_EC2_METADATA_DISABLED=true
s3_endpoints=()
add_s3() {
  s3_endpoints+=("$1=http://127.0.0.1:$2")
  DSV_TEST_S3_ENDPOINTS="$(IFS=, && echo "${s3_endpoints[*]}")"
  export DSV_TEST_S3_ENDPOINTS
  suites+=(packages/remote/test/driver/s3/real-servers.test.ts)
  suites+=(packages/remote/test/dvc/registry-on-s3.test.ts "$journeys")
}

start_versitygw() {
  local version=v1.8.0 port
  local program="$cache/versitygw-$version"
  if [[ ! -x "$program" ]]; then
    command -v go >/dev/null || return 1
    say 'building versitygw, which takes some minutes the first time'
    GOBIN="$cache/go-bin" within_minutes 5 go install "github.com/versity/versitygw/cmd/versitygw@$version" || return 1
    mv "$cache/go-bin/versitygw" "$program"
  fi
  port="$(free_port)"
  # Its buckets are folders.
  mkdir -p "$work/versitygw/dsv-test"
  ROOT_ACCESS_KEY="$AWS_ACCESS_KEY_ID" ROOT_SECRET_KEY="$AWS_SECRET_ACCESS_KEY" \
    "$program" --port "127.0.0.1:$port" --quiet posix "$work/versitygw" >"$work/versitygw.log" 2>&1 &
  pids+=($!)
  listens $! "$port" && add_s3 versitygw "$port"
}

start_moto() {
  local version=5.2.5 port
  local venv="$cache/moto-$version"
  if [[ ! -x "$venv/bin/moto_server" ]]; then
    command -v python3 >/dev/null || return 1
    python3 -m venv "$venv" || return 1
    within_minutes 3 "$venv/bin/pip" install --quiet --disable-pip-version-check "moto[server]==$version" || return 1
  fi
  port="$(free_port)"
  "$venv/bin/moto_server" -H 127.0.0.1 -p "$port" >"$work/moto.log" 2>&1 &
  pids+=($!)
  listens $! "$port" || return 1
  curl --silent --fail --request PUT "http://127.0.0.1:$port/dsv-test" >/dev/null || return 1
  add_s3 moto "$port"
}

# --- DVC --------------------------------------------------------------------------------------------------

# No server: the program whose registries we read, and that reads our exports; and the last release before its
# storage was laid out anew, where that can still be installed.
start_dvc() {
  local version=3.64.0 old=2.58.2
  local venv="$cache/dvc-$version" old_venv="$cache/dvc-$old"
  command -v git >/dev/null || return 1
  # Its later releases of pathspec lost what this one imports.
  install_dvc "$venv" "dvc[s3]==$version" 'pathspec<1' || return 1
  export DSV_TEST_DVC="$venv/bin/dvc"
  if install_dvc "$old_venv" "dvc==$old" 'pathspec<0.12' 'dulwich<0.22' setuptools; then
    export DSV_TEST_DVC2="$old_venv/bin/dvc"
  else
    say "dvc $old cannot be installed"
  fi
  suites+=(packages/remote/test/dvc/interop.test.ts packages/remote/test/dvc/interop-import.test.ts)
  suites+=(packages/pipeline/test/dvc/interop.test.ts e2e/interop/dvc-stale.test.ts)
}

# Installs packages into a virtual environment of Python, unless it runs already.
install_dvc() {
  local venv="$1"
  "$venv/bin/dvc" --version >"$work/dvc.log" 2>&1 && return 0
  command -v python3 >/dev/null || return 1
  say "installing $2, which takes some minutes the first time"
  python3 -m venv "$venv" || return 1
  "$venv/bin/pip" install --quiet --disable-pip-version-check "${@:2}" || return 1
  "$venv/bin/dvc" --version >"$work/dvc.log" 2>&1
}

# --- SFTP -------------------------------------------------------------------------------------------------

# A process of its own with its own keys, which only this user can log in to and only from this machine.
start_sshd() {
  local program port home="$work/sshd-home"
  program="$(PATH="$PATH:/usr/sbin:/usr/local/sbin" command -v sshd)" || return 1
  command -v ssh-keygen >/dev/null || return 1
  # Run by root, sshd wants the folder that the service would have made.
  [[ "$(id -u)" -ne 0 || -d /run/sshd ]] || mkdir -p /run/sshd || return 1
  port="$(free_port)"
  mkdir -p "$home/.ssh" "$work/sshd-data"
  ssh-keygen -q -t ed25519 -N '' -f "$work/sshd-key" || return 1
  ssh-keygen -q -t ed25519 -N '' -f "$home/.ssh/id_ed25519" || return 1
  cat >"$work/sshd.conf" <<CONFIG
ListenAddress 127.0.0.1
Port $port
HostKey $work/sshd-key
PidFile none
AuthorizedKeysFile $home/.ssh/id_ed25519.pub
AllowUsers $(id -un)
AuthenticationMethods publickey
PermitRootLogin prohibit-password
StrictModes no
UsePAM no
MaxStartups 50
Subsystem sftp internal-sftp
CONFIG
  echo "[127.0.0.1]:$port $(cut -d' ' -f1,2 "$work/sshd-key.pub")" >"$home/.ssh/known_hosts"
  "$program" -D -e -f "$work/sshd.conf" >"$work/sshd.log" 2>&1 &
  pids+=($!)
  listens $! "$port" || return 1
  DSV_TEST_SFTP="sftp://$(id -un)@127.0.0.1:$port$work/sshd-data"
  DSV_TEST_SFTP_HOME="$home"
  DSV_TEST_REMOTES=1
  export DSV_TEST_SFTP DSV_TEST_SFTP_HOME DSV_TEST_REMOTES
  suites+=(packages/remote/test/driver/sftp/sshd.test.ts packages/remote/test/driver/sftp/sftp-driver.test.ts)
  suites+=("$journeys")
}

# --- Azure ------------------------------------------------------------------------------------------------

start_azurite() {
  local version=3.37.0 port
  local folder="$cache/azurite-$version"
  local program="$folder/node_modules/azurite/dist/src/blob/main.js"
  if [[ ! -f "$program" ]]; then
    say 'installing azurite'
    within_minutes 3 npm install --silent --no-audit --no-fund --no-save --ignore-scripts --prefix "$folder" \
      "azurite@$version" >"$work/azurite.log" 2>&1 || return 1
  fi
  port="$(free_port)"
  # It knows fewer versions of the protocol than the SDK; those that we use it has.
  node "$program" --blobHost 127.0.0.1 --blobPort "$port" --inMemoryPersistence --silent \
    --skipApiVersionCheck --disableTelemetry >"$work/azurite.log" 2>&1 &
  pids+=($!)
  listens $! "$port" || return 1
  # Every emulator has this account with this key, which Microsoft publishes.
  local key='Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=='
  DSV_TEST_AZURE="AccountName=devstoreaccount1;AccountKey=$key"
  DSV_TEST_AZURE+=";BlobEndpoint=http://127.0.0.1:$port/devstoreaccount1"
  export DSV_TEST_AZURE
  suites+=(packages/remote/test/driver/azure/azurite.test.ts "$journeys")
}

# --- all of them ------------------------------------------------------------------------------------------

declare -i passed=0 failed=0 skipped=0
for server in "${servers[@]}"; do
  if "start_$server"; then
    say "$server runs"
  else
    say "$server cannot be installed or started"
    if [[ -f "$work/$server.log" ]]; then tail -n 20 "$work/$server.log"; fi
    if [[ -n "${CI:-}" ]]; then failed+=1; else skipped+=1; fi
  fi
done

if [[ ${#suites[@]} -gt 0 ]]; then
  mapfile -t suites < <(printf '%s\n' "${suites[@]}" | sort -u)
  npm run --silent jest -- --runInBand --json --outputFile="$work/results.json" "${suites[@]}" \
    >/dev/null || true
  counts="$(node -e '
    const r = JSON.parse(require("fs").readFileSync(process.argv[1], "utf8"))
    console.log(r.numPassedTests, r.numFailedTests + r.numRuntimeErrorTestSuites, r.numPendingTests)
  ' "$work/results.json")" || counts='0 1 0'
  read -r run_passed run_failed run_skipped <<<"$counts"
  passed+=run_passed failed+=run_failed skipped+=run_skipped
fi

echo "$passed passed, $failed failed, $skipped skipped"
[[ "$failed" -eq 0 ]]
