import { describe, expect, it } from '@jest/globals'
import { boxIou, type DatasetView, iouOf } from '@dsv/core'
import { operationFacts } from '../../formats/test/operation-facts.ts'
import { type MadeOfMany, runMany } from './run-many.ts'
import { annotationsOf, boxOf, keysOf, viewOf } from './run-step.ts'

/*
 * What Datumaro's merges gave. The collection has their results, not their inputs: these are the smallest that give
 * them, found with Datumaro 1.10.0.
 */
const UNION = 'merge union different labels'
const INTERSECT = 'merge intersect 3 annotators: 2 agree cat, 1 dog; iou .25 quorum 2'

function expectedOf(key: string): unknown {
  return operationFacts(key)[0]?.expected
}

/** Of the only item: boxes as Datumaro's facts have them. */
function boxesOf(made: MadeOfMany): readonly unknown[] {
  return annotationsOf(made).map((annotation) => {
    if (annotation.type !== 'box') throw new Error('no box')
    const { category, attributes = {}, score, x, y, width, height } = annotation
    return { name: category, attributes: { ...attributes, score }, xywh: [x, y, width, height] }
  })
}

describe('what Datumaro merges', () => {
  if (expectedOf(INTERSECT) === undefined) {
    it('cannot be compared: its results are not at hand', () => {
      expect(operationFacts(UNION)).toEqual([])
    })
    return
  }

  it('intersect: gives the score and the shape of two annotators who agree', async () => {
    const { items } = expectedOf(INTERSECT) as {
      readonly items: readonly {
        readonly annotations: readonly Record<string, unknown>[]
      }[]
    }
    const wanted = items[0]?.annotations.map(({ label_name: name, attributes, xywh }) => ({
      name,
      attributes,
      xywh,
    }))
    const said = (x: number): DatasetView =>
      viewOf(['cat', 'dog'], {
        'train/1': [{ ...boxOf('cat', x, x, 10, 10), attributes: { occ: true } }],
      })
    const made = await runMany('consensus', { a: said(0), b: said(1) }, { iou: 0.25, quorum: 2 })
    expect(boxesOf(made)).toEqual(wanted)
  })

  it('intersect: a third annotator who says dog makes two of three of that', async () => {
    const said = (category: string, x: number): DatasetView =>
      viewOf(['cat', 'dog'], { 'train/1': [boxOf(category, x, x, 10, 10)] })
    const made = await runMany(
      'consensus',
      { a: said('cat', 0), b: said('cat', 1), c: said('dog', 0) },
      { iou: 0.25, quorum: 2 },
    )
    // Datumaro 1.10.0: 0.5602240896358543, and a second box without a label, which dsv leaves out.
    expect(annotationsOf(made).map(({ score }) => score)).toEqual([0.5602240896358543])
  })

  it('merge_report.json: finds what Datumaro finds, but for its own scores and what it keeps without a label', async () => {
    const { 'All errors': errors } = expectedOf('merge_report.json example') as {
      readonly 'All errors': readonly string[]
    }
    const view = (items: Parameters<typeof viewOf>[1]): DatasetView => viewOf(['cat', 'dog'], items)
    const { report } = await runMany(
      'consensus',
      {
        a: view({ 'train/1': [boxOf('cat', 0, 0, 10, 10)] }),
        b: view({ 'train/1': [boxOf('dog', 0, 0, 10, 10), boxOf('cat', 50, 50, 5, 5)] }),
        c: view({ 'train/2': [] }),
      },
      { quorum: 2, match: 'category' },
    )
    const count = (text: string): number => errors.filter((error) => error.includes(text)).length
    expect(report).toMatchObject({
      findings: {
        counts: {
          'no-matching-item': count('matching item'),
          'no-matching-annotation': count('matching annotation'),
          'failed-category-voting': count('label voting'),
        },
      },
    })
    // Datumaro votes on the attribute `score` that it made itself, and compares boxes that nobody agrees on.
    expect(report).not.toHaveProperty('findings.counts.failed-attribute-voting')
    expect(report).not.toHaveProperty('findings.counts.annotations-too-close')
  })

  it('union: the same categories and boxes, under names that say where they are from', async () => {
    const { labels, items } = expectedOf(UNION) as {
      readonly labels: readonly string[]
      readonly items: readonly { readonly id: string; readonly annotations: readonly unknown[] }[]
    }
    const made = await runMany(
      'compose',
      {
        a: viewOf(['cat', 'dog'], { 'train/1': [boxOf('cat', 0, 0, 5, 5)] }),
        b: viewOf(['dog', 'bus'], { 'train/1': [boxOf('dog', 0, 0, 5, 5)] }),
      },
      { duplicates: 'keep' },
    )
    expect(made.schema.categories.map(({ name }) => name)).toEqual(labels)
    expect(made.items).toHaveLength(items.length)
    // Datumaro calls them 1-0 and 1-1.
    expect(keysOf(made)).toEqual(['train/a-1', 'train/b-1'])
    expect(made.items.map(({ layers }) => layers['ground_truth']?.[0])).toMatchObject([
      { category: 'cat', x: 0, width: 5 },
      { category: 'dog', x: 0, width: 5 },
    ])
  })

  it('overlaps: the same, but 0 where nothing is shared', () => {
    const facts = expectedOf('nms/iou facts') as Readonly<Record<string, number>>
    expect(boxIou([0, 0, 10, 10], [5, 5, 10, 10])).toBe(facts['bbox_iou((0,0,10,10),(5,5,10,10))'])
    const square = (size: number): Parameters<typeof iouOf>[0] => ({
      type: 'polygon',
      parts: [[[0, 0, size, 0, size, size, 0, size]]],
    })
    expect(iouOf(square(5), square(10))).toBe(facts['segment_iou polygon'])
    expect(facts['disjoint']).toBe(-1)
    expect(boxIou([0, 0, 1, 1], [5, 5, 1, 1])).toBe(0)
  })
})
