import { type BlobId, type ObjectReader, scanTree } from '@dsv/store'
import type { MediaInfo } from '../model/item.ts'
import type { DatasetRecord } from '../record/dataset-record.ts'
import type { FileRecord } from '../record/file-record.ts'
import { decodeItem } from '../record/item-record.ts'

/**
 * Returns what a dataset says of the media in a file, so that their bytes need not be there. The items
 * are read when it is first asked.
 */
export function knownMedia(
  reader: ObjectReader,
  dataset: Pick<DatasetRecord, 'items'> | undefined,
): (file: FileRecord | undefined) => Promise<MediaInfo | undefined> {
  let all: Promise<ReadonlyMap<BlobId, MediaInfo>> | undefined
  return async (file) => {
    if (file === undefined || !('blob' in file) || dataset === undefined) return undefined
    all ??= mediaOf(reader, dataset)
    return (await all).get(file.blob)
  }
}

async function mediaOf(
  reader: ObjectReader,
  { items }: Pick<DatasetRecord, 'items'>,
): Promise<ReadonlyMap<BlobId, MediaInfo>> {
  const known = new Map<BlobId, MediaInfo>()
  for await (const entry of scanTree(reader, items))
    for (const { blob, kind, width, height, channels, orientation } of decodeItem(entry).media)
      if (blob !== undefined)
        known.set(blob, {
          kind,
          ...(width !== undefined && { width }),
          ...(height !== undefined && { height }),
          ...(channels !== undefined && { channels }),
          ...(orientation !== undefined && { orientation }),
        })
  return known
}
