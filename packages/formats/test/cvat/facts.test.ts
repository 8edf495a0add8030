import type { AnnotationDraft } from '@dsv/core'
import { diskFolder, loadAdapter } from '@dsv/formats'
import { describe, expect, it } from '@jest/globals'
import { readAll } from '../adapter-contract.ts'
import { assetPath, type FactAnnotation, factsOf } from '../facts.ts'

const facts = factsOf('cvat')

/** Datumaro puts `occluded` among the attributes, and takes it as said where it is not. */
function asDatumaro(draft: AnnotationDraft): object {
  const { category, zOrder, occluded = false, attributes } = draft
  return {
    ...(category === undefined ? {} : { label_name: category }),
    ...(zOrder === undefined ? {} : { z_order: zOrder }),
    attributes: { ...attributes, occluded },
    ...geometryOf(draft),
  }
}

function geometryOf(draft: AnnotationDraft): object {
  if (draft.type === 'box') {
    return { type: 'bbox', xywh: [draft.x, draft.y, draft.width, draft.height] }
  }
  if (draft.type === 'polygon') return { type: 'polygon', points: draft.parts[0]?.[0] }
  if (draft.type === 'points') {
    return { type: 'points', points: draft.points, visibility: draft.visibility }
  }
  return draft.type === 'polyline'
    ? { type: 'polyline', points: draft.points }
    : { type: draft.type }
}

function withoutIndex(annotation: FactAnnotation): object {
  return Object.fromEntries(Object.entries(annotation).filter(([name]) => name !== 'label'))
}

describe('what Datumaro reads of CVAT', () => {
  if (facts.length === 0) {
    it('cannot be compared: its samples are not at hand', () => {
      expect(facts).toEqual([])
    })
    return
  }
  it.each(facts)('%s', async (asset, fact) => {
    const { schema, items } = await readAll(await loadAdapter('cvat'), diskFolder(assetPath(asset)))
    expect(schema.categories.map(({ name }) => name)).toEqual(
      fact.categories.label?.map(({ name }) => name),
    )
    expect(items.map(({ subset, id }) => ({ subset, id }))).toEqual(
      fact.items.map(({ subset, id }) => ({ subset, id })),
    )
    for (const [index, item] of items.entries()) {
      const expected = fact.items[index]
      expect(item.media[0]).toMatchObject({
        path: expected?.media?.path,
        height: expected?.media?.size_hw?.[0],
        width: expected?.media?.size_hw?.[1],
      })
      const annotations = expected?.annotations.map(withoutIndex)
      expect(item.layers['ground_truth']?.map(asDatumaro)).toEqual(annotations)
      expect(item.extra).toMatchObject({ cvat: { id: expected?.attributes?.['frame'] } })
    }
  })
})
