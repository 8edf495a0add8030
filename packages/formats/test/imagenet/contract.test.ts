import { GROUND_TRUTH, type SourceItem } from '@dsv/core'
import { loadAdapter } from '@dsv/formats'
import { testAdapter } from '../adapter-contract.ts'

/** Only folders of classes tell the format. */
function withLabel(item: SourceItem, category: string): SourceItem {
  const given = item.layers[GROUND_TRUTH] ?? []
  return given.length > 0
    ? item
    : { ...item, layers: { [GROUND_TRUTH]: [{ type: 'label', category }] } }
}

testAdapter('imagenet', await loadAdapter('imagenet'), {
  shape: { mustHaveCategory: true },
  prepare: ({ schema, items }) => ({
    schema,
    items: items.map((item) => withLabel(item, schema.categories[0]?.key ?? '')),
  }),
  runs: 25,
})
