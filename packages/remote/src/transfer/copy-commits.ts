import {
  type AnyId,
  type BlobId,
  type ObjectId,
  objectCorrupt,
  objectNotFound,
  type ObjectWriteSession,
  toBlobId,
} from '@dsv/store'
import type { Progress } from '@dsv/core'
import type { CachingDriver } from '../driver/caching-driver.ts'
import { IdList } from './id-list.ts'
import { type MissingObject, missingObjects, type ObjectSource } from './missing-objects.ts'
import { rangesOf, type TransferReader } from './store-source.ts'

/** A commit that goes over, and those among its parents; they are on the other side before it. */
export interface CommitStep {
  readonly commitId: ObjectId
  readonly parents: readonly ObjectId[]
}

/** What a transfer works with. */
export interface TransferContext {
  readonly source: ObjectSource
  readonly reader: TransferReader
  /** What the reader reads through, when it can read ahead. */
  readonly ahead: CachingDriver | undefined
  /** Where known commits are read. */
  readonly known: ObjectSource
  readonly signal: AbortSignal
  readonly onProgress: (progress: Progress) => void
  /** Whether a parent that is no step is known; without it all are. */
  readonly isKnown?: (commitId: ObjectId) => Promise<boolean>
  /** Gets blobs that a partial clone lacks from where it has its own. */
  readonly bring?: (ids: readonly BlobId[]) => Promise<void>
}

/** What a transfer is about, in numbers. */
export interface TransferCount {
  readonly commits: number
  /** Objects that are not blobs. */
  readonly objects: number
  readonly blobs: number
  /** Bytes of the blobs. */
  readonly blobBytes: number
}

/** What has to go over. */
export interface TransferPlan extends TransferCount {
  readonly blobIds: IdList
}

/** Where a transfer goes. */
export interface TransferTarget {
  /** Asked for each blob; `sizeBytes` tells whether it would lie in a pack there. */
  readonly isThere: (id: AnyId, sizeBytes: number) => Promise<boolean>
  /** Gets the objects; without it nothing is stored. */
  readonly session?: Pick<ObjectWriteSession, 'putObject'>
}

/**
 * Lists what the commits need and those before them do not, commit by commit.
 *
 * @param steps - Parents before children
 * @yields objects and blobs; one may come twice
 */
export async function* missingOfCommits(
  steps: readonly CommitStep[],
  { source, known, signal, onProgress, isKnown }: TransferContext,
): AsyncGenerator<MissingObject, void, undefined> {
  for (const [done, { commitId, parents }] of steps.entries()) {
    onProgress({ task: 'comparing commits', done, total: steps.length, unit: 'items' })
    const stored: ObjectId[] = []
    for (const parent of parents)
      if (isKnown === undefined || (await isKnown(parent))) stored.push(parent)
    yield* missingObjects(commitId, stored, { source, known, signal })
  }
}

/** Stores the objects of what is missing, and collects the blobs that the target lacks. */
export async function planTransfer(
  missing: AsyncIterable<MissingObject>,
  target: TransferTarget,
  { signal, reader, bring }: Pick<TransferContext, 'signal' | 'reader' | 'bring'>,
): Promise<TransferPlan> {
  const blobIds = new IdList()
  const absent = new Set<BlobId>()
  let commits = 0
  let objects = 0
  let blobBytes = 0
  for await (const each of missing) {
    signal.throwIfAborted()
    if (each.kind === 'blob') {
      const info = bring === undefined ? undefined : await reader.info(each.id)
      if (bring !== undefined && info === undefined) {
        // A partial clone lacks it: most are where it was cloned from.
        if (!(await target.isThere(each.id, Infinity))) absent.add(toBlobId(each.id))
        continue
      }
      const sizeBytes = info?.sizeBytes ?? (await sizeOf(reader, each.id))
      if (await target.isThere(each.id, sizeBytes)) continue
      blobIds.push(each.id)
      blobBytes += sizeBytes
      continue
    }
    objects += 1
    if (each.kind === 'commit') commits += 1
    await target.session?.putObject(each.kind, each.object)
  }
  if (absent.size > 0) await bring?.([...absent])
  for (const id of absent) {
    blobIds.push(id)
    blobBytes += await sizeOf(reader, id)
  }
  return { commits, objects, blobs: blobIds.length, blobBytes, blobIds }
}

async function sizeOf(reader: TransferReader, id: AnyId): Promise<number> {
  const info = await reader.info(id)
  if (info === undefined) throw objectNotFound('the source of the transfer', 'blob', id)
  return info.sizeBytes
}

/** Blobs that are asked for together: at most so many, and about so many bytes. */
const BATCH_BLOBS = 4096
const BATCH_BYTES = 64 * 2 ** 20

/** Which blobs are copied. */
export interface BlobPlan extends Pick<TransferPlan, 'blobIds' | 'blobBytes'> {
  /** Called whenever so many blobs, or bytes of them, were stored since. */
  readonly after?: () => Promise<void>
  readonly afterBlobs?: number
  readonly afterBytes?: number
}

/** Stores the blobs of a plan. */
export async function copyBlobs(
  plan: BlobPlan,
  session: ObjectWriteSession,
  context: Pick<TransferContext, 'reader' | 'ahead' | 'signal' | 'onProgress'>,
): Promise<void> {
  const { reader, ahead, signal, onProgress } = context
  let done = 0
  const { after, afterBlobs = Infinity, afterBytes = Infinity } = plan
  let blobs = 0
  let bytes = 0
  const report = (): void =>
    onProgress({ task: 'copying media', done, total: plan.blobBytes, unit: 'bytes' })
  for await (const batch of batchesOf(plan.blobIds, reader, afterBytes)) {
    signal.throwIfAborted()
    if (ahead !== undefined)
      await ahead.prefetch(
        await rangesOf(
          reader,
          batch.map(({ id }) => id),
        ),
      )
    for (const { id, sizeBytes } of batch) {
      await copyBlob(id, sizeBytes, session, reader)
      done += sizeBytes
      bytes += sizeBytes
      report()
    }
    blobs += batch.length
    if (after === undefined || (blobs < afterBlobs && bytes < afterBytes)) continue
    await after()
    blobs = 0
    bytes = 0
  }
}

interface SizedBlob {
  readonly id: AnyId
  readonly sizeBytes: number
}

async function* batchesOf(
  ids: Iterable<AnyId>,
  reader: TransferReader,
  mostBytes: number,
): AsyncGenerator<readonly SizedBlob[], void, undefined> {
  const batchBytes = Math.min(BATCH_BYTES, mostBytes)
  let batch: SizedBlob[] = []
  let bytes = 0
  for (const id of ids) {
    const sizeBytes = await sizeOf(reader, id)
    batch.push({ id, sizeBytes })
    bytes += sizeBytes
    if (batch.length < BATCH_BLOBS && bytes < batchBytes) continue
    yield batch
    batch = []
    bytes = 0
  }
  if (batch.length > 0) yield batch
}

/** Blobs from this size on are streamed. */
const STREAM_BYTES = 16 * 2 ** 20

async function copyBlob(
  id: AnyId,
  sizeBytes: number,
  session: ObjectWriteSession,
  reader: TransferReader,
): Promise<void> {
  const blobId = toBlobId(id)
  if (await session.isStored(blobId, sizeBytes)) return
  if (sizeBytes < STREAM_BYTES) {
    // The reader has checked that the bytes are those of the id.
    await session.putHashedBlob(blobId, await reader.getBlob(blobId))
    return
  }
  const stored = await session.putBlobStream(reader.streamBlob(blobId), sizeBytes)
  if (stored !== blobId) throw objectCorrupt(blobId, `it arrived as ${stored}`)
}
