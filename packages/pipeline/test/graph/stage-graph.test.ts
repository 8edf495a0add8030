import { describe, expect, test } from '@jest/globals'
import { chooseStages, drawGraph, type PipelineStage, stageGraph } from '@dsv/pipeline'
import fc from 'fast-check'
import { stageOf } from './stage-of.ts'

function namesOf(stages: readonly PipelineStage[]): readonly string[] {
  return stages.map(({ name }) => name)
}

describe('which stage needs which', () => {
  test('by the same path, by a path inside an output, by an output inside a folder that is read', () => {
    const [a, b, c, d] = [
      stageOf('a', [], ['out']),
      stageOf('b', ['out'], ['data/b']),
      stageOf('c', ['out/x/y.txt'], ['data/sub/c']),
      stageOf('d', ['data'], ['d']),
    ]
    const graph = stageGraph([d, c, b, a])
    expect(namesOf(graph.upstream(b))).toEqual(['a'])
    expect(namesOf(graph.upstream(c))).toEqual(['a'])
    expect(namesOf(graph.upstream(d)).toSorted()).toEqual(['b', 'c'])
    expect(namesOf(graph.downstream(a)).toSorted()).toEqual(['b', 'c'])
    expect(namesOf(graph.stages)[0]).toBe('a')
    expect(graph.makerOf('data/sub/c/deep.png')?.name).toBe('c')
    // A name that begins alike is no folder.
    expect(graph.makerOf('outer')).toBeUndefined()
  })

  test('a stage that needs itself, and two that need each other, are named', () => {
    expect(() => stageGraph([stageOf('a', ['x/y'], ['x'])])).toThrow(
      'dsv.yaml:a needs what it makes',
    )
    expect(() => stageGraph([stageOf('a', ['b'], ['a']), stageOf('b', ['a'], ['b'])])).toThrow(
      'dsv.yaml:a → dsv.yaml:b → dsv.yaml:a',
    )
  })

  test('outputs that are the same or lie in one another are named with their stages', () => {
    expect(() => stageGraph([stageOf('a', [], ['x']), stageOf('b', [], ['x'])])).toThrow(
      'x is an output of dsv.yaml:a and of dsv.yaml:b',
    )
    expect(() => stageGraph([stageOf('a', [], ['x/y/z']), stageOf('b', [], ['x'])])).toThrow(
      'x/y/z, an output of dsv.yaml:a, lies in x, an output of dsv.yaml:b',
    )
  })

  test.each(['dsv.lock', 'dsv.yaml'])('an output in the place of %s is refused', (path) => {
    expect(() => stageGraph([stageOf('a', [], [path])])).toThrow(
      `${path}, an output of dsv.yaml:a, is the place of ${path}`,
    )
  })

  test('each stage comes after those that it needs', () => {
    const edges = fc.array(fc.tuple(fc.nat(19), fc.nat(19)), { maxLength: 60 })
    fc.assert(
      fc.property(edges, fc.array(fc.nat(), { minLength: 20, maxLength: 20 }), (pairs, keys) => {
        const needs = new Map<number, string[]>()
        for (const [a, b] of pairs)
          if (a !== b)
            needs.set(Math.max(a, b), [...(needs.get(Math.max(a, b)) ?? []), `o${Math.min(a, b)}`])
        const stages = keys
          .map((key, at) => ({ key, stage: stageOf(`s${at}`, needs.get(at) ?? [], [`o${at}`]) }))
          .toSorted((a, b) => a.key - b.key)
          .map(({ stage }) => stage)
        const graph = stageGraph(stages)
        const places = new Map(graph.stages.map((stage, at) => [stage, at]))
        expect(places.size).toBe(20)
        for (const stage of stages)
          for (const each of graph.upstream(stage))
            expect(places.get(each)).toBeLessThan(places.get(stage) ?? -1)
      }),
    )
  })
})

describe('which stages are meant', () => {
  const graph = stageGraph([
    stageOf('a', [], ['out']),
    stageOf('b@1', ['out'], ['b1']),
    stageOf('b@2', ['out'], ['b2']),
    stageOf('c', ['b1'], ['c']),
  ])
  const chosen = (
    ...args: Parameters<typeof chooseStages> extends [unknown, infer C] ? [C] : never
  ) => namesOf(chooseStages(graph, ...args).stages)

  test.each([
    [['c'], ['a', 'b@1', 'c']],
    [['dsv.yaml:b@2'], ['a', 'b@2']],
    [['b'], ['a', 'b@1', 'b@2']],
    [['./b2/'], ['a', 'b@2']],
    [['dsv.yaml'], ['a', 'b@1', 'b@2', 'c']],
    [[], ['a', 'b@1', 'b@2', 'c']],
  ])('%j means %j', (targets, names) => {
    expect(chosen({ targets })).toEqual(names)
  })

  test('alone, and with what needs them', () => {
    expect(chosen({ targets: ['c'], single: true })).toEqual(['c'])
    expect(chosen({ targets: ['b@1'], downstream: true })).toEqual(['b@1', 'c'])
    expect(() => chosen({ targets: ['d'] })).toThrow('There is no stage and no output "d"')
  })
})

test('a graph is drawn for people, Mermaid and Graphviz', () => {
  const stages = [
    stageOf('a', [], ['x']),
    stageOf('b', [], ['y']),
    stageOf('c', ['x', 'y'], ['z']),
    stageOf('d', ['x'], ['w']),
  ]
  const graph = stageGraph(stages)
  expect(drawGraph(graph, graph.stages, 'text')).toBe(
    'dsv.yaml:a\n  dsv.yaml:d\ndsv.yaml:b\n  dsv.yaml:c (needs dsv.yaml:a, dsv.yaml:b)\n',
  )
  expect(drawGraph(graph, graph.stages.slice(0, 3), 'mermaid')).toBe(
    [
      'flowchart TD',
      '  stage1["dsv.yaml:a"]',
      '  stage2["dsv.yaml:b"]',
      '  stage3["dsv.yaml:c"]',
      '  stage1 --> stage3',
      '  stage2 --> stage3',
      '',
    ].join('\n'),
  )
  expect(drawGraph(graph, graph.stages.slice(2), 'dot')).toBe(
    'digraph pipeline {\n  "dsv.yaml:c";\n  "dsv.yaml:d";\n}\n',
  )
})

test('names are no part of the language of a drawing', () => {
  const graph = stageGraph([stageOf('<b>"&#\\', [], ['a'])])
  expect(drawGraph(graph, graph.stages, 'mermaid')).toBe(
    'flowchart TD\n  stage1["dsv.yaml:#60;b#62;#34;#38;#35;\\"]\n',
  )
  expect(drawGraph(graph, graph.stages, 'dot')).toBe(
    'digraph pipeline {\n  "dsv.yaml:<b>\\"&#\\\\";\n}\n',
  )
})
