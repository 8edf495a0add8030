import { describe, expect, it } from '@jest/globals'
import { readPipelines } from '@dsv/pipeline'
import { memoryReader } from './memory-reader.ts'

describe('readPipelines', () => {
  it('reads a stage of dvc.yaml, with paths relative to its folder', async () => {
    const { stages } = await readPipelines(
      memoryReader({
        'data/dvc.yaml': `
stages:
  train:
    desc: Fit the model
    cmd: python train.py
    wdir: src
    deps: [train.py, ../raw/]
    params: [lr, model.size, {other.toml: [seed]}, {all.json: }]
    outs: [model, {log.txt: {cache: false, persist: true}}]
    metrics: [{m.json: {cache: false}}]
    plots: [{roc.csv: {x: fpr, y: tpr, title: ROC}}]
    frozen: true
    always_changed: true
`,
      }),
    )
    const out = { isStored: true, persists: false }
    expect(stages).toEqual([
      {
        file: 'data/dvc.yaml',
        name: 'train',
        description: 'Fit the model',
        action: { kind: 'command', lines: ['python train.py'], folder: 'data/src' },
        dependencies: ['data/src/train.py', 'data/raw'],
        parameters: [
          { file: 'data/src/params.yaml', keys: ['lr', 'model.size'] },
          { file: 'data/src/other.toml', keys: ['seed'] },
          { file: 'data/src/all.json', keys: undefined },
        ],
        outputs: [
          { path: 'data/src/model', kind: 'data', ...out },
          { path: 'data/src/log.txt', kind: 'data', isStored: false, persists: true },
          { path: 'data/src/m.json', kind: 'metrics', ...out },
          {
            path: 'data/src/roc.csv',
            kind: 'plots',
            ...out,
            plots: [{ x: 'fpr', y: ['tpr'], title: 'ROC' }],
          },
        ],
        isFrozen: true,
        alwaysRuns: true,
      },
    ])
  })

  it('reads a chain of steps, each alone or with its options', async () => {
    const { stages } = await readPipelines(
      memoryReader({
        'data/dsv.yaml': `
stages:
  cars:
    from: street
    steps:
      - filter: {where: category = "car"}
      - reindex
    into: cars
    format: coco
    report: report.json
`,
      }),
    )
    expect(stages).toMatchObject([
      {
        action: {
          kind: 'steps',
          inputs: ['data/street'],
          output: 'data/cars',
          format: 'coco',
          report: 'data/report.json',
          steps: [
            { name: 'filter', options: { where: 'category = "car"' } },
            { name: 'reindex', options: {} },
          ],
        },
        outputs: [
          { path: 'data/cars', kind: 'data' },
          { path: 'data/report.json', kind: 'metrics' },
        ],
      },
    ])
  })

  it.each([
    ['steps: []', 'is no list of steps'],
    ['steps: [filter: {where: id = 1, keep-emty: true}]', 'is unknown'],
    ['steps: [filtre]', 'names no step'],
    ['step: reindex\n    steps: [reindex]', 'cannot stand beside'],
    ['steps: [reindex]\n    with: {start: 1}', 'belongs to'],
  ])('refuses %s', async (lines, problem) => {
    const text = `stages:\n  a:\n    from: x\n    into: y\n    ${lines}\n`
    await expect(readPipelines(memoryReader({ 'dsv.yaml': text }))).rejects.toThrow(problem)
  })

  it('reads a stage of dsv.yaml with a step', async () => {
    const { stages } = await readPipelines(
      memoryReader({
        'dsv.yaml': `
stages:
  cars:
    step: filter
    from: data/street
    into: data/cars
    with: {where: category = "car", keep-empty: true}
    stored: false
`,
      }),
    )
    expect(stages).toMatchObject([
      {
        action: {
          kind: 'steps',
          inputs: ['data/street'],
          output: 'data/cars',
          steps: [{ name: 'filter', options: { where: 'category = "car"', 'keep-empty': true } }],
        },
        dependencies: ['data/street'],
        parameters: [],
        outputs: [{ path: 'data/cars', kind: 'data', isStored: false }],
      },
    ])
  })
})
