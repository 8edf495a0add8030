import { loadAdapter } from '@dsv/formats'
import { type AdapterCase, testAdapter } from '../adapter-contract.ts'

/** A polygon of several parts becomes several. */
const prepare: AdapterCase['prepare'] = ({ schema, items }) => ({
  schema,
  items: items.map((item) => ({
    ...item,
    layers: Object.fromEntries(
      Object.entries(item.layers).map(([layer, drafts]) => [
        layer,
        drafts.map((draft) =>
          draft.type === 'polygon' ? { ...draft, parts: draft.parts.slice(0, 1) } : draft,
        ),
      ]),
    ),
  })),
})

testAdapter('datumaro-arrow', await loadAdapter('datumaro-arrow'), {
  adds: ['zOrder'],
  prepare,
  runs: 25,
})
