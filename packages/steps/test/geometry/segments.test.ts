import { describe, expect, it } from '@jest/globals'
import {
  type Annotation,
  type AnnotationDraft,
  bitmapToCounts,
  countsToBitmap,
  formatCounts,
  parseCounts,
} from '@dsv/core'
import * as fc from 'fast-check'
import { annotationsOf, boxOf, runStep, viewOf } from '../run-step.ts'

/** A mask of 4 × 3 pixels from rows of text. */
function maskOf(rows: string, fields: Partial<AnnotationDraft> = {}): AnnotationDraft {
  const [first = '', ...others] = rows.split(' ')
  const lines = [first, ...others]
  const pixels = Array.from(first, (_, x) => x).flatMap((x) =>
    lines.map((line) => (line[x] === '#' ? 1 : 0)),
  )
  const counts = formatCounts(bitmapToCounts(Uint8Array.from(pixels)))
  return {
    ...fields,
    type: 'mask',
    width: first.length,
    height: lines.length,
    counts,
  }
}

/** The rows of a mask, as {@link maskOf} takes them. */
function rowsOf(annotation: Annotation | undefined): string {
  if (annotation?.type !== 'mask') return `(${annotation?.type})`
  const { width, height, counts } = annotation
  const pixels = countsToBitmap(parseCounts(counts) ?? [], width * height)
  return Array.from({ length: height }, (_, y) =>
    Array.from({ length: width }, (__, x) => (pixels[x * height + y] === 1 ? '#' : '.')).join(''),
  ).join(' ')
}

const SMALL = {
  media: [{ role: 'primary', kind: 'image', path: 'a.png', width: 4, height: 3 }],
} as const

describe('split-masks', () => {
  it('makes one mask for each patch; the largest stays the annotation that it was', async () => {
    const view = viewOf(['car'], {
      'train/a': [maskOf('#..# ..## #..#', { category: 'car', sourceId: 7, area: 6 })],
    })
    const made = annotationsOf(await runStep('split-masks', view))
    expect(made.map(rowsOf)).toEqual(['#... .... ....', '.... .... #...', '...# ..## ...#'])
    expect(made.map(({ category }) => category)).toEqual(['car', 'car', 'car'])
    expect(made[2]).toMatchObject({ uid: 'ground_truth-0', sourceId: 7 })
    expect(new Set(made.map(({ uid }) => uid)).size).toBe(3)
    expect(made.every((each) => each.area === undefined)).toBe(true)
  })

  it('joins over corners when told to, and leaves out small patches', async () => {
    const view = viewOf([], { 'train/a': [maskOf('#... .#.. ...#')] })
    const corners = annotationsOf(await runStep('split-masks', view, { corners: true }))
    expect(corners.map(rowsOf)).toEqual(['#... .#.. ....', '.... .... ...#'])
    const large = await runStep('split-masks', view, { corners: true, 'min-area': 2 })
    expect(annotationsOf(large).map(rowsOf)).toEqual(['#... .#.. ....'])
    expect(large.notes).toEqual([{ what: 'patch left out: it is too small', where: 'train/a' }])
  })

  it('gives patches that do not touch, and together are the mask', async () => {
    const pixels = fc.uint8Array({ minLength: 30, maxLength: 30, max: 1 })
    await fc.assert(
      fc.asyncProperty(pixels, fc.boolean(), async (bitmap, corners) => {
        const counts = formatCounts(bitmapToCounts(bitmap))
        const view = viewOf([], { 'train/a': [{ type: 'mask', width: 6, height: 5, counts }] })
        const made = annotationsOf(await runStep('split-masks', view, { corners }))
        const names = Array.from(bitmap, () => 0)
        for (const [at, each] of made.entries())
          if (each.type === 'mask')
            for (const [place, bit] of countsToBitmap(parseCounts(each.counts) ?? [], 30).entries())
              if (bit === 1) names[place] = (names[place] ?? 0) * 100 + at + 1
        expect(names.map((name) => Number(name > 0))).toEqual([...bitmap])
        expect(names).toEqual(flooded(bitmap, corners))
      }),
    )
  })

  it('leaves a mask alone that would take for ever', async () => {
    const view = viewOf([], {
      'train/a': [{ type: 'mask', width: 2 ** 30, height: 4, counts: formatCounts([1, 2 ** 31]) }],
    })
    const { notes } = await runStep('split-masks', view)
    expect(notes).toEqual([{ what: 'mask not split: it has too many pixels', where: 'train/a' }])
  })
})

/** Names patches 1, 2, … by flooding, column by column: 6 × 5 pixels. */
function flooded(bitmap: Uint8Array, corners: boolean): readonly number[] {
  const names = Array.from(bitmap, () => 0)
  let last = 0
  const flood = (x: number, y: number, name: number): void => {
    const at = x * 5 + y
    if (x < 0 || x > 5 || y < 0 || y > 4 || bitmap[at] !== 1 || names[at] !== 0) return
    names[at] = name
    for (const dx of [-1, 0, 1])
      for (const dy of [-1, 0, 1]) if (corners || dx * dy === 0) flood(x + dx, y + dy, name)
  }
  for (let at = 0; at < bitmap.length; at += 1)
    if (bitmap[at] === 1 && names[at] === 0) flood(Math.floor(at / 5), at % 5, (last += 1))
  return names
}

describe('merge-instances', () => {
  it('joins masks of one group and category; the largest gives the rest', async () => {
    const view = viewOf(['car', 'dog'], {
      'train/a': [
        maskOf('#... .... ....', { category: 'car', group: 1, score: 0.1 }),
        boxOf('car'),
        maskOf('..## .... ....', { category: 'car', group: 1, score: 0.9, area: 2 }),
        maskOf('.... .... #...', { category: 'dog', group: 1 }),
        maskOf('.... .... .#..', { category: 'car' }),
        maskOf('.... .... ..#.', { category: 'car' }),
      ],
    })
    const made = annotationsOf(await runStep('merge-instances', view))
    expect(made.map(rowsOf)).toEqual([
      '(box)',
      '#.## .... ....',
      '.... .... #...',
      '.... .... .#..',
      '.... .... ..#.',
    ])
    expect(made[1]).toMatchObject({ uid: 'ground_truth-2', score: 0.9, category: 'car' })
    expect(made[1]?.area).toBeUndefined()
  })

  it('takes polygons along when told to', async () => {
    const polygon: AnnotationDraft = {
      type: 'polygon',
      group: 1,
      parts: [[[0, 0, 2, 0, 2, 1, 0, 1]]],
    }
    const view = viewOf([], { 'train/a': [polygon, maskOf('.... ...# ....', { group: 1 })] }, SMALL)
    const apart = annotationsOf(await runStep('merge-instances', view))
    expect(apart.map(rowsOf)).toEqual(['(polygon)', '.... ...# ....'])
    const made = await runStep('merge-instances', view, { 'include-polygons': true })
    expect(annotationsOf(made).map(rowsOf)).toEqual(['##.. ...# ....'])
    const sizeless = viewOf([], { 'train/a': [polygon] }, { media: [] })
    const { notes, ...left } = await runStep('merge-instances', sizeless, {
      'include-polygons': true,
    })
    expect([notes.length, annotationsOf(left)[0]?.type]).toEqual([1, 'polygon'])
  })
})

describe('crop-covered', () => {
  it('cuts what lies above, whatever the order, and keeps the type', async () => {
    const view = viewOf(
      [],
      {
        'train/a': [
          maskOf('..## ..## ....', { zOrder: 2 }),
          { type: 'polygon', zOrder: 1, parts: [[[0, 0, 4, 0, 4, 1, 0, 1]]], area: 4 },
          maskOf('#... #... #...', { zOrder: 1 }),
          maskOf('#### #### ####'),
        ],
      },
      SMALL,
    )
    const made = annotationsOf(await runStep('crop-covered', view))
    expect(made.map(rowsOf)).toEqual([
      '..## ..## ....',
      '(polygon)',
      '#... #... #...',
      '.... .#.. .###',
    ])
    expect(made[1]).toEqual({
      uid: 'ground_truth-1',
      type: 'polygon',
      zOrder: 1,
      parts: [[[2, 0, 2, 1, 0, 1, 0, 0]]],
    })
  })

  it('leaves out what is covered wholly, and leaves alone what is not covered', async () => {
    const polygon: AnnotationDraft = {
      type: 'polygon',
      zOrder: 3,
      area: 0.7,
      parts: [[[0.5, 0, 1, 0, 1, 2]]],
    }
    const view = viewOf(
      [],
      { 'train/a': [maskOf('..#. .... ....'), maskOf('.##. .... ....', { zOrder: 1 }), polygon] },
      SMALL,
    )
    const made = await runStep('crop-covered', view)
    expect(annotationsOf(made)).toMatchObject([{ uid: 'ground_truth-1' }, polygon])
    expect(made.notes).toEqual([
      { what: 'mask left out: others cover all of it', where: 'train/a' },
    ])
  })

  it('does not compare masks of different sizes', async () => {
    const view = viewOf(
      [],
      { 'train/a': [maskOf('## ##'), maskOf('### ###', { zOrder: 1 })] },
      SMALL,
    )
    const made = await runStep('crop-covered', view)
    expect(annotationsOf(made)).toHaveLength(2)
    expect(made.notes).toHaveLength(1)
  })

  it('leaves no pixel to two segments of different height', async () => {
    const bitmaps = fc.array(fc.uint8Array({ minLength: 12, maxLength: 12, max: 1 }), {
      maxLength: 5,
    })
    await fc.assert(
      fc.asyncProperty(bitmaps, async (all) => {
        const drafts = all.map((pixels, at): AnnotationDraft => {
          const counts = formatCounts(bitmapToCounts(pixels))
          return { type: 'mask', zOrder: (at * 7) % 5, width: 4, height: 3, counts }
        })
        const view = viewOf([], { 'train/a': drafts }, SMALL)
        const made = annotationsOf(await runStep('crop-covered', view))
        const sum = Array.from({ length: 12 }, () => 0)
        for (const each of made)
          if (each.type === 'mask')
            for (const [at, bit] of countsToBitmap(parseCounts(each.counts) ?? [], 12).entries())
              sum[at] = (sum[at] ?? 0) + bit
        const union = sum.map((_, at) => Number(all.some((pixels) => pixels[at] === 1)))
        expect(sum).toEqual(union)
      }),
    )
  })
})

describe('annotations-to-labels', () => {
  it('makes one label for each category; labels that are there stay', async () => {
    const view = viewOf(['car', 'dog'], {
      'train/a': [
        boxOf('dog'),
        boxOf('car'),
        { type: 'label', category: 'car', score: 0.5 },
        boxOf('dog', 1),
        { type: 'caption', text: 'a dog' },
      ],
    })
    const made = await runStep('annotations-to-labels', view)
    expect(annotationsOf(made)).toEqual([
      { uid: 'ground_truth-2', type: 'label', category: 'car', score: 0.5 },
      { uid: expect.stringMatching(/^[0-9a-f]{16}$/u), type: 'label', category: 'dog' },
    ])
    expect(made.notes).toEqual([{ what: 'caption left out: it has no category', where: 'train/a' }])
    const again = viewOf(['car', 'dog'], { 'train/a': annotationsOf(made) })
    expect(annotationsOf(await runStep('annotations-to-labels', again))).toEqual(
      annotationsOf(made),
    )
  })
})

describe('shift-boxes', () => {
  it('moves boxes, and those stated beside other shapes', async () => {
    const line: AnnotationDraft = { type: 'polyline', points: [1, 1, 2, 2], box: [1, 1, 1, 1] }
    const view = viewOf(['car'], { 'train/a': [boxOf('car', 1, 2), line] })
    expect(annotationsOf(await runStep('shift-boxes', view, { x: -1, y: -1 }))).toMatchObject([
      { x: 0, y: 1, width: 4, height: 2 },
      { points: [1, 1, 2, 2], box: [0, 0, 1, 1] },
    ])
  })
})
