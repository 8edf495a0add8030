import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { writeByRename } from '@dsv/core'
import { ciSetup } from '../ci/ci-setup.ts'
import { GITHUB_FILE, githubWorkflow, type WorkflowChoices } from '../ci/github-workflow.ts'
import { GITLAB_FILE, GITLAB_TOKEN, gitlabPipeline } from '../ci/gitlab-pipeline.ts'
import { makeReport } from '../ci/make-report.ts'
import { type Command, defineCommand, DONE } from '../command.ts'
import { UsageError } from '../failure.ts'
import type { CommandIo } from '../io.ts'
import { stageShares } from '../stages-of-part.ts'
import { ciReportText, REPORT_MARK } from '../views/ci-report.ts'
import { jsonText } from '../views/json-text.ts'
import { withRepository } from '../with-repository.ts'
import { writeReport } from '../write-report.ts'

const MOST_JOBS = 50

/** `dsv ci`: writes workflows that run pipelines, and what these say. */
export const ciCommand: Command = defineCommand({
  name: 'ci',
  positionals: '<action> [base]',
  summary: 'Run stages in workflows of GitHub or GitLab, and report on pull requests.',
  details: [
    'github and gitlab write a workflow for the commits of Git that link a dataset (`dsv git link`). It runs the',
    'stages that are out of date, on several machines, and comments what changed. The workflow calls plan and report.',
    'The base of a report is a revision or a link file. See docs/ci.md.',
  ].join('\n'),
  examples: [
    ["dsv ci github --install 'npm install -g ./tools/dsv.tgz'", 'Write .github/workflows/dsv.yml'],
    ['dsv ci report main', 'What changed since a version, in Markdown'],
    ['dsv ci plan --jobs 4', 'The parts for `dsv run --part`, as JSON'],
  ],
  describe: (options) =>
    options
      .positional('action', {
        choices: ['github', 'gitlab', 'report', 'plan'] as const,
        demandOption: true,
        describe: 'What to do',
      })
      .positional('base', {
        type: 'string',
        describe: 'report: the version to compare with, a revision or a link file',
      })
      .option('install', {
        type: 'string',
        describe: 'github, gitlab: shell commands that install dsv on the machine of a job',
      })
      .option('link', {
        type: 'string',
        describe: 'github, gitlab: the link file; needed when there are several',
      })
      .option('branch', {
        type: 'string',
        default: 'main',
        describe: 'github, gitlab: the branch of Git whose stages shall be up to date',
      })
      .option('commit', {
        type: 'boolean',
        default: false,
        describe: 'github, gitlab: commit on that branch what was out of date, instead of failing',
      })
      .option('force', {
        alias: 'f',
        type: 'boolean',
        default: false,
        describe: 'github, gitlab: replace a workflow that says something else',
      })
      .option('jobs', {
        alias: 'j',
        type: 'number',
        default: 4,
        describe: 'On how many machines stages run at once, at most',
      })
      .option('run', {
        type: 'string',
        describe: 'report: a file with what `dsv run --json` printed',
      })
      .option('output', {
        alias: 'o',
        type: 'string',
        describe: 'report: write it to a file',
      }),
  run: async ({ action, base, ...args }, io) => {
    const { jobs } = args
    if (!(Number.isSafeInteger(jobs) && jobs >= 1 && jobs <= MOST_JOBS))
      throw new UsageError(`--jobs takes a number from 1 to ${MOST_JOBS}.`)
    if (base !== undefined && action !== 'report')
      throw new UsageError(`\`dsv ci ${action}\` takes no version.`)
    if (action === 'report') return report(io, { ...args, base })
    if (action === 'plan') return plan(io, jobs)
    return write(io, action, args)
  },
})

async function plan(io: CommandIo, jobs: number): Promise<number> {
  return withRepository(io, async (repository) => {
    const shares = await stageShares(repository, jobs)
    io.out(jsonText(shares.map((_, at) => `${at + 1}/${shares.length}`)))
    return DONE
  })
}

interface ReportArguments {
  readonly base: string | undefined
  readonly run: string | undefined
  readonly output: string | undefined
}

async function report(io: CommandIo, { base, run, output }: ReportArguments): Promise<number> {
  return withRepository(io, async (repository) => {
    const text = ciReportText(await makeReport(repository, io, { base, run }))
    if (output === undefined) io.out(text)
    else await writeReport(io, output, text, REPORT_MARK)
    return DONE
  })
}

interface WriteArguments {
  readonly install: string | undefined
  readonly link: string | undefined
  readonly branch: string
  readonly commit: boolean
  readonly force: boolean
  readonly jobs: number
}

async function write(
  io: CommandIo,
  host: 'github' | 'gitlab',
  { install, link, branch, commit, force, jobs }: WriteArguments,
): Promise<number> {
  const choices: WorkflowChoices = {
    install: installOf(install),
    jobs,
    branch: branchOf(branch),
    isCommitted: commit,
  }
  return withRepository(io, async (repository) => {
    const setup = await ciSetup(repository, io, link)
    const isGithub = host === 'github'
    const name = isGithub ? GITHUB_FILE : GITLAB_FILE
    const text = (isGithub ? githubWorkflow : gitlabPipeline)(setup, choices)
    const file = path.join(setup.gitFolder, name)
    const isThere = existsSync(file)
    if (isThere && !force && readFileSync(file, 'utf8') !== text)
      throw new UsageError(`${name} says something else: --force replaces it.`)
    mkdirSync(path.dirname(file), { recursive: true })
    await writeByRename(file, Buffer.from(text))
    io.out(`Wrote ${name}\n`)
    const secrets = [...setup.secrets, ...(isGithub ? [] : [GITLAB_TOKEN])]
    if (!isGithub) io.out(`Add to .gitlab-ci.yml: include: '${GITLAB_FILE}'\n`)
    if (secrets.length > 0)
      io.out(`Set as ${isGithub ? 'secrets' : 'masked variables'}: ${secrets.join(', ')}\n`)
    if (setup.isFolder)
      io.note('warning: The data lie in a folder: only machines that see it can run this.\n')
    return DONE
  })
}

function installOf(typed: string | undefined): string {
  const install = typed?.trim() ?? ''
  if (install === '')
    throw new UsageError(
      "Say with --install how a machine gets dsv: --install 'git clone -q <address of dsv> ~/dsv && cd ~/dsv && npm install && npm run bundle && npm link --workspace dsv'.",
    )
  // oxlint-disable-next-line no-control-regex -- they are what is refused
  if (/[\u0000-\u0009\u000B-\u001F\u007F-\u009F\u2028\u2029\uFEFF]/u.test(install))
    throw new UsageError('--install takes no control characters.')
  return install
}

function branchOf(typed: string): string {
  if (/^[^\s~^:?*[\\\p{Cc}]+$/u.test(typed)) return typed
  throw new UsageError(`${JSON.stringify(typed)} is no name of a branch.`)
}
