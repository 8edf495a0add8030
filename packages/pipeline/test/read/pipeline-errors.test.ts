import { describe, expect, it } from '@jest/globals'
import { readPipelines } from '@dsv/pipeline'
import { memoryReader } from './memory-reader.ts'
import { failureOf } from './stages-of.ts'

describe('readPipelines', () => {
  it('says the file, the line, the stage and the key of an unknown key, with near and allowed ones', async () => {
    const text = 'stages:\n  train:\n    cmd: x\n    dep: [a]\n'
    await expect(readPipelines(memoryReader({ 'sub/dvc.yaml': text }))).rejects.toMatchObject({
      message: 'sub/dvc.yaml, line 4: stages.train.dep is unknown.',
      hint: expect.stringMatching(/^Is `deps` meant\? Allowed are cmd, wdir, deps, params, outs,/),
      details: { file: 'sub/dvc.yaml', line: 4, stage: 'train', key: 'stages.train.dep' },
    })
  })

  it.each([
    ['stages: {s: {deps: [a]}}', 'stages.s has no `cmd`'],
    ['stages: {s: {cmd: }}', 'stages.s.cmd is nothing, not a text'],
    ['stages: {s: {cmd: ""}}', 'stages.s.cmd is empty'],
    ['stages: {s: {cmd: {a: b}}}', 'stages.s.cmd is a mapping, not a text'],
    ['stages: {s: {cmd: "a\\0b"}}', 'stages.s.cmd holds a zero byte'],
    ['stages: [a]', 'stages is a list, not a mapping'],
    ['stages: {s: x}', 'stages.s is a text, not a mapping'],
    ['[a]', 'is a list, not a mapping'],
    ['stage: {}', 'stage is unknown'],
    ['stages: {s: {cmd: x, deps: a}}', 'stages.s.deps is a text, not a list'],
    ['stages: {s: {cmd: x, deps: [[a]]}}', 'stages.s.deps[0] is a list, not a text'],
    ['stages: {s: {cmd: x, deps: [/etc/passwd]}}', 'lies outside the repository'],
    ['stages: {s: {cmd: x, deps: [a/../../b]}}', 'lies outside the repository'],
    ['stages: {s: {cmd: x, deps: ["s3://bucket/key"]}}', 'is an address (s3://bucket/key)'],
    ['stages: {s: {cmd: x, wdir: ..}}', 'stages.s.wdir lies outside the repository'],
    ['stages: {s: {cmd: x, outs: [.]}}', 'is the whole repository'],
    ['stages: {s: {cmd: x, outs: [.git/hooks/pre-commit]}}', 'lies in .git'],
    ['stages: {s: {cmd: x, outs: [.dsv/root]}}', 'lies in .dsv'],
    ['stages: {s: {cmd: x, outs: [a, a/]}}', 'stages.s makes a twice'],
    ['stages: {s: {cmd: x, deps: [a], outs: [./a]}}', 'stages.s both reads and makes a'],
    ['stages: {s: {cmd: x, outs: [{a: {cach: true}}]}}', 'stages.s.outs[0].a.cach is unknown'],
    ['stages: {s: {cmd: x, outs: [{a: {cache: 1}}]}}', 'cache is a number, not true or false'],
    ['stages: {s: {cmd: x, outs: [{a: {x: b}}]}}', 'stages.s.outs[0].a.x is unknown'],
    ['stages: {s: {cmd: x, frozen: maybe}}', 'stages.s.frozen is a text, not true or false'],
    ['stages: {s: {cmd: x, step: filter}}', 'stages.s.step is unknown'],
    ['plots: [{p: {z: 1}}]', 'plots[0].p.z is unknown'],
    ['artifacts: {a: {type: model}}', 'artifacts.a.path is nothing, not a text'],
  ])('refuses %s', async (text, problem) => {
    const failure = await failureOf({ 'dvc.yaml': text })
    expect(failure.code).toBe('DSV_PIPELINE_INVALID')
    expect(failure.message).toContain(problem)
  })

  it.each([
    ['a broken text', 'stages: {a: "', 1],
    ['a key twice', 'stages:\n  a: {cmd: x}\n  a: {cmd: y}\n', 3],
    ['a tab as indentation', 'stages:\n\ta: 1\n', 2],
  ])('says the line of %s', async (_, text, line) => {
    const failure = await failureOf({ 'dvc.yaml': text })
    expect(failure.code).toBe('DSV_PIPELINE_FILE_UNREADABLE')
    expect(failure.message).toContain(`dvc.yaml, line ${line}: is no valid YAML`)
  })

  it('refuses one name for two stages of a folder, but not of two', async () => {
    const step = 'stages: {s: {step: filter, from: a, into: b, with: {where: x = 1}}}'
    const both = { 'dvc.yaml': 'stages: {s: {cmd: x}}', 'dsv.yaml': step }
    expect((await failureOf(both)).message).toContain('has the name of a stage in dsv.yaml')
    const apart = { 'dvc.yaml': 'stages: {s: {cmd: x}}', 'a/dvc.yaml': 'stages: {s: {cmd: x}}' }
    expect((await readPipelines(memoryReader(apart))).stages).toHaveLength(2)
    const made = { 'dvc.yaml': 'stages: {s: {foreach: [a], do: {cmd: x}}, s@a: {cmd: y}}' }
    expect((await failureOf(made)).message).toContain('has the name of a stage in dvc.yaml')
  })

  it('leaves out files that stages make', async () => {
    const { files } = await readPipelines(
      memoryReader({
        'dvc.yaml': 'stages: {s: {cmd: x, outs: [copy]}}',
        'copy/dvc.yaml': 'not: {a: pipeline}',
        'copied/dvc.yaml': '',
      }),
    )
    expect(files).toEqual(['dvc.yaml', 'copied/dvc.yaml'])
  })
})

describe('a dsv.yaml', () => {
  const read = async (stage: string, params = ''): Promise<unknown> => {
    const files = { 'dsv.yaml': `stages:\n  s: ${stage}\n`, 'params.yaml': params }
    const { stages } = await readPipelines(memoryReader(files))
    return stages[0]?.action
  }

  it('fills options of steps with the types that they have in params.yaml', async () => {
    const stage = '{step: remap-categories, from: "${src}", into: b, with: {to: "${names}"}}'
    const params = 'src: [a]\nnames: {car: vehicle, dog: }'
    expect(await read(stage, params)).toMatchObject({
      inputs: ['a'],
      steps: [{ name: 'remap-categories', options: { to: { car: 'vehicle', dog: '' } } }],
    })
  })

  it.each([
    ['{step: filte, from: a, into: b}', 'names no step: filte', 'Is `filter` meant?'],
    ['{step: filter, from: a, into: b}', 'stages.s.with has no `where`', 'It is: '],
    ['{step: filter, into: b, with: {where: x}}', 'stages.s has no `from`', ''],
    ['{step: filter, from: a, with: {where: x}}', 'stages.s has no `into`', ''],
    ['{step: filter, from: [a, b], into: c, with: {where: x}}', 'takes one', ''],
    [
      '{step: filter, from: a, into: b, with: {were: x}}',
      'stages.s.with.were is unknown',
      '`where`',
    ],
    ['{step: filter, from: a, into: b, with: {where: [x]}}', 'is a list, not a text', ''],
    ['{step: filter, from: a, into: b, with: {where: x, keep-empty: 2}}', 'not true or false', ''],
    [
      '{step: filter, from: a, into: b, with: {where: x, annotations: some}}',
      'is "some"',
      'matching, all',
    ],
    ['{step: filter, from: a, into: a, with: {where: x}}', 'both reads and makes a', ''],
    [
      '{step: filter, from: a, into: b, deps: [c], with: {where: x}}',
      'stages.s.deps is unknown',
      '',
    ],
    ['{desc: nothing}', 'has neither `cmd` nor `step`', ''],
  ])('refuses %s', async (stage, problem, hint) => {
    const failure = await failureOf({ 'dsv.yaml': `stages:\n  s: ${stage}\n` })
    expect(failure.code).toBe('DSV_PIPELINE_INVALID')
    expect(failure.message).toContain(problem)
    expect(failure.hint).toContain(hint)
  })
})

describe('what stands beside the stages', () => {
  it('is read with its templates', async () => {
    const pipelines = await readPipelines(
      memoryReader({
        'sub/params.yaml': 'file: m.json\ncolumn: acc\nname: model',
        'sub/dvc.yaml': `
params: [p.toml, "\${file}"]
metrics: ["\${file}", ../n.yaml]
plots:
  - a.csv
  - b.csv:
  - c.csv: {x: step, y: ["\${column}", loss], title: "T \${column}", x_label: X, template: simple}
  - both: {x: {a.csv: step}, y: {a.csv: "\${column}", d.csv: [p, q]}, y_label: Y}
artifacts: {"\${name}": {path: m.bin, type: model, labels: [a], meta: {any: "\${name}"}}}
datasets: [{name: d, type: dvc}]
`,
      }),
    )
    expect(pipelines).toMatchObject({
      parameterFiles: ['sub/p.toml', 'sub/m.json'],
      metricsFiles: ['sub/m.json', 'n.yaml'],
      plots: [
        { file: 'sub/dvc.yaml', name: 'a.csv', series: [{ file: 'sub/a.csv' }] },
        { name: 'b.csv', series: [{ file: 'sub/b.csv' }] },
        {
          name: 'c.csv',
          x: { column: 'step' },
          series: [
            { file: 'sub/c.csv', column: 'acc' },
            { file: 'sub/c.csv', column: 'loss' },
          ],
          title: 'T acc',
          xLabel: 'X',
          template: 'simple',
        },
        {
          name: 'both',
          x: { file: 'sub/a.csv', column: 'step' },
          series: [
            { file: 'sub/a.csv', column: 'acc' },
            { file: 'sub/d.csv', column: 'p' },
            { file: 'sub/d.csv', column: 'q' },
          ],
          yLabel: 'Y',
        },
      ],
    })
  })
})
