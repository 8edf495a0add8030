import type { DatasetView, WriteContext } from '@dsv/core'
import { spoolFile, type SpoolFile } from '../folder/spool-file.ts'
import { itemPixels } from './item-pixels.ts'
import { oneLabel } from './one-label.ts'
import type { RawPixels } from './raw-pixels.ts'
import { type Holdings, reportItemLosses } from './report-losses.ts'

/** One item whose pixels are in a spool. */
export interface GatheredItem {
  readonly id: string
  /** Index of its label; undefined when it has none. */
  readonly label: number | undefined
  readonly width: number
  readonly height: number
  /** Where its samples begin in the spool. */
  readonly offset: number
}

/** The items of a subset. Memory grows with their ids, not with their pixels. */
export interface GatheredPixels {
  readonly items: readonly GatheredItem[]
  readonly spool: SpoolFile
}

/** What is gathered, and how. */
export interface GatherRequest {
  readonly subset: string
  readonly channels: RawPixels['channels']
  /** Index of each label by the key of its category. */
  readonly indexes: ReadonlyMap<string, number>
  readonly holds: Holdings
}

/**
 * Decodes the images of a subset into a spool, which the caller closes. Items that are numbered are in
 * the order of their numbers, others in the order of their keys.
 */
export async function gatherPixels(
  dataset: DatasetView,
  { subset, channels, indexes, holds }: GatherRequest,
  context: WriteContext,
): Promise<GatheredPixels> {
  const spool = spoolFile()
  const items: GatheredItem[] = []
  try {
    for await (const item of dataset.items(subset)) {
      context.signal.throwIfAborted()
      const pixels = await itemPixels(item, channels, context)
      if (pixels === undefined) continue
      reportItemLosses(item, holds, context.layer, context.onLoss)
      const label = oneLabel(item, indexes, holds, context)
      const { width, height, data } = pixels
      items.push({ id: item.id, label, width, height, offset: spool.append(data) })
      await spool.settle()
    }
  } catch (error) {
    await spool.close()
    throw error
  }
  const isNumbered = items.every(({ id }) => /^(?:0|[1-9]\d{0,14})$/u.test(id))
  return {
    items: isNumbered ? items.toSorted((a, b) => Number(a.id) - Number(b.id)) : items,
    spool,
  }
}
