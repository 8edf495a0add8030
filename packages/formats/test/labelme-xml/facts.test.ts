import type { AnnotationDraft } from '@dsv/core'
import { detectFormat, diskFolder, loadAdapter } from '@dsv/formats'
import { parseCounts } from '@dsv/core'
import { describe, expect, it } from '@jest/globals'
import { readAll } from '../adapter-contract.ts'
import { assetPath, type FactAnnotation, factsOf } from '../facts.ts'

const labelme = await loadAdapter('labelme-xml')
const facts = factsOf('label_me')

describe('the samples of Datumaro', () => {
  if (facts.length === 0) {
    it('are not at hand', () => expect(facts).toEqual([]))
    return
  }
  it.each(facts)('are read as Datumaro reads them: %s', async (asset, fact) => {
    const folder = diskFolder(assetPath(asset))
    expect((await detectFormat(folder))[0]).toMatchObject({ format: 'labelme-xml' })
    const { items, schema } = await readAll(labelme, folder)
    expect(schema.categories.map(({ name }) => name)).toEqual(
      (fact.categories.label ?? []).map(({ name }) => name).toSorted(),
    )
    expect(
      items.map(({ subset, id, media, layers }) => ({
        key: `${subset}/${id}`,
        size: [media[0]?.height, media[0]?.width],
        annotations: (layers['ground_truth'] ?? []).map(ofDraft),
      })),
    ).toEqual(
      fact.items.map(({ subset, id, media, annotations }) => ({
        key: `${subset}/${id}`,
        size: media?.size_hw,
        annotations: annotations.map(ofFact),
      })),
    )
  })
})

function ofFact(annotation: FactAnnotation): unknown {
  const { type, label_name: name, attributes, xywh, points, mask, group } = annotation
  const runs = typeof mask === 'object' && mask !== null && 'rle_colmajor' in mask
  const isGrouped = group !== undefined
  return { type, name, attributes, isGrouped, shape: runs ? mask.rle_colmajor : (xywh ?? points) }
}

/** Groups have other numbers there; whether a text is not known is false. */
function ofDraft(draft: AnnotationDraft): unknown {
  const attributes = { ...draft.attributes, occluded: draft.occluded === true }
  const common = { name: draft.category, attributes, isGrouped: draft.group !== undefined }
  if (draft.type === 'box') {
    return { type: 'bbox', ...common, shape: [draft.x, draft.y, draft.width, draft.height] }
  }
  if (draft.type === 'polygon') return { type: 'polygon', ...common, shape: draft.parts[0]?.[0] }
  return { type: 'mask', ...common, shape: draft.type === 'mask' && parseCounts(draft.counts) }
}
