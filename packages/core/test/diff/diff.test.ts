import {
  type Annotation,
  type AnnotationDraft,
  applyAnnotationDiff,
  applyItemChange,
  applySchemaDiff,
  diffAnnotations,
  diffItem,
  diffSchema,
  encodeAnnotations,
  identifyAnnotations,
  isEmptySchemaDiff,
  matchAnnotations,
  pairMoves,
  summarizeDiff,
} from '@dsv/core'
import { toBlobId } from '@dsv/store'
import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { encodeNewAnnotations } from '../../src/diff/identify-annotations.ts'
import { annotationDraft, annotations, item, itemKey, schema } from '../arbitraries.ts'

const KEY = { subset: 'train', id: 'a' }
const drafts = fc.array(annotationDraft, { maxLength: 8 })

function box(uid: string, x: number, category = 'cat'): Annotation {
  return { uid, type: 'box', x, y: 0, width: 10, height: 10, category }
}

function draftOf(annotation: Annotation): AnnotationDraft {
  const { uid: _, ...draft } = annotation
  return draft
}

function uidsByContent(list: readonly Annotation[]): readonly string[] {
  return list.map((annotation) => JSON.stringify([draftOf(annotation), annotation.uid])).toSorted()
}

describe('identifyAnnotations', () => {
  it('gives unique uids', () => {
    fc.assert(
      fc.property(itemKey, annotations, drafts, (key, before, list) => {
        const uids = identifyAnnotations(key, 'l', before, list).map(({ uid }) => uid)
        expect(new Set(uids).size).toBe(list.length)
      }),
    )
  })

  it('keeps all uids when the same drafts are read again, in any order', () => {
    fc.assert(
      fc.property(
        itemKey,
        annotations,
        drafts.chain((list) =>
          fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length })),
        ),
        (key, before, [list, shuffled]) => {
          const first = identifyAnnotations(key, 'l', before, list)
          expect(identifyAnnotations(key, 'l', first, list)).toEqual(first)
          expect(uidsByContent(identifyAnnotations(key, 'l', first, shuffled))).toEqual(
            uidsByContent(first),
          )
        },
      ),
    )
  })

  it('does not depend on the order of new annotations', () => {
    fc.assert(
      fc.property(drafts, (list) => {
        const forward = identifyAnnotations(KEY, 'l', [], list)
        const backward = identifyAnnotations(KEY, 'l', [], list.toReversed())
        expect(uidsByContent(backward)).toEqual(uidsByContent(forward))
      }),
    )
  })

  it('is what encodeNewAnnotations gives of new items', () => {
    fc.assert(
      fc.property(itemKey, drafts, (key, list) => {
        const entry = encodeNewAnnotations(key, 'l', list)
        expect(entry).toEqual(encodeAnnotations(key, identifyAnnotations(key, 'l', [], list)))
      }),
    )
  })

  it('gives the same uids on every machine and in every release', () => {
    const [annotation] = identifyAnnotations(KEY, 'ground_truth', [], [draftOf(box('', 1.5))])
    expect(annotation?.uid).toMatchInlineSnapshot(`"0b16839b78fb86c4"`)
  })
})

describe('matchAnnotations', () => {
  it('prefers an equal annotation to one of the same source id', () => {
    const before = [{ ...box('u1', 0), sourceId: 1 }, box('u2', 50)]
    const [match] = matchAnnotations(before, [draftOf(box('', 50))])
    expect(match).toEqual({ annotation: before[1], by: 'equal' })
  })

  it('follows a unique source id wherever the annotation went', () => {
    const before = [
      { ...box('u1', 0), sourceId: 1 },
      { ...box('u2', 100), sourceId: 2 },
    ]
    const matches = matchAnnotations(before, [{ ...draftOf(box('', 100.5)), sourceId: 1 }])
    expect(matches.map((match) => [match?.annotation.uid, match?.by])).toEqual([
      ['u1', 'source-id'],
    ])
  })

  it('leaves source ids that are not unique to overlap', () => {
    const before = [
      { ...box('u1', 0), sourceId: 1 },
      { ...box('u2', 100), sourceId: 1 },
    ]
    const matches = matchAnnotations(before, [{ ...draftOf(box('', 101)), sourceId: 1 }])
    expect(matches[0]?.annotation.uid).toBe('u2')
  })

  it('chooses the greatest sum of overlaps, not the greatest single one', () => {
    const before = [box('u1', 0), box('u2', 4)]
    const matches = matchAnnotations(before, [draftOf(box('', 3)), draftOf(box('', 8))])
    expect(matches.map((match) => match?.annotation.uid)).toEqual(['u1', 'u2'])
  })

  it('prefers the same category between two that overlap alike', () => {
    const before = [box('u1', 0, 'dog'), box('u2', 0, 'cat')]
    const [match] = matchAnnotations(before, [draftOf(box('', 1, 'cat'))])
    expect(match?.annotation.uid).toBe('u2')
  })

  it('takes what is far away or of another type for new', () => {
    const before = [box('u1', 0)]
    const label: AnnotationDraft = { type: 'label', category: 'cat' }
    expect(matchAnnotations(before, [draftOf(box('', 500)), label])).toEqual([undefined, undefined])
  })

  it('follows a label that became another, and a reworded caption', () => {
    const before: Annotation[] = [
      { uid: 'u1', type: 'label', category: 'cat' },
      { uid: 'u2', type: 'caption', text: 'a cat sits on a mat' },
      { uid: 'u3', type: 'caption', text: 'traffic in rain' },
    ]
    const matches = matchAnnotations(before, [
      { type: 'caption', text: 'one cat sits on a mat' },
      { type: 'label', category: 'dog' },
    ])
    expect(matches.map((match) => match?.annotation.uid)).toEqual(['u2', 'u1'])
  })

  it('keeps thousands of shifted boxes apart', () => {
    const before = Array.from({ length: 3000 }, (_, index) => box(`u${index}`, index * 11))
    const shifted = before.map((annotation, index) => draftOf(box('', index * 11 + 1)))
    const matches = matchAnnotations(before, shifted.toReversed())
    expect(matches.map((match) => match?.annotation.uid).toReversed()).toEqual(
      before.map(({ uid }) => uid),
    )
  })
})

describe('diffAnnotations', () => {
  it('is undone by applyAnnotationDiff, order included', () => {
    fc.assert(
      fc.property(annotations, annotations, (a, b) => {
        expect(applyAnnotationDiff(a, diffAnnotations(a, b))).toEqual(b)
      }),
    )
  })

  it('survives JSON', () => {
    fc.assert(
      fc.property(annotations, annotations, (a, b) => {
        const diff = JSON.parse(JSON.stringify(diffAnnotations(a, b)))
        expect(applyAnnotationDiff(a, diff)).toEqual(JSON.parse(JSON.stringify(b)))
      }),
    )
  })

  it('names the fields that differ, and how far a box moved', () => {
    const before = { ...box('u', 0), attributes: { color: 'red', pose: 1 } }
    const after = { ...box('u', 5, 'dog'), attributes: { color: 'blue', pose: 1 } }
    const [change] = diffAnnotations([before], [after]).changed
    expect(change?.fields.map(({ field }) => field)).toEqual([
      'attributes.color',
      'category',
      'geometry',
    ])
    expect(change?.iou).toBeCloseTo(1 / 3)
  })
})

describe('diffItem', () => {
  it('is undone by applyItemChange', () => {
    fc.assert(
      fc.property(item, item, (a, b) => {
        expect(applyItemChange(a, diffItem(a, b))).toEqual(b)
        expect(diffItem(a, a)).toBeUndefined()
      }),
    )
  })
})

describe('pairMoves', () => {
  it('pairs by id and content of the media', () => {
    const media = [
      { role: 'primary', path: 'a', kind: 'image' as const, blob: toBlobId('a'.repeat(64)) },
    ]
    const from = { subset: 'train', id: 'a', media }
    const to = { subset: 'val', id: 'a', media: [{ ...media[0]!, path: 'val/a' }] }
    const other = { subset: 'val', id: 'b', media }
    expect(pairMoves([from], [other, to])).toEqual({
      moved: [{ from, to }],
      removed: [],
      added: [other],
    })
  })
})

describe('diffSchema', () => {
  it('is undone by applySchemaDiff, order included', () => {
    fc.assert(
      fc.property(schema, schema, (a, b) => {
        expect(applySchemaDiff(a, diffSchema(a, b))).toEqual(b)
        expect(isEmptySchemaDiff(diffSchema(a, a))).toBe(true)
      }),
    )
  })

  it('says a renamed category in one change', () => {
    const before = { categories: [{ key: 'cat', name: 'cat' }], attributes: [], info: {} }
    const after = { ...before, categories: [{ key: 'cat', name: 'Cat' }] }
    expect(diffSchema(before, after).categories.changed).toMatchObject([
      { key: 'cat', fields: [{ field: 'name', from: 'cat', to: 'Cat' }] },
    ])
  })
})

describe('summarizeDiff', () => {
  it('counts per kind of change, category and subset', () => {
    const layer = diffAnnotations(
      [box('u1', 0), box('u2', 100), box('u3', 200)],
      [box('u1', 1), box('u2', 100, 'dog'), box('u4', 300)],
    )
    const summary = summarizeDiff([
      { from: KEY, to: KEY, layers: new Map([['ground_truth', layer]]) },
      { from: KEY, to: { subset: 'val', id: 'a' }, layers: new Map() },
      { to: { subset: 'val', id: 'b' }, layers: new Map() },
    ])
    expect(summary.items).toEqual({ added: 1, removed: 0, moved: 1, media: 0, changed: 1 })
    expect(summary.annotations).toEqual({
      added: 1,
      removed: 1,
      changed: 2,
      moved: 1,
      relabelled: 1,
      attributes: 0,
    })
    expect(summary.relabels).toEqual([{ from: 'cat', to: 'dog', count: 1 }])
    expect(summary.moves).toEqual([{ from: 'train', to: 'val', count: 1 }])
    expect(summary.byCategory.map(({ category, changed }) => [category, changed])).toEqual([
      ['cat', 1],
      ['dog', 1],
    ])
    expect(summary.bySubset.map(({ subset, added }) => [subset, added])).toEqual([
      ['train', 0],
      ['val', 1],
    ])
  })
})
