import { execFileSync } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { parameterValuesOf, readPipelines, workingTreeReader } from '@dsv/pipeline'
import { load } from 'js-yaml'

/** Names the program `dvc` (3.x) to compare with; `scripts/remotes.sh` installs one. */
const dvcProgram = process.env['DSV_TEST_DVC']
const describeWithDvc = dvcProgram === undefined ? describe.skip : describe

const PARAMS = `
lr: 0.001
eps: 1.0e-5
big: 1.0e+16
one: 1.0
n: 42
flag: true
nothing:
name: it's "x" y
list: [1, 2, 3]
words: [a, b c, true, 1.0]
train: {epochs: 10, opt: {name: adam, betas: [0.9, 0.99], fast: false, deep: {er: 1, t: true}, e: "", s: a b}}
models: {cnn: {layers: 3}, rnn: {layers: 5}}
under: 1_000
oct: 0o17
lead: 012
exp: 1e5
yes: yes
inf: .inf
`

/** `$<a>` stands for `${a}`. */
const PIPELINE = String.raw`
vars:
  - inline: {a: 1, b: two, list: [x, true], map: {p: true, q: [1]}}
    top: T
  - other.toml
  - p.py:A,C
stages:
  multi:
    cmd: |
      echo $<lr> $<eps> $<big> $<one>
      echo $<n> $<flag> $<nothing> $<name>
      echo $<train.epochs> $<list[0]> $<list[-1]> $<words[3]> $<section.y> $<A> $<C.D[1]> $<C.B>
  lists:
    cmd: ["echo $<under> $<oct> $<lead> $<exp> $<yes> $<inf>", 'echo \$<HOME> $$<n> $< n >']
  unpack:
    cmd: python train.py $<train.opt> --and $<words[0]>
  all:
    cmd: x
    wdir: sub/$<inline.b>
    deps: ["$<inline.b>.txt", ../a/./b, "c/"]
    params: [lr, "$<inline.b>.k", {../../other.toml: [section.x]}, {z.json: }, n]
    outs: ["o-$<n>", "$<top>": {cache: false}, q: {persist: true, push: false, remote: x, desc: d, type: t, labels: [l]}]
    metrics: [m.json: {cache: false}]
    plots: [p.csv: {x: a, y: b, template: linear}]
    frozen: true
    always_changed: true
  each:
    foreach: $<list>
    do: {cmd: "run $<item>", outs: ["each/$<item>"]}
  named:
    foreach: $<models>
    do: {cmd: "run $<key> $<item.layers>", outs: ["$<key>.bin"]}
  inline:
    foreach: [a, true, 1.5, null, "$<n>", "$<flag>"]
    do: {cmd: "run $<item>"}
  composite:
    foreach: [{x: 1, y: [1]}, {x: 2, y: [2]}]
    do: {vars: [{loc: 7}], cmd: "run $<item.x> $<item.y[0]> $<loc>"}
  matrix:
    matrix: {a: [x, true], b: "$<list>", c: [{q: 1}, {q: 2}], d: "$<words>", e: "$<inline.map>"}
    cmd: run $<item.a> $<item.b> $<item.c.q> $<key> $<item.d> $<item.e>
    outs: ["matrix/$<key>"]
  local:
    wdir: sub
    vars: [local.yaml, {inline: {c: 3}}]
    cmd: echo $<inline.c> $<inline.a> $<here>
  lines:
    cmd: "a\r\nb\rc\u2028d\fe"
metrics: [m.json]
plots: [x.csv, {y.csv: {x: a, y: b}}, {id: {x: {f.csv: q}, y: {f.csv: [r, s], g.csv: t}}}]
artifacts: {x: {path: a}}
`.replaceAll(/\$<([^>]*)>/g, '${$1}')

const FILES = {
  'params.yaml': PARAMS,
  'other.toml': '[section]\nx = 1\ny = 2.0\n',
  'p.py': 'A = 5\nclass C:\n    B = 1.0\n    D = [1, 2]\n',
  'sub/local.yaml': 'here: 1\n',
  'sub/two/kept': '',
  'sub/inner/dvc.yaml': 'stages:\n  t: {cmd: a, deps: [../x], outs: [y]}\n',
  'sub/inner/y/dvc.yaml': 'stages: broken\n',
  'dvc.yaml': PIPELINE,
}

/** Files that nobody can run. */
const BROKEN = [
  'stages: {s: {deps: [a]}}',
  'stages: {s: {cmd: x, dep: [a]}}',
  'stages: {s: {cmd: x, frozen: maybe}}',
  'stages: {s: {cmd: "run ${gone}"}}',
  'stages: {s: {cmd: "run ${list.}"}}',
  'stages: {s: {cmd: "run ${list}"}}',
  'stages: {s: {cmd: x, outs: ["${train}"]}}',
  'stages: {s: {foreach: "${n}", do: {cmd: x}}}',
  'stages: {s: {foreach: [1], do: {cmd: "${key}"}}}',
  'stages: {s: {foreach: [1], do: {cmd: x, vars: [{item: 1}]}}}',
  'stages: {s: {matrix: {a: 1}, cmd: x}}',
  'vars: [{n: 1}]\nstages: {s: {cmd: x}}',
  'vars: [gone.yaml]\nstages: {s: {cmd: x}}',
  'vars: ["params.yaml:n"]\nstages: {s: {cmd: x}}',
  'vars: ["${n}.yaml"]\nstages: {s: {cmd: x}}',
  'stages: {s: {cmd: a}, s: {cmd: b}}',
]

describeWithDvc('DVC itself', () => {
  let folder: string
  let env: Record<string, string>
  const run = (program: string, ...args: readonly string[]): string =>
    execFileSync(program, args, {
      cwd: folder,
      env,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    })
  const dvc = (...args: readonly string[]): string => run(dvcProgram ?? '', ...args)
  const dvcStages = (): string => {
    const script = path.join(import.meta.dirname, 'dvc_stages.py')
    return run(path.join(path.dirname(dvcProgram ?? ''), 'python'), script, folder)
  }
  const write = (files: Readonly<Record<string, string>>): void => {
    for (const [file, text] of Object.entries(files)) {
      fs.mkdirSync(path.dirname(path.join(folder, file)), { recursive: true })
      fs.writeFileSync(path.join(folder, file), text)
    }
  }

  beforeAll(() => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), 'dsv-dvc-pipelines-'))
    env = {
      PATH: process.env['PATH'] ?? '',
      HOME: path.join(folder, 'home'),
      DVC_NO_ANALYTICS: '1',
      DVC_SITE_CACHE_DIR: path.join(folder, 'site'),
      GIT_CONFIG_GLOBAL: '/dev/null',
    }
    run('git', 'init', '-q')
    dvc('init', '-q')
  })

  afterAll(() => {
    fs.rmSync(folder, { recursive: true, force: true })
  })

  it.each([
    ['', ''],
    ['as other settings say', '[parsing]\n    bool = boolean_optional\n    list = append\n'],
  ])('resolves the same files to the same stages %s', async (_, settings) => {
    write({ ...FILES, '.dvc/config': settings })
    const { stages } = await readPipelines(workingTreeReader(folder))
    const ours = stages.map(({ file, name, action, ...stage }) => ({
      file,
      name,
      command: action.kind === 'command' ? action.lines : [],
      folder: action.kind === 'command' ? action.folder : undefined,
      dependencies: stage.dependencies,
      parameters: stage.parameters.map((use) => [use.file, use.keys ?? []]),
      outputs: stage.outputs.map((out) => [
        out.path,
        out.kind,
        // Metrics that DVC leaves to Git are stored by dsv.
        out.isStored && out.path !== 'sub/two/m.json',
        out.persists,
      ]),
      isFrozen: stage.isFrozen,
      alwaysRuns: stage.alwaysRuns,
    }))
    expect(ours.length).toBeGreaterThan(100)
    expect(byPath(ours)).toEqual(byPath(JSON.parse(dvcStages())))
  })

  it.each(BROKEN)('refuses what we refuse: %s', async (text) => {
    write({ 'params.yaml': PARAMS, '.dvc/config': '', 'dvc.yaml': `${text}\n` })
    expect(dvcStages).toThrow('Command failed')
    await expect(readPipelines(workingTreeReader(folder))).rejects.toMatchObject({
      code: expect.stringMatching(/^DSV_PIPELINE_/),
    })
  })

  it('records the commands and parameters that we read', async () => {
    fs.rmSync(path.join(folder, 'sub'), { recursive: true, force: true })
    write({
      'params.yaml': 'lr: 0.5\nlist: [1, 2]\nnet: {depth: 3, width: 1.0}\n',
      'p.json': '{"a": {"b": 1}, "c": null}',
      'p.toml': 'x = 1.5\ny = [1, 2]\n',
      'p.py': 'SEED = 7\nclass T:\n    K = "v"\n',
      'dvc.yaml': `
stages:
  one:
    foreach: \${list}
    do:
      cmd: echo \${item} \${lr} > out-\${item}
      params: [lr, net.depth, {p.json: [a.b, c]}, {p.toml: }, {p.py: [SEED, T.K]}]
      outs: ["out-\${item}"]
  two:
    cmd: cat out-1 out-2 > both
    deps: [out-1, out-2]
    outs: [both]
`,
    })
    dvc('repro', '-q')
    const lock = load(fs.readFileSync(path.join(folder, 'dvc.lock'), 'utf8')) as {
      stages: Record<string, { cmd: string; params?: Record<string, Record<string, unknown>> }>
    }
    const reader = workingTreeReader(folder)
    const { stages } = await readPipelines(reader)
    const commands = stages.map(({ name, action }) => [name, 'lines' in action && action.lines])
    expect(Object.fromEntries(commands)).toEqual(
      Object.fromEntries(Object.entries(lock.stages).map(([name, { cmd }]) => [name, [cmd]])),
    )
    const { values } = await parameterValuesOf(reader, { onlyUsed: true })
    const read = [...values].map(([file, each]) => [file, Object.fromEntries(each)])
    expect(Object.fromEntries(read)).toEqual(lock.stages['one@1']?.params)
  }, 60_000)
})

/** The order of outputs means nothing. */
function byPath(
  stages: readonly { readonly outputs: readonly unknown[] }[],
): readonly { readonly outputs: readonly string[] }[] {
  return stages.map((stage) => ({
    ...stage,
    outputs: stage.outputs.map((output) => JSON.stringify(output)).toSorted(),
  }))
}
