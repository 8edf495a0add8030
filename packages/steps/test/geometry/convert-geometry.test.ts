import { describe, expect, it } from '@jest/globals'
import {
  type Annotation,
  type AnnotationDraft,
  bitmapToCounts,
  boundsOf,
  formatCounts,
} from '@dsv/core'
import * as fc from 'fast-check'
import { itemsOf } from '../../../formats/test/dataset-view.ts'
import { annotationsOf, boxOf, runStep, viewOf } from '../run-step.ts'

async function converted(
  draft: AnnotationDraft,
  options: Readonly<Record<string, unknown>>,
): Promise<{ readonly made: Annotation | undefined; readonly notes: readonly string[] }> {
  const result = await runStep('convert-geometry', viewOf(['car'], { 'train/a': [draft] }), options)
  return { made: annotationsOf(result)[0], notes: result.notes.map(({ what }) => what) }
}

describe('convert-geometry', () => {
  it('rasterises a box as pycocotools does its four corners', async () => {
    const { made } = await converted(boxOf('car', 2, 2, 3, 1), { to: 'mask' })
    expect(made).toEqual({
      uid: 'ground_truth-0',
      category: 'car',
      type: 'mask',
      width: 20,
      height: 10,
      counts: formatCounts([22, 1, 9, 1, 9, 1, 157]),
    })
  })

  it('keeps what is said besides, but for an area that is no longer true', async () => {
    const draft: AnnotationDraft = {
      ...boxOf('car', 0, 0, 2, 2),
      attributes: { color: 'red' },
      score: 0.5,
      group: 3,
      occluded: true,
      area: 99,
    }
    const { made } = await converted(draft, { to: 'polygon' })
    expect(made).toEqual({
      uid: 'ground_truth-0',
      category: 'car',
      attributes: { color: 'red' },
      score: 0.5,
      group: 3,
      occluded: true,
      type: 'polygon',
      parts: [[[0, 0, 2, 0, 2, 2, 0, 2]]],
    })
  })

  it('keeps the box stated beside a polygon that becomes a mask, not beside one that becomes a box', async () => {
    const draft: AnnotationDraft = {
      type: 'polygon',
      parts: [[[0, 0, 4, 0, 4, 4]]],
      box: [0, 0, 5, 5],
    }
    expect((await converted(draft, { to: 'mask' })).made?.box).toEqual([0, 0, 5, 5])
    expect((await converted(draft, { to: 'box' })).made).toEqual({
      uid: 'ground_truth-0',
      type: 'box',
      x: 0,
      y: 0,
      width: 4,
      height: 4,
    })
  })

  it('traces a mask along its pixels, holes and all', async () => {
    const ring = bitmapToCounts(Uint8Array.from([1, 1, 1, 1, 0, 1, 1, 1, 1]))
    const draft: AnnotationDraft = { type: 'mask', width: 3, height: 3, counts: formatCounts(ring) }
    expect((await converted(draft, { to: 'polygon' })).made).toMatchObject({
      parts: [
        [
          [3, 0, 3, 3, 0, 3, 0, 0],
          [2, 2, 2, 1, 1, 1, 1, 2],
        ],
      ],
    })
  })

  it('takes only the types that are named, and those that match', async () => {
    const view = viewOf(['car', 'dog'], {
      'train/a': [boxOf('car'), boxOf('dog'), { type: 'quad', points: [0, 0, 4, 0, 4, 4, 0, 4] }],
    })
    const options = { to: 'polygon', from: ['box'], where: 'category = "dog"' }
    const made = annotationsOf(await runStep('convert-geometry', view, options))
    expect(made.map(({ type }) => type)).toEqual(['box', 'polygon', 'quad'])
  })

  it('leaves lines alone unless they are named', async () => {
    const line: AnnotationDraft = { type: 'polyline', points: [0, 0, 9, 0, 9, 9], closed: true }
    expect((await converted(line, { to: 'mask' })).made?.type).toBe('polyline')
    expect((await converted(line, { to: 'mask', from: ['polyline'] })).made?.type).toBe('mask')
    expect((await converted(line, { to: 'box' })).made).toMatchObject({ width: 9, height: 9 })
  })

  it('leaves out rings of fewer than three points, and says so', async () => {
    const outline = [0, 0, 4, 0, 4, 4]
    const { made, notes } = await converted(
      { type: 'quad', points: [0, 0, 4, 0] },
      { to: 'polygon' },
    )
    expect([made?.type, notes]).toEqual([
      'quad',
      ['quad not converted: it covers nothing, or is too large'],
    ])
    const ring = await converted(
      { type: 'polyline', points: outline, closed: true },
      {
        to: 'polygon',
        from: ['polyline'],
      },
    )
    expect(ring.made).toMatchObject({ parts: [[outline]] })
  })

  it('leaves what it cannot convert as it was, and says why', async () => {
    const outside = await converted(boxOf('car', 100, 100), { to: 'mask' })
    expect(outside.made?.type).toBe('box')
    expect(outside.notes).toEqual(['box not converted: it covers nothing, or is too large'])
    const view = viewOf(['car'], { 'train/a': [boxOf('car')] }, { media: [] })
    const unsized = await runStep('convert-geometry', view, { to: 'mask' })
    expect(unsized.notes).toEqual([
      { what: 'box not converted: the size of its image is not known', where: 'train/a' },
    ])
  })

  it('knows what can be converted', async () => {
    await expect(converted(boxOf('car'), { to: 'box', from: ['polgon'] })).rejects.toMatchObject({
      hint: 'Did you mean polygon?',
    })
    await expect(converted(boxOf('car'), { to: 'cube' })).rejects.toMatchObject({
      code: 'DSV_OPTION_INVALID',
    })
  })

  it('gives any mask back that became a polygon, with its box', async () => {
    const bitmap = fc.uint8Array({ minLength: 200, maxLength: 200, max: 1 })
    await fc.assert(
      fc.asyncProperty(bitmap, async (pixels) => {
        fc.pre(pixels.includes(1))
        const counts = formatCounts(bitmapToCounts(pixels))
        const mask = { type: 'mask', width: 20, height: 10, counts } as const
        const view = viewOf([], { 'train/a': [mask] })
        const [before] = annotationsOf({ items: await itemsOf(view) })
        const polygon = annotationsOf(await runStep('convert-geometry', view, { to: 'polygon' }))
        const back = await runStep('convert-geometry', viewOf([], { 'train/a': polygon }), {
          to: 'mask',
        })
        expect(annotationsOf(back)).toEqual([before])
        const box = annotationsOf(await runStep('convert-geometry', view, { to: 'box' }))[0]
        expect(box && boundsOf(box)).toEqual(polygon[0] && boundsOf(polygon[0]))
      }),
      { numRuns: 40 },
    )
  })

  it('takes any numbers', async () => {
    const wild = fc.oneof(fc.double({ noNaN: true }), fc.constantFrom(-1, 0, 1e308, 2 ** 53))
    await fc.assert(
      fc.asyncProperty(
        fc.array(wild, { minLength: 4, maxLength: 8 }),
        fc.constantFrom('box', 'polygon', 'mask'),
        async (numbers, to) => {
          const [x = 0, y = 0, width = 0, height = 0] = numbers
          const view = viewOf([], {
            'train/a': [
              { type: 'box', x, y, width, height },
              { type: 'quad', points: numbers },
              { type: 'mask', width, height, counts: 'Pn0' },
              { type: 'ellipse', cx: x, cy: y, rx: width, ry: height, angle: 1 },
            ],
          })
          const made = annotationsOf(await runStep('convert-geometry', view, { to }))
          expect(made).toHaveLength(4)
        },
      ),
      { numRuns: 60 },
    )
  })
})
