import { execFile, type ExecFileException } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'

/** Names the program `dvc` (3.x) to compare with; `scripts/remotes.sh` installs one. */
const dvcProgram = process.env['DSV_TEST_DVC']
const describeWithDvc = dvcProgram === undefined ? describe.skip : describe
const DSV = fileURLToPath(new URL('../../packages/cli/bin/dsv.js', import.meta.url))

const PIPELINE = `
stages:
  each:
    foreach: \${names}
    do:
      cmd: cp in/\${item}.txt each-\${item}.txt
      deps: ["in/\${item}.txt"]
      outs: ["each-\${item}.txt"]
  grid:
    matrix: {size: [1, 2], kind: [x, y]}
    cmd: echo \${item.size} \${item.kind} \${scale} > grid-\${key}.txt
    params: [scale]
    outs: ["grid-\${key}.txt"]
  top:
    cmd: head -n 1 in/top.txt > top.txt
    deps: [in/top.txt]
    outs: [top.txt]
  left: {cmd: sed s/^/left/ top.txt > left.txt, deps: [top.txt], outs: [left.txt]}
  right: {cmd: sed s/^/right/ top.txt > right.txt, deps: [top.txt, in/aside.txt], outs: [right.txt]}
  bottom:
    cmd: cat left.txt right.txt > bottom.txt
    deps: [left.txt, right.txt]
    params: [train.rate]
    metrics: [bottom.txt: {cache: false}]
  listing: {cmd: ls folder > listing.txt, deps: [folder], outs: [listing.txt]}
  parts: {cmd: mkdir -p parts/sub && cp folder/a parts/a && cp folder/b parts/sub/b, deps: [folder/a, folder/b], outs: [parts]}
  part: {cmd: cp parts/sub/b part.txt, deps: [parts/sub/b], outs: [part.txt]}
  raw: {cmd: cat in/a.txt in/b.txt > raw.bin, deps: [in/a.txt, in/b.txt], outs: [{raw.bin: {cache: false}}]}
  of-raw: {cmd: wc -c < raw.bin > of-raw.txt, deps: [raw.bin], outs: [of-raw.txt]}
  cold: {cmd: cp in/cold.txt cold.txt, deps: [in/cold.txt], outs: [cold.txt]}
  of-cold: {cmd: cp cold.txt of-cold.txt, deps: [cold.txt], outs: [of-cold.txt]}
  always: {cmd: echo always > always.txt, outs: [always.txt], always_changed: true}
  of-always: {cmd: cp always.txt of-always.txt, deps: [always.txt], outs: [of-always.txt]}
  one: {cmd: cp in/chain.txt one.txt, deps: [in/chain.txt], outs: [one.txt]}
  two: {cmd: tr a-z A-Z < one.txt > two.txt, deps: [one.txt], outs: [two.txt]}
  three: {cmd: wc -c < two.txt > three.txt, deps: [two.txt], outs: [three.txt]}
  four: {cmd: cp three.txt four.txt, deps: [three.txt], outs: [four.txt]}
`

const FILES: Readonly<Record<string, string>> = {
  'dvc.yaml': PIPELINE,
  'params.yaml': 'names: [a, b]\nscale: 3\nunused: 1\ntrain: {rate: 0.5, rounds: 10}\n',
  'in/a.txt': 'a\n',
  'in/b.txt': 'b\n',
  'in/c.txt': 'c\n',
  'in/top.txt': 'top\nrest\n',
  'in/aside.txt': 'aside\n',
  'in/cold.txt': 'cold\n',
  'in/chain.txt': 'chain\n',
  'folder/a': 'a\n',
  'folder/b': 'b\n',
  'folder/deep/c': 'c\n',
}

/** What is done to a repository in which everything is up to date. */
type Edit = (work: Work) => void

interface Work {
  write(file: string, text: string): void
  /** Replaces text that has to be there. */
  edit(file: string, from: string, to: string): void
  remove(file: string): void
  touch(file: string): void
  /** Removes the record of a stage, or of all, from the lock of the tool. */
  forget(stage?: string): void
}

/** Where dsv does otherwise on purpose: the stages that only one of both names. */
interface Difference {
  readonly why: string
  readonly dvc?: Partial<Said>
  readonly dsv?: Partial<Said>
}

const RECORDED =
  'the record, which tells where files come from, would name what is not declared any more'
const FROZEN =
  'DVC records anew what a frozen stage has not made; dsv leaves alone what does not run'

const EDITS: readonly (readonly [what: string, edit: Edit, difference?: Difference])[] = [
  ['nothing', () => {}],
  ['a source is changed', (work) => work.write('in/a.txt', 'other\n')],
  ['a source is touched', (work) => work.touch('in/a.txt')],
  ['a source is deleted', (work) => work.remove('in/aside.txt')],
  ['a file in a folder is changed', (work) => work.write('folder/deep/c', 'other\n')],
  ['a file in a folder is added', (work) => work.write('folder/deep/d', 'd\n')],
  ['a file in a folder is deleted', (work) => work.remove('folder/deep/c')],
  [
    'a file in a folder is renamed',
    (work) => {
      work.write('folder/deep/e', 'c\n')
      work.remove('folder/deep/c')
    },
  ],
  ['a parameter is changed', (work) => work.edit('params.yaml', 'scale: 3', 'scale: 4')],
  [
    'a parameter that is not used is changed',
    (work) => work.edit('params.yaml', 'rounds: 10', 'rounds: 11'),
  ],
  [
    'a parameter is written otherwise',
    (work) => work.edit('params.yaml', 'rate: 0.5', 'rate: 0.50'),
  ],
  ['a parameter is removed', (work) => work.edit('params.yaml', 'rate: 0.5, ', '')],
  ['a command is changed', (work) => work.edit('dvc.yaml', 'ls folder >', 'ls -a folder >')],
  ['a command gets blanks', (work) => work.edit('dvc.yaml', 'ls folder >', 'ls  folder >')],
  ['an output is deleted', (work) => work.remove('two.txt')],
  ['an output is edited', (work) => work.write('two.txt', 'edited\n')],
  ['a file is added to an output', (work) => work.write('parts/new', 'new\n')],
  ['an output that is not stored is deleted', (work) => work.remove('raw.bin')],
  ['an output that is not stored is edited', (work) => work.write('raw.bin', 'edited\n')],
  ['a last output is deleted', (work) => work.remove('four.txt')],
  [
    'an output is added',
    (work) =>
      work.edit(
        'dvc.yaml',
        'cmd: wc -c < two.txt > three.txt, deps: [two.txt], outs: [three.txt]',
        'cmd: wc -c < two.txt > three.txt; echo > more.txt, deps: [two.txt], outs: [three.txt, more.txt]',
      ),
  ],
  [
    'only the list of outputs grows',
    (work) => {
      work.write('left-more.txt', 'x\n')
      work.edit('dvc.yaml', 'outs: [left.txt]', 'outs: [left.txt, left-more.txt]')
    },
  ],
  [
    'an output is no longer declared',
    (work) => work.edit('dvc.yaml', 'outs: [four.txt]', 'outs: []'),
    { why: RECORDED, dsv: { stale: ['four'], ran: ['four'] } },
  ],
  [
    'a dependency is added',
    (work) =>
      work.edit('dvc.yaml', 'deps: [left.txt, right.txt]', 'deps: [left.txt, right.txt, in/a.txt]'),
  ],
  [
    'a dependency is removed',
    (work) => work.edit('dvc.yaml', 'deps: [top.txt, in/aside.txt]', 'deps: [top.txt]'),
    { why: RECORDED, dsv: { stale: ['right'], ran: ['right'] } },
  ],
  [
    'dependencies change places',
    (work) => work.edit('dvc.yaml', 'deps: [left.txt, right.txt]', 'deps: [right.txt, left.txt]'),
  ],
  [
    'a parameter is added',
    (work) => work.edit('dvc.yaml', 'params: [train.rate]', 'params: [train.rate, unused]'),
  ],
  [
    'a parameter is no longer declared',
    (work) => work.edit('dvc.yaml', '    params: [train.rate]\n', ''),
    { why: RECORDED, dsv: { stale: ['bottom'], ran: ['bottom'] } },
  ],
  [
    'an output is stored now',
    (work) => work.edit('dvc.yaml', '{raw.bin: {cache: false}}', 'raw.bin'),
  ],
  [
    'an output is a metric now',
    (work) => work.edit('dvc.yaml', 'outs: [listing.txt]', 'metrics: [listing.txt]'),
  ],
  ['a stage is renamed', (work) => work.edit('dvc.yaml', '  three:', '  drei:')],
  [
    'a stage is removed',
    (work) =>
      work.edit(
        'dvc.yaml',
        '  four: {cmd: cp three.txt four.txt, deps: [three.txt], outs: [four.txt]}\n',
        '',
      ),
  ],
  ['a stage is described', (work) => work.edit('dvc.yaml', '  left: {', '  left: {desc: words, ')],
  [
    'a stage runs elsewhere',
    (work) =>
      work.edit(
        'dvc.yaml',
        'cmd: cp three.txt four.txt, deps: [three.txt], outs: [four.txt]',
        'wdir: in, cmd: cp ../three.txt ../four.txt, deps: [../three.txt], outs: [../four.txt]',
      ),
  ],
  ['the record of a stage is lost', (work) => work.forget('two')],
  [
    'all records are lost',
    (work) => work.forget(),
    { why: FROZEN, dvc: { stale: ['cold'], ran: ['cold'] } },
  ],
  ['the loop gets a name', (work) => work.edit('params.yaml', '[a, b]', '[a, b, c]')],
  ['the loop loses a name', (work) => work.edit('params.yaml', '[a, b]', '[a]')],
  ['the matrix grows', (work) => work.edit('dvc.yaml', 'size: [1, 2]', 'size: [1, 2, 3]')],
  ['what changes makes no difference', (work) => work.write('in/top.txt', 'top\nother\n')],
  ['the start of a chain is changed', (work) => work.write('in/chain.txt', 'other\n')],
  ['the start of a chain is changed, length kept', (work) => work.write('in/chain.txt', 'CHAIN\n')],
  ['what a frozen stage reads is changed', (work) => work.write('in/cold.txt', 'warm\n')],
  [
    'what a frozen stage made is edited',
    (work) => work.write('cold.txt', 'edited\n'),
    { why: FROZEN, dvc: { stale: ['cold'], ran: ['cold'] } },
  ],
  [
    'what a frozen stage made is deleted',
    (work) => work.remove('cold.txt'),
    {
      why: 'DVC has nothing to record; in dsv the stage that reads it fails',
      dvc: { stale: ['cold'], failed: ['cold'] },
      dsv: { failed: ['of-cold'] },
    },
  ],
  [
    'the command of a frozen stage is changed',
    (work) => work.edit('dvc.yaml', 'cp in/cold.txt cold.txt,', 'cp  in/cold.txt cold.txt,'),
    { why: FROZEN, dvc: { stale: ['cold'], ran: ['cold'] } },
  ],
  [
    'the record of a frozen stage is lost',
    (work) => work.forget('cold'),
    { why: FROZEN, dvc: { stale: ['cold'], ran: ['cold'] } },
  ],
]

type Tool = 'dvc' | 'dsv'

/** Names of stages, sorted. */
interface Said {
  /** Out of date by what is in their own files, not because of a stage that they need. */
  readonly stale: readonly string[]
  readonly ran: readonly string[]
  readonly failed: readonly string[]
}

describeWithDvc('DVC itself', () => {
  let folder: string
  const said = new Map<Tool, readonly Said[]>()
  const at = (...parts: readonly string[]): string => path.join(folder, ...parts)
  const copyOf = (tool: Tool, index: number): string => at(`${tool}-${index}`)
  const runIn = async (cwd: string, program: string, ...args: readonly string[]): Promise<string> =>
    new Promise((resolve, reject) => {
      const env = {
        PATH: process.env['PATH'] ?? '',
        HOME: at('home'),
        DVC_NO_ANALYTICS: '1',
        DVC_SITE_CACHE_DIR: at('site'),
        GIT_CONFIG_GLOBAL: '/dev/null',
      }
      const done = (error: ExecFileException | null, stdout: string, stderr: string): void => {
        if (error === null || (stdout !== '' && error.code === 1)) resolve(stdout)
        else reject(new Error(`${program} ${args.join(' ')}: ${stderr}`))
      }
      execFile(program, args, { cwd, env, encoding: 'utf8' }, done)
    })
  const dsv = async (cwd: string, ...args: readonly string[]): Promise<string> =>
    runIn(cwd, process.execPath, DSV, ...args)

  const dvcSays = async (): Promise<readonly Said[]> => {
    const work = at('dvc')
    await runIn(work, dvcProgram ?? '', 'init', '-q', '--no-scm')
    await runIn(work, dvcProgram ?? '', 'repro', '-q')
    const folders = editedCopies('dvc')
    const script = fileURLToPath(new URL('dvc_stale.py', import.meta.url))
    const python = path.join(path.dirname(dvcProgram ?? ''), 'python')
    return JSON.parse(await runIn(folder, python, script, ...folders)) as readonly Said[]
  }
  const dsvSays = async (): Promise<readonly Said[]> => {
    await dsv(at('dsv'), 'init')
    await dsv(at('dsv'), 'run')
    const all: Said[] = []
    for (const work of editedCopies('dsv')) {
      const { staleStages } = JSON.parse(await dsv(work, 'status', '--json')) as StatusAnswer
      const { stages } = JSON.parse(await dsv(work, 'run', '--keep-going', '--json')) as RunAnswer
      const ended = (...ends: readonly string[]): readonly string[] =>
        stages
          .filter(({ end }) => ends.includes(end))
          .map(nameOf)
          .toSorted()
      const stale = staleStages.filter(isStaleItself)
      all.push({
        stale: stale.map(nameOf).toSorted(),
        ran: ended('ran', 'restored'),
        failed: ended('failed'),
      })
    }
    return all
  }
  const editedCopies = (tool: Tool): readonly string[] => {
    workIn(at(tool), tool).edit('dvc.yaml', '  cold: {', '  cold: {frozen: true, ')
    return EDITS.map(([, edit], index) => {
      const copy = copyOf(tool, index)
      fs.cpSync(at(tool), copy, {
        recursive: true,
        preserveTimestamps: true,
        verbatimSymlinks: true,
      })
      edit(workIn(copy, tool))
      return copy
    })
  }

  beforeAll(async () => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), 'dsv-dvc-stale-'))
    for (const tool of ['dvc', 'dsv'] as const)
      for (const [file, text] of Object.entries(FILES)) workIn(at(tool), tool).write(file, text)
    const [ofDvc, ofDsv] = await Promise.all([dvcSays(), dsvSays()])
    said.set('dvc', ofDvc).set('dsv', ofDsv)
  }, 600_000)

  afterAll(() => {
    fs.rmSync(folder, { recursive: true, force: true })
  })

  it.each(EDITS.map(([what, , difference], index) => [what, index, difference] as const))(
    '%s',
    (_, index, difference) => {
      const [ofDvc, ofDsv] = [said.get('dvc')?.[index], said.get('dsv')?.[index]]
      expect(differing(ofDvc, ofDsv)).toEqual(withAll(difference?.dvc))
      expect(differing(ofDsv, ofDvc)).toEqual(withAll(difference?.dsv))
      // DVC has removed what a failed stage had made before.
      if (ofDvc?.failed.length === 0)
        expect(filesIn(copyOf('dsv', index))).toEqual(filesIn(copyOf('dvc', index)))
    },
  )

  it('leaves nothing out of date when dsv takes over', async () => {
    const work = at('taken-over')
    fs.cpSync(at('dvc'), work, { recursive: true, preserveTimestamps: true })
    await dsv(work, 'init')
    const { staleStages } = JSON.parse(await dsv(work, 'status', '--json')) as StatusAnswer
    expect(staleStages.filter(isStaleItself).map(nameOf)).toEqual(['always'])
    const { stages } = JSON.parse(await dsv(work, 'run', '--json')) as RunAnswer
    const endOf = new Map(stages.map((stage) => [nameOf(stage), stage.end]))
    const others = ['always', 'of-always', 'cold']
    expect(others.map((name) => endOf.get(name))).toEqual(['ran', 'taken-over', 'skipped'])
    for (const name of others) endOf.delete(name)
    expect(new Set(endOf.values())).toEqual(new Set(['taken-over']))
    const again = JSON.parse(await dsv(work, 'status', '--json')) as StatusAnswer
    expect(again.staleStages.filter(isStaleItself).map(nameOf)).toEqual(['always'])
  })
})

function isStaleItself({ reasons }: StageAnswer): boolean {
  return reasons.some(({ kind }) => kind !== 'upstream')
}

/** What one says and the other does not. */
function differing(one: Said | undefined, other: Said | undefined): Said | undefined {
  if (one === undefined || other === undefined) return undefined
  const without = (key: keyof Said): readonly string[] =>
    one[key].filter((name) => !other[key].includes(name))
  return { stale: without('stale'), ran: without('ran'), failed: without('failed') }
}

function withAll(part: Partial<Said> = {}): Said {
  return { stale: [], ran: [], failed: [], ...part }
}

interface StageAnswer {
  readonly stage: string
  readonly reasons: readonly { readonly kind: string }[]
}

interface StatusAnswer {
  readonly staleStages: readonly StageAnswer[]
}

interface RunAnswer {
  readonly stages: readonly (StageAnswer & { readonly end: string })[]
}

function nameOf({ stage }: { readonly stage: string }): string {
  return stage.slice(stage.indexOf(':') + 1)
}

/** What every file of a working tree holds, but those that the tools keep for themselves. */
function filesIn(work: string): Readonly<Record<string, string>> {
  const own = /^\.(dvc|dsv)|^(dvc|dsv)\.lock$/u
  const names = fs.readdirSync(work, { recursive: true, encoding: 'utf8' }).toSorted()
  const files = names.filter(
    (name) => !own.test(name) && fs.statSync(path.join(work, name)).isFile(),
  )
  return Object.fromEntries(
    files.map((name) => [name, fs.readFileSync(path.join(work, name), 'utf8')]),
  )
}

function workIn(work: string, tool: Tool): Work {
  const at = (file: string): string => path.join(work, file)
  const edit: Work['edit'] = (file, from, to) => {
    const text = fs.readFileSync(at(file), 'utf8')
    if (!text.includes(from)) throw new Error(`${file} lacks ${from}`)
    fs.writeFileSync(at(file), text.replace(from, to))
  }
  return {
    edit,
    write: (file, text) => {
      fs.mkdirSync(path.dirname(at(file)), { recursive: true })
      // DVC's may be a link into its cache.
      fs.rmSync(at(file), { force: true })
      fs.writeFileSync(at(file), text)
    },
    remove: (file) => fs.rmSync(at(file)),
    touch: (file) => fs.utimesSync(at(file), 2_000_000_000, 2_000_000_000),
    forget: (stage) => {
      const lock = `${tool}.lock`
      if (stage === undefined) fs.rmSync(at(lock))
      else
        edit(
          lock,
          `  ${tool === 'dsv' ? 'dvc.yaml:' : ''}${stage}:`,
          `  ${tool === 'dsv' ? 'dvc.yaml:' : ''}forgotten:`,
        )
    },
  }
}
