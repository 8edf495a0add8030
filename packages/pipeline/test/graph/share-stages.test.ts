import { describe, expect, test } from '@jest/globals'
import { type PipelineStage, type PlannedStage, shareStages, stageGraph } from '@dsv/pipeline'
import fc from 'fast-check'
import { stageOf } from './stage-of.ts'

function planned(stage: PipelineStage, isStale: boolean): PlannedStage {
  return {
    stage,
    inputs: { action: {}, parameters: {}, dependencies: new Map() },
    reasons: isStale ? [{ kind: 'new' }] : [],
    isSkipped: false,
    isOfDvc: false,
  } as unknown as PlannedStage
}

describe('what is out of date, shared among machines', () => {
  test('is named by what nothing else needs, and what is tied stays together', () => {
    const stages = [
      stageOf('a', ['in'], ['a']),
      stageOf('b', ['a'], ['b']),
      stageOf('c', ['a'], ['c']),
      stageOf('x', ['in'], ['x']),
      stageOf('fresh', ['in'], ['fresh']),
      stageOf('y', ['fresh'], ['y']),
    ]
    const graph = stageGraph(stages)
    const plan = stages.map((stage) => planned(stage, stage.name !== 'fresh'))
    expect(shareStages(graph, plan, 4)).toEqual([
      ['dsv.yaml:b', 'dsv.yaml:c'],
      ['dsv.yaml:x'],
      ['dsv.yaml:y'],
    ])
    expect(shareStages(graph, plan, 2)).toEqual([
      ['dsv.yaml:b', 'dsv.yaml:c'],
      ['dsv.yaml:x', 'dsv.yaml:y'],
    ])
    expect(
      shareStages(
        graph,
        stages.map((stage) => planned(stage, false)),
        2,
      ),
    ).toEqual([])
  })

  test('leaves nothing out, names nothing twice, has no empty share, and gives as many shares when asked again', () => {
    const chains = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 8 })
    fc.assert(
      fc.property(chains, fc.integer({ min: 1, max: 6 }), (lengths, most) => {
        const stages = lengths.flatMap((length, chain) =>
          Array.from({ length }, (_, at) =>
            stageOf(`s${chain}-${at}`, [`${chain}-${at}`], [`${chain}-${at + 1}`]),
          ),
        )
        const plan = stages.map((stage) => planned(stage, true))
        const graph = stageGraph(stages)
        const shares = shareStages(graph, plan, most)
        expect(shares).toHaveLength(Math.min(most, lengths.length))
        expect(shares.every((share) => share.length > 0)).toBe(true)
        expect(shares.flat().toSorted()).toEqual(
          lengths.map((length, chain) => `dsv.yaml:s${chain}-${length - 1}`).toSorted(),
        )
        expect(shareStages(graph, plan, shares.length)).toEqual(shares)
      }),
    )
  })
})
