import { spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals'
import { parseTypedYaml } from '../../packages/remote/src/dvc/parse-yaml.ts'
import { openSandbox, type Sandbox } from '../sandbox.ts'

const DSV = fileURLToPath(new URL('../../packages/cli/bin/dsv.js', import.meta.url))
// Each journey runs dsv some forty times.
jest.setTimeout(240_000)

const hasGit = spawnSync('git', ['--version']).status === 0
if (!hasGit) process.stderr.write('Git is not installed: no journey of a workflow.\n')
const withGit = hasGit ? describe : describe.skip

interface Step {
  readonly name?: string
  readonly if?: string
  readonly run?: string
  readonly env?: Readonly<Record<string, string>>
}
interface Workflow {
  readonly env: Readonly<Record<string, string>>
  readonly jobs: Readonly<Record<string, { readonly steps: readonly Step[] }>>
}

let sandbox: Sandbox
beforeEach(() => {
  sandbox = openSandbox()
  mkdirSync(at('bin'))
  script('dsv', `exec ${JSON.stringify(process.execPath)} ${JSON.stringify(DSV)} "$@"`)
  // Keeps the comment; there is one already when the file is there.
  script(
    'gh',
    [
      'printf "%s\\n" "$*" >> "$COMMENTS/calls"',
      'for each in "$@"; do case "$each" in body=@*) cp "${each#body=@}" "$COMMENTS/body";; esac; done',
      'case "$*" in *--paginate*) if [ -e "$COMMENTS/body" ]; then echo 7; fi;; esac',
    ].join('\n'),
  )
})
afterEach(() => sandbox[Symbol.dispose]())

function at(inside: string): string {
  return path.join(sandbox.folder, inside)
}

function script(name: string, text: string): void {
  writeFileSync(at(`bin/${name}`), `#!/bin/sh\n${text}\n`)
  chmodSync(at(`bin/${name}`), 0o755)
}

function environment(): Record<string, string> {
  return {
    PATH: `${at('bin')}:${process.env['PATH'] ?? ''}`,
    HOME: at('home'),
    XDG_CONFIG_HOME: at('home/.config'),
    GIT_CONFIG_NOSYSTEM: '1',
    NO_COLOR: '1',
    COMMENTS: at('comments'),
    GITHUB_REPOSITORY: 'ada/street',
  }
}

function git(folder: string, ...args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(
    'git',
    ['-c', 'user.name=Ada', '-c', 'user.email=ada@example.org', ...args],
    { cwd: at(folder), env: environment(), encoding: 'utf8' },
  )
  if (status !== 0) throw new Error(`git ${args.join(' ')} gave ${status}: ${stdout}${stderr}`)
  return stdout.trim()
}

function image(id: string, name: string): void {
  sandbox.write(`street it's/JPEGImages/${id}.jpg`, `pixels of ${id}`)
  const box = '<xmin>11</xmin><ymin>21</ymin><xmax>90</xmax><ymax>60</ymax>'
  sandbox.write(
    `street it's/Annotations/${id}.xml`,
    `<annotation><filename>${id}.jpg</filename><size><width>100</width><height>100</height><depth>3</depth></size><object><name>${name}</name><bndbox>${box}</bndbox></object></annotation>\n`,
  )
}

const PIPELINE = `stages:
  cars:
    cmd: 'echo "{\\"cars\\": $(cat "street it''s"/Annotations/*.xml | grep -c "<name>car<")}" > cars.json'
    deps: ["street it's"]
    metrics: [cars.json]
  limit:
    cmd: 'cp limit.txt limit.json'
    deps: [limit.txt]
    metrics: [limit.json]
`

/** A project in Git with a dataset in dsv, all of it up to date, and the workflow. */
async function project(...options: readonly string[]): Promise<void> {
  mkdirSync(at('comments'))
  git('work', 'init', '-q', '-b', 'main')
  sandbox.write('.gitignore', "/street it's/\n/.dsv/\n/*.json\n/dsv.lock\n")
  for (const id of ['a', 'b']) image(id, 'car')
  sandbox.write("street it's/ImageSets/Main/train.txt", 'a\nb\n')
  sandbox.write('dsv.yaml', PIPELINE)
  sandbox.write('limit.txt', '1\n')
  await sandbox.dsv('init')
  await sandbox.dsv('remote', 'add', 'origin', '../registry')
  await sandbox.dsv('add', "street it's", 'dsv.yaml', 'limit.txt')
  await sandbox.dsv('run')
  await save('first')
  await sandbox.dsv('ci', 'github', '--install', 'dsv --version', ...options)
  git('work', 'add', '.')
  git('work', 'commit', '-qm', 'workflow')
}

/** Commits with dsv what is on disk, links it, and commits the link with Git. */
async function save(message: string, branch = 'main'): Promise<void> {
  await sandbox.dsv('add', "street it's")
  await sandbox.dsv('commit', '-am', message)
  await sandbox.dsv('push', 'origin', branch)
  await sandbox.dsv('git', 'link', "street it's")
  git('work', 'add', '.')
  git('work', 'commit', '-qm', message)
}

interface Job {
  readonly status: number
  readonly output: string
  readonly outputs: string
  readonly folder: string
}

/** Runs the scripts of a job in a fresh clone, those of `when: not cancelled` also after a failure, as GitHub does. */
function job(
  name: string,
  expressions: Readonly<Record<string, string>>,
  skipped: readonly string[] = [],
): Job {
  const folder = `job-${name}-${Math.random()}`
  git('', 'clone', '-q', 'work', folder)
  const temp = at(`${folder}-temp`)
  mkdirSync(temp)
  const written = Buffer.from(sandbox.read('.github/workflows/dsv.yml'))
  const { env, jobs } = parseTypedYaml(written, 'dsv.yml') as unknown as Workflow
  const [output, outputs] = [path.join(temp, 'summary'), path.join(temp, 'outputs')]
  let [status, text] = [0, '']
  const filled = (values: Readonly<Record<string, string>>): Record<string, string> =>
    Object.fromEntries(
      Object.entries(values).map(([key, value]) => [key, expressions[value] ?? value]),
    )
  for (const step of jobs[name]?.steps ?? []) {
    if (step.run === undefined || skipped.includes(step.name ?? '')) continue
    if (status !== 0 && step.if === undefined) continue
    const ran = spawnSync('bash', ['--noprofile', '--norc', '-eo', 'pipefail', '-c', step.run], {
      cwd: at(folder),
      env: {
        ...environment(),
        RUNNER_TEMP: temp,
        GITHUB_OUTPUT: outputs,
        GITHUB_STEP_SUMMARY: output,
        ...filled(env),
        ...filled(step.env ?? {}),
      },
      encoding: 'utf8',
    })
    text += `${ran.stdout}${ran.stderr}`
    if (ran.status !== 0) status = ran.status ?? -1
  }
  return {
    status,
    output: text,
    outputs: existsSync(outputs) ? readFileSync(outputs, 'utf8') : '',
    folder,
  }
}

const COMPARE = 'Compare with what is committed'
const COMMENT = 'Comment on the pull request'

/** Runs the last job on a pull request against Git's main. */
function reportJob(made: string): Job {
  return job(
    'report',
    {
      '${{ needs.stages.result }}': made,
      '${{ github.event.pull_request.base.sha || github.event.before }}': git(
        'work',
        'rev-parse',
        'main',
      ),
    },
    [COMPARE],
  )
}

function comment(): string {
  return readFileSync(at('comments/body'), 'utf8')
}

withGit('the workflow that `dsv ci github` writes', () => {
  it('runs what a pull request makes stale, takes it from the run cache, and comments', async () => {
    await project()
    git('work', 'checkout', '-qb', 'fix')
    await sandbox.dsv('switch', '-c', 'fix')
    image('b', 'van | @ada')
    await save('relabel b', 'fix')
    // A file that both track: that of Git counts.
    sandbox.write('limit.txt', '5\n')
    git('work', 'commit', '-qam', 'limit')

    const plan = job('plan', {})
    expect(plan.output).not.toContain('rror')
    expect(plan.outputs).toBe('parts=["1/2","2/2"]\n')
    for (const part of ['1/2', '2/2']) {
      const made = job('stages', { '${{ matrix.part }}': part })
      expect(made).toMatchObject({ status: 0 })
      expect(made.output).toContain('Stages: 1 ran')
      expect(made.output).toContain('Pushed what pipelines made')
    }

    const last = reportJob('success')
    expect(last).toMatchObject({ status: 0 })
    expect(comment()).toContain('**Stages:** 2 taken from the run cache')
    expect(comment()).toContain('| `cars.json` | `cars` | `2` | `1` | `-1` |')
    expect(comment()).toMatch(/\| `limit\.json` \| .* \| `1` \| `5` \| `\+4` \|/u)
    expect(comment()).toContain("### `dataset street it's (voc)`")
    expect(comment()).toContain('1 annotation relabelled')
    expect(comment()).toContain('| `van \\u007c @ada` |')
    expect(readFileSync(at('comments/calls'), 'utf8')).toContain('--method POST')

    const text = comment()
    expect(reportJob('success')).toMatchObject({ status: 0 })
    expect(comment()).toBe(text)
    expect(readFileSync(at('comments/calls'), 'utf8')).toContain('issues/comments/7')
  })

  it('says which stage failed, makes nothing again, and fails', async () => {
    await project()
    git('work', 'checkout', '-qb', 'broken')
    sandbox.write('dsv.yaml', PIPELINE.replace('cp limit.txt', 'echo was-here; cp none.txt'))
    git('work', 'commit', '-qam', 'broken')
    expect(job('plan', {}).outputs).toBe('parts=["1/1"]\n')
    const made = job('stages', { '${{ matrix.part }}': '1/1' })
    expect(made.status).toBe(1)
    expect(made.output).toContain('was-here')
    const last = reportJob('failure')
    expect(last.status).not.toBe(0)
    expect(last.output).not.toContain('was-here')
    expect(comment()).toContain('**Stages:** 1 not run')
    expect(comment()).toContain('- `dsv.yaml:limit`: `not run`')
  })

  it('fails on the main branch when what is committed is not what the pipelines make', async () => {
    await project()
    const fine = job('report', { '${{ needs.stages.result }}': 'skipped' }, [COMMENT])
    expect(fine).toMatchObject({ status: 0 })
    expect(job('plan', {}).outputs).toBe('parts=[]\n')
    sandbox.write('limit.txt', '9\n')
    git('work', 'commit', '-qam', 'limit')
    const late = job('report', { '${{ needs.stages.result }}': 'success' }, [COMMENT])
    expect(late.status).toBe(1)
    expect(late.output).toContain('not what is committed')
  })

  it('commits what was out of date on the main branch with --commit', async () => {
    await project('--commit')
    git('work', 'config', 'receive.denyCurrentBranch', 'updateInstead')
    sandbox.write('limit.txt', '9\n')
    git('work', 'commit', '-qam', 'limit')
    const names = { '${{ needs.stages.result }}': 'success', '${{ github.ref_name }}': 'main' }
    const done = job('report', names, [COMMENT])
    expect(done).toMatchObject({ status: 0 })
    await sandbox.dsv('fetch')
    await sandbox.dsv('restore', '--staged', '--worktree', 'limit.txt')
    await sandbox.dsv('git', 'sync', "street it's.dsvlink")
    expect(sandbox.read('limit.json')).toBe('9\n')
    expect(job('report', names, [COMMENT])).toMatchObject({ status: 0 })
  })
})
