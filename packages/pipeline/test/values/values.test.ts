import { describe, expect, it } from '@jest/globals'
import { comparedValues, diffValues, metricsValuesOf, parameterValuesOf } from '@dsv/pipeline'
import { memoryReader } from '../read/memory-reader.ts'

const PIPELINE = `
params: [top.toml]
metrics: [extra.json, gone.json]
stages:
  s:
    cmd: x
    params: [lr, net.depth, {other.json: }, {part.yaml: [a]}]
    metrics: [m.json: {cache: false}]
`

const FILES = {
  'dvc.yaml': PIPELINE,
  'params.yaml': 'lr: 0.1\nnet: {depth: 3, width: 5}\nempty: {}\nlist: [1, {a: 2}]',
  'top.toml': 'seed = 7',
  'other.json': '{"x": true}',
  'part.yaml': 'a: 1\nb: 2',
  'm.json': '{"acc": 0.5, "by": {"car": 1, "name": "best"}, "list": [1], "none": null}',
  'extra.json': '3.5',
}

describe('parameterValuesOf', () => {
  it('reads all parameter files with dotted keys', async () => {
    const { values, missing, problems } = await parameterValuesOf(memoryReader(FILES))
    expect(flat(values)).toEqual({
      'params.yaml': { lr: 0.1, 'net.depth': 3, 'net.width': 5, empty: {}, list: [1, { a: 2 }] },
      'top.toml': { seed: 7 },
      'other.json': { x: true },
      'part.yaml': { a: 1, b: 2 },
    })
    expect([missing, problems]).toEqual([[], []])
  })

  it('reads only what stages use when told', async () => {
    const { values } = await parameterValuesOf(memoryReader(FILES), { onlyUsed: true })
    expect(flat(values)).toEqual({
      'params.yaml': { lr: 0.1, 'net.depth': 3 },
      'other.json': { x: true },
      'part.yaml': { a: 1 },
    })
  })

  it('reads the files that values of templates come from', async () => {
    const files = {
      'sub/dsv.yaml': `
vars: [more.yaml]
stages: {s: {step: filter, from: a, into: b, with: {where: "\${p} = \${q}"}}}
`,
      'sub/params.yaml': 'p: x',
      'sub/more.yaml': 'q: 1',
    }
    const { values } = await parameterValuesOf(memoryReader(files))
    expect(flat(values)).toEqual({ 'sub/params.yaml': { p: 'x' }, 'sub/more.yaml': { q: 1 } })
  })

  it('does without a params.yaml that nobody names, and says which files are missing or broken', async () => {
    expect((await parameterValuesOf(memoryReader({}))).missing).toEqual([])
    const files = { 'dvc.yaml': PIPELINE, 'other.json': '{' }
    const { missing, problems } = await parameterValuesOf(memoryReader(files))
    expect(missing).toEqual(['params.yaml', 'top.toml', 'part.yaml'])
    expect(problems).toEqual(['other.json, line 1: is no valid JSON.'])
  })
})

describe('metricsValuesOf', () => {
  it('reads metrics of stages and of the top level, without lists', async () => {
    const { values, missing } = await metricsValuesOf(memoryReader(FILES))
    expect(flat(values)).toEqual({
      'm.json': { acc: 0.5, 'by.car': 1, 'by.name': 'best' },
      'extra.json': { '': 3.5 },
    })
    expect(missing).toEqual(['gone.json'])
  })
})

describe('diffValues', () => {
  const before = new Map([
    [
      'a',
      new Map<string, number | string>([
        ['same', 1],
        ['grown', 1],
        ['gone', 'x'],
        ['text', 'p'],
      ]),
    ],
    ['only-before', new Map([['k', 1]])],
  ])
  const after = new Map([
    [
      'a',
      new Map<string, number | string>([
        ['same', 1],
        ['grown', 3.5],
        ['new', 2],
        ['text', 5],
      ]),
    ],
  ])

  it('lists what differs, with the difference of numbers', () => {
    expect(diffValues(before, after)).toEqual([
      { file: 'a', key: 'grown', before: 1, after: 3.5, difference: 2.5 },
      { file: 'a', key: 'new', after: 2 },
      { file: 'a', key: 'text', before: 'p', after: 5 },
      { file: 'a', key: 'gone', before: 'x' },
      { file: 'only-before', key: 'k', before: 1 },
    ])
  })

  it('lists nothing for one side compared with itself', () => {
    expect(diffValues(after, after)).toEqual([])
    expect(comparedValues(after, after)).toHaveLength(4)
  })
})

function flat(values: ReadonlyMap<string, ReadonlyMap<string, unknown>>): unknown {
  return Object.fromEntries([...values].map(([file, each]) => [file, Object.fromEntries(each)]))
}
