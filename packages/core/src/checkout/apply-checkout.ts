import { randomBytes } from 'node:crypto'
import {
  closeSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmdirSync,
  symlinkSync,
  unlinkSync,
  writeSync,
} from 'node:fs'
import path from 'node:path'
import {
  type BlobId,
  type ObjectReader,
  type Placement,
  placeFiles,
  type StorageDriver,
  type Store,
  systemErrorCode,
} from '@dsv/store'
import { pathBlocked } from '../errors.ts'
import { checkPath, linkStaysInside } from '../record/check-path.ts'
import type { Progress } from '../repository/environment.ts'
import type { Repository } from '../repository/repository.ts'
import { TEMPORARY } from '../working-tree/ignore-rules.ts'
import { statPath } from '../working-tree/stat-path.ts'
import type { CheckoutPlan, FileChange } from './plan-checkout.ts'
import { removeEmptyFolders } from './remove-leftovers.ts'

/** What applying a plan needs. */
export interface ApplyContext {
  /** What is stored, and what this command has stored so far. */
  readonly reader: ObjectReader
  /** What was stored before; worker threads can read it. */
  readonly stored: Store['objects']
  readonly driver: StorageDriver
  /** The folder that is written into. */
  readonly root: string
  readonly link: 'copy' | 'hardlink'
  /** Whether a journal brings back what is written over, should there be a crash. */
  readonly isJournaled: boolean
  readonly signal: AbortSignal
  readonly onProgress: (progress: Progress) => void
  readonly workerUrl: URL | undefined
}

/**
 * Does what the plan says. Every file is written beside its place and renamed, so that none is ever
 * half written, and its bytes are checked against their id on the way. Returns for each of
 * `plan.write` the `ctime` that its file had right after, in nanoseconds since 1970 UTC, or 0.
 *
 * @throws `DSV_PATH_UNSAFE`, `DSV_PATH_BLOCKED`, `DSV_OBJECT_CORRUPT`, `DSV_OBJECT_NOT_FOUND`
 */
export async function applyCheckout(
  plan: Pick<CheckoutPlan, 'remove' | 'write'>,
  context: ApplyContext,
): Promise<BigInt64Array> {
  for (const change of plan.write) checkPath(change.path)
  for (const change of plan.remove) removeEntry(context.root, change.path)
  makeFolders(plan.write, context.root)
  for (const { path: at, to } of plan.write)
    if (to?.type === 'symlink') placeLink(context.root, at, to.target)
  /** Where in `plan.write` the files are whose bytes were stored before. */
  const places: number[] = []
  let totalBytes = 0
  for (const [at, change] of plan.write.entries()) {
    const placement = placementOf(change, context.root)
    if (placement === undefined) continue
    if (await context.stored.has(placement.blobId)) {
      places.push(at)
      totalBytes += placement.sizeBytes ?? 0
    } else {
      await writePending(context.reader, placement)
    }
  }
  const placedNs = new BigInt64Array(plan.write.length)
  await placeFiles(context.stored, context.driver, placementsAt(plan, places, context.root), {
    link: context.link,
    isOldStored: context.isJournaled,
    signal: context.signal,
    ...(context.workerUrl !== undefined && { workerUrl: context.workerUrl }),
    onProgress: ({ sizeBytes }) =>
      context.onProgress({
        task: 'writing files',
        done: sizeBytes,
        total: totalBytes,
        unit: 'bytes',
      }),
    onFile: (at, { stamp }) => {
      const place = places[at]
      if (place !== undefined) placedNs[place] = BigInt.asIntN(64, stamp.changedNs)
    },
  })
  return placedNs
}

/** Makes placements when their turn comes: all of a large tree would take as much as the plan. */
function* placementsAt(
  { write }: Pick<CheckoutPlan, 'write'>,
  places: readonly number[],
  root: string,
): Generator<Placement> {
  for (const place of places) {
    const change = write[place]
    const placement = change && placementOf(change, root)
    if (placement !== undefined) yield placement
  }
}

/**
 * Gets what a partial clone lacks of the files that will be written. To be done first, as it may fail.
 *
 * @throws what getting them throws
 */
export async function bringFiles(
  { isPartial, store }: Repository,
  { write }: Pick<CheckoutPlan, 'write'>,
  reader: ObjectReader = store.objects,
): Promise<void> {
  if (!isPartial) return
  const missing: BlobId[] = []
  for (const { to } of write)
    if (to !== undefined && 'blob' in to && !(await reader.has(to.blob))) missing.push(to.blob)
  await store.objects.bring(missing)
}

/** Writes a file whose bytes this command has stored itself: they are not in a sealed pack yet. */
async function writePending(
  reader: ObjectReader,
  { blobId, target, mode }: Placement,
): Promise<void> {
  const temporary = `${target}${TEMPORARY}${randomBytes(6).toString('hex')}`
  try {
    await writePieces(reader, blobId, temporary, mode)
    renameSync(temporary, target)
  } catch (error) {
    removeIfThere(temporary)
    throw error
  }
}

async function writePieces(
  reader: ObjectReader,
  blobId: BlobId,
  file: string,
  mode = 0o666,
): Promise<void> {
  const descriptor = openSync(file, 'wx', mode)
  try {
    for await (const piece of reader.streamBlob(blobId))
      for (let at = 0; at < piece.length;) at += writeSync(descriptor, piece, at)
  } finally {
    closeSync(descriptor)
  }
}

function placementOf({ path: at, to }: FileChange, root: string): Placement | undefined {
  if (to?.type !== 'file' && to?.type !== 'executable') return undefined
  const mode = to.type === 'executable' ? 0o777 : 0o666
  return { blobId: to.blob, sizeBytes: to.sizeBytes, target: path.join(root, at), mode }
}

/** Deletes a file, link or empty folder, and the folders above that it leaves empty. */
function removeEntry(root: string, inside: string): void {
  if (inside.endsWith('/')) {
    removeEmptyFolders(root, inside.slice(0, -1))
    return
  }
  removeIfThere(path.join(root, inside))
  removeEmptyFolders(root, path.posix.dirname(inside))
}

function removeIfThere(file: string): void {
  try {
    unlinkSync(file)
  } catch (error) {
    if (systemErrorCode(error) !== 'ENOENT') throw error
  }
}

/**
 * Makes the folders that the written files need. No part of the way may be a link: it could lead out
 * of the working tree.
 */
function makeFolders(changes: readonly FileChange[], root: string): void {
  const known = new Set(['', '.'])
  const make = (folder: string): void => {
    if (known.has(folder)) return
    make(path.posix.dirname(folder))
    const stat = statPath(root, folder)
    if (stat === undefined) mkdirSync(path.join(root, folder))
    else if (!stat.isDirectory()) throw pathBlocked(folder)
    known.add(folder)
  }
  mkdirSync(root, { recursive: true })
  for (const { path: at, to } of changes) {
    make(at.endsWith('/') ? at.slice(0, -1) : path.posix.dirname(at))
    if (to?.type === 'empty-folder') continue
    if (statPath(root, at)?.isDirectory() === true) replaceFolder(root, at)
  }
}

/** A file takes the place of a folder only when no file is left in it. */
function replaceFolder(root: string, at: string): void {
  const absolute = path.join(root, at)
  for (const each of readdirSync(absolute, { withFileTypes: true })) {
    if (!each.isDirectory()) throw pathBlocked(at)
    replaceFolder(root, `${at}/${each.name}`)
  }
  rmdirSync(absolute)
}

function placeLink(root: string, at: string, target: string): void {
  if (!linkStaysInside(at, target)) throw pathBlocked(at)
  // A damaged tree may have files below the link, whose folder was made a moment ago.
  if (statPath(root, at)?.isDirectory() === true) throw pathBlocked(at)
  removeIfThere(path.join(root, at))
  symlinkSync(target, path.join(root, at))
}
