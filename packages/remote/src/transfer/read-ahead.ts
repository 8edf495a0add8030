import { packPath } from '@dsv/store'
import type { CachingDriver, FileRange } from '../driver/caching-driver.ts'
import type { BlobList, SizedBlob } from './blob-list.ts'
import type { TransferReader } from './store-source.ts'

/** A blob that will be read, and where; without a place nothing is read ahead for it. */
export interface PlacedBlob extends SizedBlob {
  readonly range?: FileRange | undefined
}

/** Blobs that are asked for together: at most so many, and about so many bytes. */
const BATCH_BLOBS = 16_384
const BATCH_BYTES = 24 * 2 ** 20
/** Batches that are read while one is used. */
const BATCHES_AHEAD = 2

/**
 * Passes blobs on in batches when their bytes are in the cache of `ahead`, while those behind them are
 * read.
 *
 * @yields blobs in the given order
 */
export async function* readAhead(
  blobs: AsyncIterable<PlacedBlob>,
  ahead: CachingDriver,
): AsyncGenerator<readonly PlacedBlob[], void, undefined> {
  const batches = batchesOf(blobs)
  const coming: { readonly batch: readonly PlacedBlob[]; readonly arrival: Promise<void> }[] = []
  let isLast = false
  for (;;) {
    while (!isLast && coming.length <= BATCHES_AHEAD) {
      const next = await batches.next()
      if (next.done === true) {
        isLast = true
        break
      }
      const arrival = ahead.prefetch(rangesOf(next.value))
      // It is thrown where the batch is waited for, which may be never.
      arrival.catch(() => {})
      coming.push({ batch: next.value, arrival })
    }
    const first = coming.shift()
    if (first === undefined) return
    await first.arrival
    yield first.batch
    ahead.forget(rangesOf(first.batch))
  }
}

function rangesOf(batch: readonly PlacedBlob[]): readonly FileRange[] {
  return batch.flatMap(({ range }) => range ?? [])
}

async function* batchesOf(
  blobs: AsyncIterable<PlacedBlob>,
): AsyncGenerator<readonly PlacedBlob[], void, undefined> {
  let batch: PlacedBlob[] = []
  let bytes = 0
  for await (const blob of blobs) {
    batch.push(blob)
    bytes += blob.range?.length ?? 0
    if (batch.length < BATCH_BLOBS && bytes < BATCH_BYTES) continue
    yield batch
    batch = []
    bytes = 0
  }
  if (batch.length > 0) yield batch
}

/** Returns a file in pieces that are read side by side. */
export function partsOf(path: string, sizeBytes: number): readonly FileRange[] {
  const parts: FileRange[] = []
  for (let offset = 0; offset < sizeBytes; offset += BATCH_BYTES)
    parts.push({ path, offset, length: Math.min(BATCH_BYTES, sizeBytes - offset) })
  return parts
}

/**
 * Says where blobs lie: pack after pack, each from front to end, so that each is read once; what lies in
 * no pack comes last.
 *
 * @yields one blob
 */
export async function* inPackOrder(
  blobs: BlobList,
  reader: Pick<TransferReader, 'locatePacked'>,
): AsyncGenerator<PlacedBlob, void, undefined> {
  const paths: string[] = []
  const numbers = new Map<string, number>()
  const packs = new Uint32Array(blobs.length).fill(2 ** 32 - 1)
  const [offsets, lengths] = [new Float64Array(blobs.length), new Float64Array(blobs.length)]
  for (let number = 0; number < blobs.length; number += 1) {
    const place = await reader.locatePacked(blobs.at(number).id)
    if (place === undefined) continue
    const path = packPath(place.packId)
    const pack = numbers.get(path) ?? paths.push(path) - 1
    numbers.set(path, pack)
    packs[number] = pack
    offsets[number] = place.offset
    lengths[number] = place.storedLength
  }
  const packOf = (number: number): number => packs[number] ?? 0
  const offsetOf = (number: number): number => offsets[number] ?? 0
  const order = Uint32Array.from({ length: blobs.length }, (_, number) => number)
  order.sort((a, b) => packOf(a) - packOf(b) || offsetOf(a) - offsetOf(b) || a - b)
  for (const number of order) {
    const path = paths[packOf(number)]
    const place = { offset: offsetOf(number), length: lengths[number] ?? 0 }
    yield { ...blobs.at(number), range: path === undefined ? undefined : { path, ...place } }
  }
}
