import type { AnnotationDraft, Category } from '@dsv/core'
import { describe, expect, it } from '@jest/globals'
import * as fc from 'fast-check'
import {
  BYTES,
  type InstanceCoding,
  instanceValues,
  THOUSANDS,
} from '../../src/shared/instance-values.ts'

const CODINGS: readonly (readonly [string, InstanceCoding])[] = [
  ['thousands', THOUSANDS],
  ['bytes', BYTES],
]

describe.each(CODINGS)('numbers of objects in %s', (_, coding) => {
  it('say class and object again', () => {
    const label = fc.integer({ min: 1, max: 64 })
    const instance = fc.option(fc.integer({ min: 1, max: 255 }), { nil: undefined })
    fc.assert(
      fc.property(label, instance, (own, object) => {
        const value = coding.valueOf(own, object)
        expect(value).toBeLessThanOrEqual(65_535)
        const parsed = coding.parse(value ?? 0)
        expect([parsed.label, parsed.instance]).toEqual([own, object])
      }),
    )
  })

  it('are different for things, and those that were there where they fit', () => {
    const mask = fc.record({
      label: fc.integer({ min: 1, max: 3 }),
      sourceId: fc.oneof(fc.constantFrom(1, 256, 257, 1000, 1001, 2000), fc.integer()),
    })
    fc.assert(
      fc.property(fc.array(mask, { maxLength: 8 }), (all) => {
        const thing: Category = { key: 'a', name: 'a', isThing: true }
        const drafts = all.map(({ sourceId }): AnnotationDraft => ({ type: 'label', sourceId }))
        const labels = new Map(drafts.map((draft, index) => [draft, all[index]?.label ?? 0]))
        const ownerOf = (draft: AnnotationDraft): { category: Category; label: number } => ({
          category: thing,
          label: labels.get(draft) ?? 0,
        })
        const valueOf = instanceValues(drafts, ownerOf, coding)
        const values = drafts.map((draft) => valueOf(draft) ?? -1)
        expect(new Set(values).size).toBe(values.length)
        expect(values.map((value) => coding.parse(value).label)).toEqual([...labels.values()])
        const kept = values.filter((_value, index) => isKept(all, index, coding))
        expect(kept).toEqual(
          all.filter((_each, index) => isKept(all, index, coding)).map(({ sourceId }) => sourceId),
        )
      }),
    )
  })
})

/** Whether the number that a thing had is one of its class, and nobody had it before. */
function isKept(
  all: readonly { readonly label: number; readonly sourceId: number }[],
  index: number,
  coding: InstanceCoding,
): boolean {
  const { label = 0, sourceId = -1 } = all[index] ?? {}
  const fits = (number: number): boolean => {
    const own = coding.parse(sourceId)
    return own.label === number && own.instance !== undefined
  }
  const isBefore = all
    .slice(0, index)
    .some((other) => other.sourceId === sourceId && fits(other.label))
  return sourceId >= 0 && sourceId <= 65_535 && fits(label) && !isBefore
}
