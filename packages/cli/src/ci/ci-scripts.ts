import type { CiSetup } from './ci-setup.ts'

// What these scripts know of a repository they take from variables: no text of it is part of a line.

const ENTER = 'cd -- "$DSV_CI_FOLDER"'

/** Returns the script that brings the version that the link names, and then what Git has of the same files. */
export function bringScript({ secrets, options }: CiSetup): string {
  const named = Array.from({ length: options }, (_, at) => ` --option "$DSV_CI_OPTION_${at + 1}"`)
  return lines(
    ENTER,
    ...(secrets.length === 0
      ? []
      : [
          `for name in ${secrets.join(' ')}; do`,
          '  if [ -z "$(printenv "$name")" ]; then',
          '    echo "error: The secret $name is not set, or not given to this run: see docs/ci.md of dsv." >&2',
          '    exit 1',
          '  fi',
          'done',
        ]),
    ...(secrets.includes('DSV_SSH_KEY')
      ? [
          '(umask 077',
          ' mkdir -p ~/.ssh',
          ` printf '%s\\n' "$DSV_SSH_KEY" > ~/.ssh/id_ed25519`,
          ` printf '%s\\n' "$DSV_SSH_KNOWN_HOSTS" >> ~/.ssh/known_hosts)`,
        ]
      : []),
    'dsv init',
    `dsv remote add origin "$DSV_CI_REMOTE"${named.join('')}`,
    'dsv fetch origin',
    '# What both track comes from dsv first, then from Git: its files are those of this commit.',
    'link="$(mktemp -d)/version.dsvlink"',
    'cp -- "$DSV_CI_LINK" "$link"',
    'git ls-files -z -- . | xargs -0 rm -rf --',
    'dsv git sync "$link"',
    'git checkout -q -- .',
  )
}

/** Returns the script that runs a share of what is out of date; `part` is a word of the shell. */
export function partScript(part: string): string {
  return lines(ENTER, `dsv run --keep-going --part ${part}`)
}

/** Returns the script that gives the other jobs what this one made. */
export function giveScript(): string {
  return lines(ENTER, 'dsv push --runs-only origin')
}

/**
 * Returns the script that puts together what all jobs made and writes the report to `$report`. It fails when
 * a stage did; then nothing is made again.
 */
export function finishScript(): string {
  return lines(
    ENTER,
    'work="$(mktemp -d)"',
    'set -- --keep-going --json',
    'if [ "$DSV_CI_MADE" = failure ]; then set -- "$@" --cached; fi',
    'status=0',
    'dsv run "$@" > "$work/run.json" || status=1',
    'set -- --output "$report"',
    'if [ -s "$work/run.json" ]; then set -- "$@" --run "$work/run.json"; fi',
    'written=',
    'if [ -n "$DSV_CI_BASE" ] && base="$(git merge-base HEAD "$DSV_CI_BASE")" &&',
    '  git show "$base:./$DSV_CI_LINK" > "$work/base.dsvlink"; then',
    '  if dsv ci report "$@" "$work/base.dsvlink"; then written=1; fi',
    'fi',
    'if [ -z "$written" ]; then dsv ci report "$@"; fi',
    'if [ "$DSV_CI_MADE" = failure ]; then status=1; fi',
    'exit "$status"',
  )
}

/** Returns the script that fails when what the pipelines make is not what is committed. */
export function checkScript(): string {
  return lines(
    ENTER,
    'if ! dsv diff HEAD --quiet; then',
    '  dsv status',
    '  echo "error: What the pipelines make is not what is committed. What was made here is in the run cache:" >&2',
    '  echo "dsv fetch, dsv run, dsv commit, dsv push and dsv git link bring it to the main branch." >&2',
    '  exit 1',
    'fi',
  )
}

/** Returns the script that commits what the pipelines made, with dsv and with Git, and pushes both. */
export function commitScript(pushGit: string): string {
  return lines(
    ENTER,
    'if ! dsv diff HEAD --quiet; then',
    '  dsv commit -am "Run the stages that were out of date"',
    '  dsv push origin main',
    '  dsv git link -- "$DSV_CI_PATH"',
    '  git add -u -- .',
    '  git -c user.name=dsv -c user.email=dsv@localhost commit -qm "Run the stages that were out of date"',
    `  ${pushGit}`,
    'fi',
  )
}

function lines(...each: readonly string[]): string {
  return each.join('\n')
}
