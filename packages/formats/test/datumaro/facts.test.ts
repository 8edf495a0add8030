import type { AnnotationDraft, Category } from '@dsv/core'
import { diskFolder, loadAdapter } from '@dsv/formats'
import { describe, expect, it } from '@jest/globals'
import { readAll } from '../adapter-contract.ts'
import { assetPath, factsOf } from '../facts.ts'

const facts = factsOf('datumaro')

/** Datumaro knows scores as attributes only; the facts leave out long values. */
function asDatumaro(draft: AnnotationDraft, categories: readonly Category[]): object {
  const { type, category, sourceId, score } = draft
  const attributes = { ...draft.attributes, ...(score === undefined ? {} : { score }) }
  const names = Object.keys(attributes).toSorted()
  const name = categories.find(({ key }) => key === category)?.name
  return { type, id: sourceId, label_name: name, names }
}

describe('what Datumaro reads of its own format', () => {
  if (facts.length === 0) {
    it('cannot be compared: its samples are not at hand', () => {
      expect(facts).toEqual([])
    })
    return
  }
  it.each(facts)('%s', async (asset, fact) => {
    const adapter = await loadAdapter('datumaro')
    const folder = diskFolder(assetPath(asset))
    expect((await adapter.detect(folder)).confidence).toBeGreaterThan(0.9)
    const { schema, items } = await readAll(adapter, folder)
    expect(schema.categories.map(({ name }) => name)).toEqual(
      fact.categories.label?.map(({ name }) => name),
    )
    const [info] = Object.values(Object(schema.info['datumaro']))
    expect(info).toMatchObject({ infos: fact.infos })
    const actual = items.map(({ subset, id, media, layers }) => ({
      key: `${subset}/${id}`,
      path: media[0]?.path,
      size: [media[0]?.height, media[0]?.width],
      annotations: layers['ground_truth']?.map((draft) => asDatumaro(draft, schema.categories)),
    }))
    const expected = fact.items.map(({ subset, id, media, annotations }) => ({
      key: `${subset}/${id}`,
      path: media?.path,
      size: media?.size_hw,
      annotations: annotations.map(({ type, id: sourceId, label_name, attributes }) => {
        const names = Object.keys(attributes ?? {}).toSorted()
        return { type, id: sourceId, label_name, names }
      }),
    }))
    const byKey = (a: { key: string }, b: { key: string }): number => (a.key < b.key ? -1 : 1)
    expect(actual.toSorted(byKey)).toEqual(expected.toSorted(byKey))
  })
})
