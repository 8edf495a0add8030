import type { Statistics } from './statistics.ts'

/** Layers that are counted as items come. */
export interface LayerTally {
  add(layers: Readonly<Record<string, readonly unknown[]>>): void
  figures(): Statistics['annotations']['byLayer']
}

/** Counts what each layer says. */
export function layerTally(): LayerTally {
  const sums = new Map<string, { items: number; annotations: number }>()
  return {
    add: (layers) => {
      for (const [layer, { length }] of Object.entries(layers)) {
        const sum = sums.get(layer) ?? { items: 0, annotations: 0 }
        sums.set(layer, sum)
        if (length > 0) sum.items++
        sum.annotations += length
      }
    },
    figures: () =>
      [...sums].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([layer, sum]) => ({ layer, ...sum })),
  }
}
