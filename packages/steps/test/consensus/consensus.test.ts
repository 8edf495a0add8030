import { describe, expect, it } from '@jest/globals'
import type { Annotation, AnnotationDraft, DatasetView } from '@dsv/core'
import fc from 'fast-check'
import { annotationsOf, boxOf, keysOf, viewOf } from '../run-step.ts'
import { runMany } from '../run-many.ts'

function oneItem(...annotations: readonly AnnotationDraft[]): DatasetView {
  return viewOf(['cat', 'dog'], { 'train/1': annotations })
}

/** The view keeps a uid that is there. */
function named(uid: string, draft: AnnotationDraft): AnnotationDraft & { readonly uid: string } {
  return { ...draft, uid }
}

/** Type, category, place and score of annotations. */
function said(annotations: readonly Annotation[]): readonly unknown[] {
  return annotations.map((annotation) =>
    annotation.type === 'box'
      ? [annotation.category, annotation.x, annotation.y, annotation.score]
      : [annotation.category, annotation.type, annotation.score],
  )
}

/** The findings of a report without what tests do not look at. */
function findingsOf(report: unknown): readonly unknown[] {
  return read(report, 'findings', 'list').map((finding) => [finding['type'], finding['annotators']])
}

function read(value: unknown, ...names: readonly string[]): readonly Record<string, unknown>[] {
  let at = value
  for (const name of names) at = (at as Record<string, unknown>)[name]
  return at as readonly Record<string, unknown>[]
}

describe('consensus', () => {
  it('takes the shape that is most like the others; the score is votes by annotators times agreement', async () => {
    const made = await runMany(
      'consensus',
      {
        ann: oneItem(boxOf('cat', 0, 0, 10, 10)),
        bob: oneItem(boxOf('cat', 1, 1, 10, 10)),
        eve: oneItem(boxOf('dog', 0, 0, 10, 10)),
      },
      { iou: 0.25, quorum: 2 },
    )
    // Two of three; the boxes share 81 of 119 pixels.
    expect(said(annotationsOf(made))).toEqual([['cat', 0, 0, (2 / 3) * ((1 + 81 / 119) / 2)]])
  })

  it('finds out what belongs together by the best sum, not by the first or the best pair', async () => {
    // Joining the best pair (ann 2, bob 1) would leave the others without a partner.
    const made = await runMany(
      'consensus',
      {
        ann: oneItem(boxOf('cat', 0, 0, 10, 10), boxOf('cat', 4, 0, 10, 10)),
        bob: oneItem(boxOf('cat', 3, 0, 10, 10), boxOf('cat', 7, 0, 10, 10)),
      },
      { iou: 0.5, quorum: 2 },
    )
    expect(annotationsOf(made)).toHaveLength(2)
  })

  it('does not put two annotations of one annotator together', async () => {
    const made = await runMany('consensus', {
      ann: oneItem(boxOf('cat', 0, 0, 10, 10), boxOf('cat', 0, 0, 10, 10)),
      bob: oneItem(boxOf('cat', 0, 0, 10, 10)),
    })
    expect(said(annotationsOf(made))).toEqual([
      ['cat', 0, 0, 1],
      ['cat', 0, 0, 0.5],
    ])
  })

  it('says who has not seen what, and who was outvoted', async () => {
    const { report } = await runMany(
      'consensus',
      {
        ann: oneItem(boxOf('cat', 0, 0, 10, 10), boxOf('cat', 40, 0, 10, 10)),
        bob: oneItem(boxOf('dog', 0, 0, 10, 10)),
        eve: viewOf(['cat'], { 'train/2': [] }),
      },
      { quorum: 2 },
    )
    expect(findingsOf(report)).toEqual([
      ['no-matching-item', ['eve']],
      ['failed-category-voting', ['bob']],
      ['no-matching-annotation', ['bob']],
      ['failed-category-voting', []],
      ['no-matching-item', ['ann', 'bob']],
    ])
  })

  it('keeps an annotation on whose category votes are equal, and says so', async () => {
    const { report, ...made } = await runMany('consensus', {
      ann: oneItem(boxOf('dog', 0, 0, 10, 10)),
      bob: oneItem(boxOf('cat', 0, 0, 10, 10)),
    })
    expect(said(annotationsOf(made))).toEqual([['cat', 0, 0, 0.5]])
    expect(findingsOf(report)).toEqual([['failed-category-voting', ['ann']]])
  })

  it('keeps annotations of two categories apart where they have to match', async () => {
    const made = await runMany(
      'consensus',
      { ann: oneItem(boxOf('dog', 0, 0, 10, 10)), bob: oneItem(boxOf('cat', 0, 0, 10, 10)) },
      { match: 'category' },
    )
    expect(said(annotationsOf(made))).toEqual([
      ['dog', 0, 0, 0.5],
      ['cat', 0, 0, 0.5],
    ])
  })

  it('takes the value of an attribute that most say, and leaves it out where there is none', async () => {
    const withColor = (color: string, isOld: boolean): DatasetView =>
      oneItem({ ...boxOf('cat'), attributes: { color, isOld, note: 'x' } })
    const made = await runMany(
      'consensus',
      { ann: withColor('red', true), bob: withColor('red', false) },
      { 'ignore-attributes': ['note'] },
    )
    expect(annotationsOf(made)[0]?.attributes).toEqual({ color: 'red' })
    expect(findingsOf(made.report)).toEqual([['failed-attribute-voting', ['ann', 'bob']]])
  })

  it('can give the mean of boxes', async () => {
    const made = await runMany(
      'consensus',
      { ann: oneItem(boxOf('cat', 0, 0, 10, 10)), bob: oneItem(boxOf('cat', 2, 1, 10, 10)) },
      { shape: 'mean' },
    )
    expect(annotationsOf(made)).toMatchObject([{ x: 1, y: 0.5, width: 10, height: 10 }])
  })

  it('can give the pixels that most masks cover', async () => {
    // Columns of 2 × 2 pixels; each counts its background and foreground in turn.
    const mask = (counts: string): AnnotationDraft => ({
      type: 'mask',
      category: 'cat',
      width: 2,
      height: 2,
      counts,
    })
    const made = await runMany(
      'consensus',
      { ann: oneItem(mask('013')), bob: oneItem(mask('022')), eve: oneItem(mask('031')) },
      { shape: 'mean', iou: 0.1 },
    )
    expect(annotationsOf(made)).toMatchObject([{ counts: '022' }])
  })

  it('takes the mean of turned boxes, whichever side is called the width', async () => {
    const turned = (width: number, height: number, angle: number): DatasetView =>
      oneItem({ type: 'rotated-box', category: 'cat', cx: 20, cy: 20, width, height, angle })
    const made = await runMany(
      'consensus',
      { ann: turned(10, 4, 0.1), bob: turned(4, 10, 0.1 + Math.PI / 2) },
      { shape: 'mean' },
    )
    expect(annotationsOf(made)).toMatchObject([
      { width: 10, height: 4, angle: expect.closeTo(0.1, 12), score: expect.closeTo(1, 9) },
    ])
  })

  it('counts predictions by their score', async () => {
    const scored = (category: string, score: number): DatasetView =>
      oneItem({ ...boxOf(category), score })
    const made = await runMany('consensus', {
      ann: scored('cat', 0.4),
      bob: scored('cat', 0.3),
      eve: scored('dog', 0.9),
    })
    expect(said(annotationsOf(made))).toEqual([['dog', 0, 0, 0.9 / 3]])
  })

  it('keeps relations between what comes into the result', async () => {
    const related = (prefix: string, x: number): DatasetView =>
      oneItem(
        named(`${prefix}1`, boxOf('cat', x, 0, 10, 10)),
        named(`${prefix}2`, boxOf('dog', 30 + x, 0, 10, 10)),
        named(`${prefix}3`, {
          type: 'relation',
          subject: `${prefix}1`,
          predicate: 'sees',
          object: `${prefix}2`,
        }),
      )
    const made = await runMany(
      'consensus',
      { ann: related('a', 0), bob: related('b', 1) },
      { quorum: 2 },
    )
    expect(annotationsOf(made)).toMatchObject([
      { uid: 'a1' },
      { uid: 'a2' },
      { type: 'relation', subject: 'a1', object: 'a2', score: 1 },
    ])
  })

  it('decides on labels by their number, and on lines in whatever direction', async () => {
    const line = (...points: readonly number[]): AnnotationDraft => ({
      type: 'polyline',
      category: 'cat',
      points,
    })
    const made = await runMany(
      'consensus',
      {
        ann: oneItem({ type: 'label', category: 'cat' }, line(0, 0, 20, 0)),
        bob: oneItem({ type: 'label', category: 'cat' }, line(20, 2, 0, 2)),
        eve: oneItem({ type: 'label', category: 'dog' }),
      },
      { quorum: 2 },
    )
    // The lines are 2 pixels apart, half their length is 10.
    expect(said(annotationsOf(made))).toEqual([
      ['cat', 'label', 2 / 3],
      ['cat', 'polyline', expect.closeTo((2 / 3) * 0.9, 9)],
    ])
  })

  it('matches keypoints by their likeness', async () => {
    const points = (x: number): AnnotationDraft => ({
      type: 'points',
      category: 'cat',
      points: [x, 0, x + 40, 40],
      visibility: [2, 2],
    })
    const made = await runMany('consensus', {
      ann: oneItem(points(0)),
      bob: oneItem(points(1)),
      eve: oneItem(points(30)),
    })
    const near = Math.exp(-1 / (2 * 1600 * 0.01))
    expect(said(annotationsOf(made))).toEqual([
      ['cat', 'points', expect.closeTo((2 / 3) * ((1 + near) / 2), 9)],
      ['cat', 'points', 1 / 3],
    ])
  })

  it('keeps groups together, and names those that lack a part', async () => {
    const grouped = (group: number): DatasetView =>
      oneItem(
        { ...boxOf('cat', 0, 0), group },
        { ...boxOf('dog', 10, 0), group },
        { ...boxOf('cat', 0, 8), group: group + 1 },
      )
    const made = await runMany(
      'consensus',
      { ann: grouped(7), bob: grouped(1) },
      { groups: 'cat,dog' },
    )
    expect(annotationsOf(made).map(({ group }) => group)).toEqual([7, 7, 8])
    expect(findingsOf(made.report)).toEqual([['wrong-group', []]])
  })

  it('names annotations of the result that nearly cover each other', async () => {
    const twice = oneItem(boxOf('cat', 0, 0, 100, 100), boxOf('cat', 1, 0, 100, 100))
    const { report } = await runMany('consensus', { ann: twice, bob: twice })
    expect(findingsOf(report)).toEqual([['annotations-too-close', []]])
  })

  it('takes layers of one dataset as annotators', async () => {
    const view = viewOf(
      ['cat'],
      { 'train/1': [] },
      {
        layers: {
          ann: [{ uid: 'a', ...boxOf('cat') }],
          bob: [{ uid: 'b', ...boxOf('cat') }],
        },
      },
    )
    const made = await runMany('consensus', { data: view }, { layers: ['bob', 'ann'] })
    expect(said(annotationsOf(made))).toEqual([['cat', 0, 0, 1]])
    expect(Object.keys(made.items[0]?.layers ?? {})).toEqual(['ann', 'bob', 'ground_truth'])
    await expect(runMany('consensus', { data: view }, { layers: ['ann', 'eve'] })).rejects.toThrow(
      'no item has a layer "eve"',
    )
  })

  it('refuses what makes no sense', async () => {
    const views = { ann: oneItem(), bob: oneItem() }
    const failing: readonly (readonly [Record<string, DatasetView>, Record<string, unknown>])[] = [
      [{ ann: oneItem() }, {}],
      [views, { iou: 2 }],
      [views, { quorum: 3 }],
      [views, { 'result-layer': '' }],
      [views, { groups: 'cat,bird' }],
      [views, { layers: ['a', 'b'] }],
    ]
    for (const [inputs, options] of failing)
      await expect(runMany('consensus', inputs, options)).rejects.toMatchObject({
        code: 'DSV_OPTION_INVALID',
      })
  })

  const boxes = fc.array(
    fc
      .tuple(
        fc.constantFrom('cat', 'dog'),
        fc.integer({ min: 0, max: 30 }),
        fc.integer({ min: 0, max: 30 }),
        fc.integer({ min: 1, max: 20 }),
      )
      .map(([category, x, y, size]) => boxOf(category, x, y, size, size)),
    { maxLength: 6 },
  )

  it('gives one dataset back, with score 1, when all say the same', async () => {
    await fc.assert(
      fc.asyncProperty(boxes, fc.integer({ min: 2, max: 4 }), async (annotations, count) => {
        const view = oneItem(...annotations)
        const names = ['ann', 'bob', 'eve', 'zoe'].slice(0, count)
        const made = await runMany(
          'consensus',
          Object.fromEntries(names.map((name) => [name, view])),
          { quorum: count },
        )
        const wanted = (await view.item({ subset: 'train', id: '1' }))?.layers['ground_truth'] ?? []
        expect(annotationsOf(made)).toEqual(
          wanted.map((annotation) => ({ ...annotation, score: 1 })),
        )
      }),
    )
  })

  it('gives the same whatever the order of the datasets', async () => {
    await fc.assert(
      fc.asyncProperty(boxes, boxes, boxes, async (first, second, third) => {
        const [ann, bob, eve] = [first, second, third].map((each) => oneItem(...each))
        if (ann === undefined || bob === undefined || eve === undefined) return
        const one = await runMany('consensus', { ann, bob, eve }, { iou: 0.3 })
        const other = await runMany('consensus', { eve, ann, bob }, { iou: 0.3 })
        expect(other.items).toEqual(one.items)
        expect(other.report).toEqual(one.report)
      }),
    )
  })

  it('lets each annotator into an object once, and loses nobody without a quorum', async () => {
    await fc.assert(
      fc.asyncProperty(boxes, boxes, boxes, async (first, second, third) => {
        const made = await runMany('consensus', {
          ann: oneItem(...first),
          bob: oneItem(...second),
          eve: oneItem(...third),
        })
        const count = annotationsOf(made).length
        expect(count).toBeGreaterThanOrEqual(Math.max(first.length, second.length, third.length))
        expect(count).toBeLessThanOrEqual(first.length + second.length + third.length)
        expect(new Set(annotationsOf(made).map(({ uid }) => uid)).size).toBe(count)
        expect(keysOf(made)).toEqual(['train/1'])
      }),
    )
  })
})
