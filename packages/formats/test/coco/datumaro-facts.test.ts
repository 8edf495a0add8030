import { type AnnotationDraft, parseCounts } from '@dsv/core'
import { diskFolder, loadAdapter } from '@dsv/formats'
import { describe, expect, it } from '@jest/globals'
import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { readAll } from '../adapter-contract.ts'

/** What Datumaro reads from its own sample datasets, where that collection is at hand. */
const SHARED = path.resolve(import.meta.dirname, '../../../../../shared')
const FACTS = path.join(SHARED, 'facts/imports.dev.json')

interface Fact {
  readonly asset: string
  readonly format: string
  readonly options?: unknown
  readonly categories: { readonly label?: readonly { readonly name: string }[] }
  readonly items: readonly {
    readonly id: string
    readonly subset: string
    readonly media: { readonly path: string; readonly size_hw: readonly number[] }
    readonly attributes?: { readonly id?: number }
    readonly annotations: readonly {
      readonly type: string
      readonly id?: number
      readonly label_name?: string
      readonly attributes?: Readonly<Record<string, unknown>>
      readonly xywh?: readonly number[]
      readonly points?: readonly number[]
      readonly caption?: string
      readonly mask?: { readonly rle_colmajor: readonly number[] }
    }[]
  }[]
}

const facts: readonly Fact[] = existsSync(FACTS) ? JSON.parse(readFileSync(FACTS, 'utf8')) : []
const cases = facts.filter(
  ({ format, options }) => format.includes('coco') && options === undefined,
)

/**
 * Datumaro makes a polygon or mask *and* a box of one COCO record; here they are one annotation with a
 * field `box`. It puts `iscrowd` among the attributes, and lists everything in reverse.
 */
function asDatumaro(draft: AnnotationDraft): readonly object[] {
  const { box, crowd, attributes, sourceId, category } = draft
  const isObject = draft.type === 'box' || draft.type === 'polygon' || draft.type === 'mask'
  const all = { ...attributes, ...(isObject ? { is_crowd: crowd ?? false } : {}) }
  const common = {
    ...(sourceId === 0 ? {} : { id: sourceId }),
    ...(category === undefined ? {} : { label_name: category }),
    ...(Object.keys(all).length > 0 ? { attributes: all } : {}),
  }
  const boxes = box === undefined ? [] : [{ type: 'bbox', ...common, xywh: box }]
  if (draft.type === 'box') {
    return [{ type: 'bbox', ...common, xywh: [draft.x, draft.y, draft.width, draft.height] }]
  }
  if (draft.type === 'polygon') {
    const polygons = draft.parts.map(([points]) => ({ type: 'polygon', ...common, points }))
    return [...polygons, ...boxes]
  }
  if (draft.type === 'mask') {
    return [{ type: 'mask', ...common, counts: parseCounts(draft.counts) }, ...boxes]
  }
  const caption = draft.type === 'caption' ? { caption: draft.text } : {}
  return [{ type: draft.type, ...common, ...caption }]
}

function fromFact({ items }: Fact): object {
  return Object.fromEntries(
    items.map(({ subset, id, media, attributes, annotations }) => {
      const all = annotations.map(({ mask, ...rest }) => ({
        type: rest.type,
        ...pick(rest, ['id', 'label_name', 'attributes', 'xywh', 'points', 'caption']),
        ...(mask === undefined ? {} : { counts: mask.rle_colmajor }),
      }))
      const image = { path: media.path, size: media.size_hw, id: attributes?.id }
      return [`${subset}/${id}`, { ...image, annotations: sortTexts(all) }]
    }),
  )
}

function pick(object: object, keys: readonly string[]): object {
  return Object.fromEntries(Object.entries(object).filter(([key]) => keys.includes(key)))
}

function sortTexts(values: readonly object[]): readonly string[] {
  return values
    .map((value) => JSON.stringify(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1))))
    .toSorted()
}

describe('what Datumaro reads from its samples', () => {
  if (cases.length === 0) {
    it(`cannot be compared: there is no ${FACTS}`, () => {
      expect(existsSync(FACTS)).toBe(false)
    })
    return
  }
  it.each(cases.map((fact): [string, Fact] => [fact.asset, fact]))('%s', async (asset, fact) => {
    const folder = diskFolder(path.join(SHARED, 'data/datumaro-assets', asset))
    const { schema, items } = await readAll(await loadAdapter('coco'), folder)
    const actual = items.map(({ subset, id, media, extra, layers }) => {
      const [medium] = media
      const coco = extra?.['coco']
      const imageId =
        typeof coco === 'object' && coco !== null && 'id' in coco ? coco.id : undefined
      const image = { path: medium?.path, size: [medium?.height, medium?.width], id: imageId }
      const drafts = (layers['ground_truth'] ?? []).flatMap(asDatumaro)
      return [`${subset}/${id}`, { ...image, annotations: sortTexts(drafts) }]
    })
    expect(Object.fromEntries(actual)).toEqual(fromFact(fact))
    const names = (fact.categories.label ?? []).map(({ name }) => name)
    expect(schema.categories.map(({ name }) => name)).toEqual(names)
  })
})
