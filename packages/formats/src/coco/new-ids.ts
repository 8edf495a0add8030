import type { DatasetView } from '@dsv/core'
import { cocoOf } from './write-image.ts'

/** Gives out ids that nothing in the dataset has. */
export interface IdSource {
  nextImage(): Promise<number>
  nextAnnotation(): Promise<number>
}

/** Makes a source of ids; the dataset is only searched for the largest ones when one is asked for. */
export function idSource(dataset: DatasetView, signal: AbortSignal): IdSource {
  let largest: Promise<{ image: number; annotation: number }> | undefined
  const start = async (): Promise<{ image: number; annotation: number }> =>
    (largest ??= largestIds(dataset, signal))
  return {
    nextImage: async () => ((await start()).image += 1),
    nextAnnotation: async () => ((await start()).annotation += 1),
  }
}

async function largestIds(
  dataset: DatasetView,
  signal: AbortSignal,
): Promise<{ image: number; annotation: number }> {
  const largest = { image: 0, annotation: 0 }
  for await (const item of dataset.items()) {
    signal.throwIfAborted()
    largest.image = larger(largest.image, cocoOf(item)['id'])
    for (const annotations of Object.values(item.layers)) {
      for (const { sourceId } of annotations)
        largest.annotation = larger(largest.annotation, sourceId)
    }
  }
  return largest
}

function larger(largest: number, id: unknown): number {
  // Beyond this, adding one would give the same id again.
  const isUsable = typeof id === 'number' && id < Number.MAX_SAFE_INTEGER - 2 ** 40
  return isUsable ? Math.max(largest, Math.floor(id)) : largest
}
