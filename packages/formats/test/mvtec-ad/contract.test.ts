import { loadAdapter } from '@dsv/formats'
import { testAdapter } from '../adapter-contract.ts'
import type { TestDataset } from '../arbitraries.ts'

testAdapter('mvtec-ad', await loadAdapter('mvtec-ad'), { runs: 25, prepare: withDefects })

/** An image is called by its defect too, and has one mask; without any mask it is another format. */
function withDefects({ schema, items }: TestDataset): TestDataset {
  const used = new Set<string>()
  return {
    schema,
    items: items.flatMap((item, at) => {
      const annotations = item.layers['ground_truth'] ?? []
      const others = annotations.filter(({ type }) => type !== 'label' && type !== 'mask')
      const category = schema.categories[at % schema.categories.length]?.key ?? ''
      const mask = annotations.find(({ type }) => type === 'mask')
      const geometry = { type: 'mask', width: 40, height: 30, counts: '5:d00_S1' } as const
      const id = `${category}/${item.id.split('/').at(-1) ?? ''}`
      if (used.has(`${item.subset}/${id}`) || used.has(id)) return []
      used.add(`${item.subset}/${id}`)
      // The masks of all subsets are in one folder.
      used.add(id)
      const drafts = [{ type: 'label', category } as const, mask ?? geometry, ...others]
      return [{ ...item, id, layers: { ground_truth: drafts } }]
    }),
  }
}
