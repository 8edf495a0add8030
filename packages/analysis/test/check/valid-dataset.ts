import type { AnnotationDraft, Schema, SourceItem, SourceMedia } from '@dsv/core'
import { formatCounts } from '@dsv/core'
import { hashBlob } from '@dsv/store'
import * as fc from 'fast-check'

/** A dataset in memory. */
export interface ValidDataset {
  readonly schema: Schema
  readonly items: readonly SourceItem[]
}

const [WIDTH, HEIGHT] = [80, 60]
const CELL = 20
const NAMES = ['cat', 'dog', '__proto__', 'größe']

/** Generates datasets of which nothing bad can be said, by construction: each shape has a cell of its own. */
export const validDatasets: fc.Arbitrary<ValidDataset> = fc
  .record({
    categories: fc.integer({ min: 1, max: 4 }),
    items: fc.array(
      fc.array(fc.constantFrom('box', 'polygon', 'mask', 'points'), { minLength: 4, maxLength: 8 }),
      {
        minLength: 2,
        maxLength: 5,
      },
    ),
    nudge: fc.integer({ min: 0, max: 3 }),
  })
  .map(({ categories, items, nudge }) => ({
    schema: schemaOf(NAMES.slice(0, categories)),
    items: items.map((types, at) => ({
      subset: at % 2 === 0 ? 'train' : 'val',
      id: `img/${at}`,
      media: [imageOf(at)],
      layers: {
        ground_truth: types.map((type, place) => ({
          ...shapeAt(type, place, nudge),
          category: NAMES[place % categories] ?? 'cat',
          sourceId: at * 100 + place + 1,
          attributes: { color: 'red', count: place },
        })),
      },
    })),
  }))

function schemaOf(names: readonly string[]): Schema {
  return {
    categories: names.map((name, at) => ({
      key: name,
      name,
      sourceIds: { coco: at + 1 },
      skeleton: { points: ['a', 'b'], edges: [] },
    })),
    attributes: [
      { name: 'color', type: 'enum', values: ['red', 'green'] },
      { name: 'count', type: 'integer' },
    ],
    info: {},
  }
}

function imageOf(at: number): SourceMedia {
  const blob = hashBlob(Buffer.from(`pixels ${at}`))
  const stored = {
    role: 'primary',
    path: `${at}.png`,
    kind: 'image',
    width: WIDTH,
    height: HEIGHT,
    blob,
  }
  return stored as SourceMedia
}

/** A shape within one of twelve cells of the image. */
function shapeAt(type: string, place: number, nudge: number): AnnotationDraft {
  const x = (place % 4) * CELL + nudge
  const y = Math.floor(place / 4) * CELL + nudge
  const size = CELL - nudge - 1
  if (type === 'polygon')
    return { type, parts: [[[x, y, x + size, y, x + size, y + size]]], box: [x, y, size, size] }
  if (type === 'mask')
    return {
      type,
      width: WIDTH,
      height: HEIGHT,
      counts: formatCounts([x * HEIGHT + y, 5, WIDTH * HEIGHT - x * HEIGHT - y - 5]),
    }
  if (type === 'points')
    return { type, points: [x, y, x + size, y + size], visibility: [2, 1], box: [x, y, size, size] }
  return { type: 'box', x, y, width: size, height: size }
}
