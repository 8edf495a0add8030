import { loadAdapter } from '@dsv/formats'
import { testAdapter } from '../adapter-contract.ts'
import type { TestDataset } from '../arbitraries.ts'

testAdapter('vggface2', await loadAdapter('vggface2'), {
  runs: 25,
  // The folder of an image says a class of all its annotations.
  adds: ['category'],
  prepare: namedByClass,
})

/** An item of a class is called by its class too. */
function namedByClass({ schema, items }: TestDataset): TestDataset {
  return {
    schema,
    items: items.map((item) => {
      const annotations = item.layers['ground_truth'] ?? []
      const label = annotations.find(
        ({ type, category }) => type === 'label' && category !== undefined,
      )
      const box = annotations.find(({ type }) => type === 'box')
      const category = label?.category ?? box?.category
      return category === undefined ? item : { ...item, id: `${category}/${item.id}` }
    }),
  }
}
