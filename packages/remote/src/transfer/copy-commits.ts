import {
  type AnyId,
  type BlobId,
  IdSet,
  type ObjectId,
  objectNotFound,
  type ObjectWriteSession,
  toBlobId,
} from '@dsv/store'
import { BlobList } from './blob-list.ts'
import type { CopyContext } from './copy-blobs.ts'
import { type MissingObject, missingObjects, type ObjectSource } from './missing-objects.ts'
import type { TransferReader } from './store-source.ts'

/** A commit that goes over, and those among its parents; they are on the other side before it. */
export interface CommitStep {
  readonly commitId: ObjectId
  readonly parents: readonly ObjectId[]
}

/** What a transfer works with. */
export interface TransferContext extends CopyContext {
  readonly source: ObjectSource
  /** Where known commits are read. */
  readonly known: ObjectSource
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
  readonly missing: BlobList
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
  const blobs = new BlobList()
  // An image is named by the files and by the items.
  const seen = new IdSet()
  const absent = new Set<BlobId>()
  let commits = 0
  let objects = 0
  for await (const each of missing) {
    signal.throwIfAborted()
    if (each.kind === 'blob') {
      if (!seen.add(each.id)) continue
      const info = bring === undefined ? undefined : await reader.info(each.id)
      if (bring !== undefined && info === undefined) {
        // A partial clone lacks it: most are where it was cloned from.
        if (!(await target.isThere(each.id, Infinity))) absent.add(toBlobId(each.id))
        continue
      }
      const sizeBytes = info?.sizeBytes ?? (await sizeOf(reader, each.id))
      if (await target.isThere(each.id, sizeBytes)) continue
      blobs.push({ id: each.id, sizeBytes })
      continue
    }
    objects += 1
    if (each.kind === 'commit') commits += 1
    await target.session?.putObject(each.kind, each.object)
  }
  if (absent.size > 0) await bring?.([...absent])
  for (const id of absent) blobs.push({ id, sizeBytes: await sizeOf(reader, id) })
  return { commits, objects, blobs: blobs.length, blobBytes: blobs.bytes, missing: blobs }
}

async function sizeOf(reader: TransferReader, id: AnyId): Promise<number> {
  const info = await reader.info(id)
  if (info === undefined) throw objectNotFound('the source of the transfer', 'blob', id)
  return info.sizeBytes
}
