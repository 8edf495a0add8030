import { mkdirSync } from 'node:fs'
import path from 'node:path'
import type { DiffSummary } from '@dsv/core'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { parseTypedYaml } from '../../remote/src/dvc/parse-yaml.ts'
import { neededSecrets } from '../src/ci/needed-secrets.ts'
import { workflowYaml } from '../src/ci/workflow-yaml.ts'
import { ciReportText, REPORT_MARK } from '../src/views/ci-report.ts'
import { markdownCode } from '../src/views/markdown-code.ts'
import { openSandbox, type Sandbox } from './run-cli.ts'

describe('markdownCode', () => {
  it('is one code span on one line, and no end of a cell, whatever the text is', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('`', '|', '\\', '\n', ' ', '<', '@', 'a', '\u2028') }),
        (text) => {
          const code = markdownCode(text)
          const [fence = ''] = /^`+/.exec(code) ?? []
          const inside = code.slice(fence.length, -fence.length)
          expect(code.endsWith(fence)).toBe(true)
          expect(code).not.toMatch(/[\n|\u2028]/u)
          expect(inside.match(/`+/g) ?? []).not.toContain(fence)
          expect(inside).toMatch(/^[^`](?:.*[^`])?$/u)
        },
      ),
    )
  })

  it('cuts what is long and keeps what is not', () => {
    expect(markdownCode('a_b*c')).toBe('`a_b*c`')
    expect(markdownCode('a`b')).toBe('`` a`b ``')
    expect(markdownCode('')).toBe('` (empty) `')
    expect(markdownCode('x'.repeat(100), 10)).toBe('`xxxxxxxxx…`')
  })
})

describe('ciReportText', () => {
  it('fits into a comment and says what is left out', () => {
    const name = '`€'.repeat(300)
    const changes = Array.from({ length: 500 }, (_, at) => ({
      file: name,
      key: `${at}${name}`,
      before: name,
      after: name,
    }))
    const dataset = {
      diff: {
        path: name,
        change: 'changed' as const,
        formats: { from: name, to: name },
        schema: EMPTY_SCHEMA_DIFF,
        schemas: { from: EMPTY_SCHEMA, to: EMPTY_SCHEMA },
      },
      summary: { ...EMPTY_SUMMARY, byCategory: counts(name) },
    }
    const text = ciReportText({
      stages: Array.from({ length: 500 }, () => ({ stage: name, what: 'ran' })),
      stagesSummary: '500 ran',
      changes: {
        metrics: changes,
        parameters: changes,
        datasets: Array.from({ length: 20 }, () => dataset),
        moreDatasets: 7,
        files: [],
        moreFiles: 3,
      },
      problems: [],
    })
    expect(text.startsWith(`${REPORT_MARK}\n`)).toBe(true)
    expect(Buffer.byteLength(text)).toBeLessThan(65_536)
    expect(text).toContain('… and 460 more')
    expect(text.endsWith('… The report was cut here.\n')).toBe(true)
  })
})

describe('neededSecrets', () => {
  it('go by the kind of the address, and of that of the media', () => {
    expect(neededSecrets('s3://bucket/x').secrets).toEqual([
      'AWS_ACCESS_KEY_ID',
      'AWS_SECRET_ACCESS_KEY',
    ])
    expect(neededSecrets('https://data.example.org/x')).toEqual({
      secrets: ['DSV_TOKEN'],
      variables: { DSV_TOKEN_ORIGIN: 'https://data.example.org' },
      isFolder: false,
    })
    expect(
      neededSecrets('git+https://example.org/a/b.git', { media: 'azure://account/x' }).secrets,
    ).toEqual(['DSV_GIT_TOKEN', 'AZURE_STORAGE_SAS_TOKEN'])
    expect(neededSecrets('../registry')).toEqual({ secrets: [], variables: {}, isFolder: true })
  })
})

describe('workflowYaml', () => {
  it('is read back as it was', () => {
    const text = fc.oneof(
      fc.string(),
      fc.string({
        unit: fc.constantFrom(
          "'",
          '"',
          ':',
          '#',
          '-',
          '{',
          '&',
          '*',
          '!',
          '|',
          '@',
          '$',
          ' ',
          '\u0085',
        ),
      }),
    )
    const value = fc.letrec((tie) => ({
      value: fc.oneof(
        text.filter((each) => !each.includes('\n')),
        fc.integer(),
        fc.boolean(),
        fc.array(tie('value'), { maxLength: 3 }),
        fc.dictionary(
          text.filter((each) => !/[\n]|^__proto__$/.test(each)),
          tie('value'),
          { maxKeys: 3 },
        ),
      ),
    })).value
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom('a', 'b-c', '.dsv'), value), (each) => {
        expect(load(workflowYaml(each as never))).toEqual({ ...each })
      }),
    )
  })
})

let sandbox: Sandbox
beforeEach(() => {
  sandbox = openSandbox()
})
afterEach(() => sandbox.close())

describe('dsv ci github and gitlab', () => {
  /** A repository in Git with links of hostile names. */
  async function linked(name: string, address = 's3://bucket/x'): Promise<void> {
    mkdirSync(path.join(sandbox.folder, '.git'))
    await sandbox.dsv('init')
    sandbox.write('a.txt', 'a')
    await sandbox.dsv('add', 'a.txt')
    await sandbox.dsv('commit', '-m', 'a')
    sandbox.write(
      `${name}.dsvlink`,
      `dsvlink: 1\nrepository: ${address}\ncommit: ${'0'.repeat(64)}\npath: ${name}\n`,
    )
  }
  const HOSTILE = `it's "a" $(touch x) \${{ secrets.X }}`

  it('write what parses, gives few rights, and holds no text of the repository in a script', async () => {
    await linked(HOSTILE)
    const { exitCode, out } = await sandbox.dsv('ci', 'github', '--install', 'npm i dsv')
    expect(exitCode).toBe(0)
    expect(out).toContain('Set as secrets: AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY')
    const text = sandbox.read('.github/workflows/dsv.yml')
    const workflow = load(text) as Workflow
    expect(workflow.permissions).toEqual({ contents: 'read' })
    expect(Object.keys(workflow.jobs)).toEqual(['fork', 'plan', 'stages', 'report'])
    expect(workflow.jobs['report']?.permissions).toEqual({
      contents: 'read',
      'pull-requests': 'write',
    })
    expect(workflow.env['DSV_CI_LINK']).toBe(`${HOSTILE.replace('${{', "${{ '${{' }}")}.dsvlink`)
    const scripts = Object.values(workflow.jobs).flatMap(({ steps }) =>
      steps.flatMap(({ run }) => run ?? []),
    )
    expect(scripts.length).toBeGreaterThan(10)
    for (const script of scripts) expect(script).not.toMatch(/touch|\$\{\{|s3:/u)
    const stages = workflow.jobs['stages']?.steps.find(({ run }) => run?.includes('--part'))
    expect(stages?.env).toEqual({ DSV_CI_PART: '${{ matrix.part }}' })
  })

  it('write jobs for GitLab, and say what to add', async () => {
    await linked(HOSTILE)
    const { out } = await sandbox.dsv('ci', 'gitlab', '--install', 'npm i dsv', '--jobs', '3')
    expect(out).toContain("Add to .gitlab-ci.yml: include: '.gitlab/dsv.yml'")
    const text = sandbox.read('.gitlab/dsv.yml')
    const jobs = load(text) as Record<string, { parallel?: number; variables?: object }>
    expect(jobs['dsv stages']?.parallel).toBe(3)
    expect(jobs['.dsv']?.variables).toMatchObject({
      DSV_CI_LINK: `${HOSTILE.replaceAll('$', '$$$$')}.dsvlink`,
    })
    expect(text.match(/touch x/g)).toHaveLength(2)
  })

  it('replace nothing that says something else', async () => {
    await linked('data')
    const install = ['--install', 'npm i dsv'] as const
    sandbox.write('.github/workflows/dsv.yml', 'mine\n')
    const refused = await sandbox.dsv('ci', 'github', ...install)
    expect(refused.exitCode).toBe(2)
    expect(refused.note).toContain('--force')
    expect(sandbox.read('.github/workflows/dsv.yml')).toBe('mine\n')
    expect((await sandbox.dsv('ci', 'github', ...install, '--force')).exitCode).toBe(0)
    expect((await sandbox.dsv('ci', 'github', ...install)).exitCode).toBe(0)
  })

  it('ask for what they have to know', async () => {
    await linked('data')
    expect((await sandbox.dsv('ci', 'github')).note).toContain('--install')
    sandbox.write('other.dsvlink', sandbox.read('data.dsvlink'))
    const several = await sandbox.dsv('ci', 'github', '--install', 'x')
    expect(several.note).toContain('data.dsvlink, other.dsvlink')
    const named = await sandbox.dsv('ci', 'github', '--install', 'x', '--link', 'other.dsvlink')
    expect(named.exitCode).toBe(0)
  })
})

describe('dsv ci report and plan', () => {
  it('tell of a repository without pipelines, and refuse what is no outcome of a run', async () => {
    await sandbox.dsv('init')
    expect(JSON.parse((await sandbox.dsv('ci', 'plan')).out)).toEqual([])
    const { out } = await sandbox.dsv('ci', 'report')
    expect(out).toContain('**Stages:** all up to date')
    sandbox.write('run.json', '{"stages":[{}]}')
    expect((await sandbox.dsv('ci', 'report', '--run', 'run.json')).exitCode).toBe(2)
    sandbox.write('mine.md', 'mine\n')
    expect((await sandbox.dsv('ci', 'report', '-o', 'mine.md')).exitCode).toBe(2)
    expect(sandbox.read('mine.md')).toBe('mine\n')
  })
})

function load(text: string): unknown {
  return parseTypedYaml(Buffer.from(text), 'workflow.yml')
}

interface Workflow {
  readonly permissions: object
  readonly env: Readonly<Record<string, string>>
  readonly jobs: Readonly<
    Record<
      string,
      {
        readonly permissions?: object
        readonly steps: readonly { readonly run?: string; readonly env?: object }[]
      }
    >
  >
}

const NONE = { added: [], removed: [], changed: [] }
const EMPTY_SCHEMA = { categories: [], attributes: [] } as never
const EMPTY_SCHEMA_DIFF = {
  categories: { ...NONE, order: undefined },
  attributes: NONE,
  info: [],
} as never
const ZERO = { added: 0, removed: 0, changed: 0, moved: 0, relabelled: 0, attributes: 0 }
const EMPTY_SUMMARY = {
  items: { ...ZERO, media: 0 },
  annotations: ZERO,
  byType: [],
  bySubset: [],
  relabels: [],
  moves: [],
} as never as DiffSummary

function counts(name: string): never {
  return Array.from({ length: 100 }, () => ({ ...ZERO, category: name })) as never
}
