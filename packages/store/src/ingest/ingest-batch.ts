import fs, { type BigIntStats } from 'node:fs'

import { storageError } from '../driver/file-system.ts'
import { fileChanged, fileGone, storageFailed } from '../errors.ts'
import { hashBlob } from '../hash/blake3.ts'
import type { BlobId } from '../hash/object-id.ts'
import { systemErrorCode } from '../dsv-error.ts'
import { giveWay } from '../give-way.ts'
import type { ObjectWriteSession } from '../object/object-write-session.ts'

/** What a cache needs to see whether a file changed since. Times are nanoseconds since 1970 UTC. */
export interface FileStamp {
  readonly sizeBytes: number
  readonly modifiedNs: bigint
  readonly changedNs: bigint
  readonly inode: bigint
  readonly device: bigint
  /** The permission bits and the type, as in `stat`. */
  readonly mode: number
}

/** A file whose bytes are stored. */
export interface IngestedFile {
  readonly path: string
  readonly blobId: BlobId
  readonly sizeBytes: number
  /** As it was before and after its bytes were read, alike in both. */
  readonly stamp: FileStamp
}

/** Opening must not wait for the other end of a named pipe. */
const READ = fs.constants.O_RDONLY | (fs.constants.O_NONBLOCK ?? 0)
/** How often a file that changes while it is read is read again. */
const ATTEMPTS = 3
/** Files up to this size are read at once. */
const WHOLE_BYTES = 8 * 1024 * 1024
const PIECE_BYTES = 1024 * 1024

/**
 * Reads files one after the other and stores them. Looks at the signal within large files too.
 *
 * @throws `DSV_FILE_CHANGED` when a file kept changing, `DSV_FILE_GONE`, `DSV_STORAGE_DENIED`,
 * `DSV_STORAGE_FULL`, `DSV_STORAGE_FAILED`, the reason of the signal
 */
export async function ingestBatch(
  session: ObjectWriteSession,
  paths: readonly string[],
  signal?: AbortSignal,
): Promise<readonly IngestedFile[]> {
  const files: IngestedFile[] = []
  const memory = { buffer: Buffer.allocUnsafe(256 * 1024) }
  for (const path of paths) files.push(await ingestFile(session, path, memory, signal))
  return files
}

/** What small files are read into, one after the other. */
interface ReadMemory {
  buffer: Buffer
}

async function ingestFile(
  session: ObjectWriteSession,
  path: string,
  memory: ReadMemory,
  signal: AbortSignal | undefined,
): Promise<IngestedFile> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const file = await withOpenFile(path, async (descriptor, stampNow) => {
      const stamp = stampNow()
      const { blobId, sizeBytes } = await storeOpen(
        session,
        { path, descriptor, memory, signal },
        stamp,
      )
      const isUnmoved = sizeBytes === stamp.sizeBytes && isSameStamp(stamp, stampNow())
      return isUnmoved ? { path, blobId, sizeBytes, stamp } : undefined
    })
    if (file !== undefined) return file
  }
  throw fileChanged(path)
}

/**
 * Runs `work` with a file open for reading; the function it gets returns the stamp of the file.
 *
 * @throws `DSV_FILE_GONE`, `DSV_STORAGE_DENIED`, `DSV_STORAGE_FAILED`
 */
export async function withOpenFile<Result>(
  path: string,
  work: (descriptor: number, stampNow: () => FileStamp) => Promise<Result>,
): Promise<Result> {
  const descriptor = accessing(path, () => fs.openSync(path, READ))
  try {
    return await work(descriptor, () => stampOf(path, descriptor))
  } finally {
    fs.closeSync(descriptor)
  }
}

/**
 * Reads an open file from its beginning.
 *
 * @yields pieces in memory that is used again for the next
 * @throws the reason of the signal
 */
export async function* readPieces({
  path,
  descriptor,
  signal,
}: Omit<OpenFile, 'memory'>): AsyncGenerator<Uint8Array, void, undefined> {
  const buffer = Buffer.allocUnsafe(PIECE_BYTES)
  let read = 0
  for (;;) {
    await giveWay()
    signal?.throwIfAborted()
    const got = accessing(path, () => fs.readSync(descriptor, buffer, 0, PIECE_BYTES, read))
    if (got === 0) return
    read += got
    yield buffer.subarray(0, got)
  }
}

/** Returns whether nothing says that a file changed between two looks at it. */
export function isSameStamp(a: FileStamp, b: FileStamp): boolean {
  return (
    a.sizeBytes === b.sizeBytes &&
    a.modifiedNs === b.modifiedNs &&
    a.changedNs === b.changedNs &&
    a.inode === b.inode &&
    a.device === b.device
  )
}

interface OpenFile {
  readonly path: string
  readonly descriptor: number
  readonly memory: ReadMemory
  readonly signal: AbortSignal | undefined
}

async function storeOpen(
  session: ObjectWriteSession,
  file: OpenFile,
  { sizeBytes }: FileStamp,
): Promise<{ readonly blobId: BlobId; readonly sizeBytes: number }> {
  if (sizeBytes <= WHOLE_BYTES) {
    const bytes = readUpTo(file, sizeBytes)
    const blobId = hashBlob(bytes)
    await session.putHashedBlob(blobId, bytes)
    return { blobId, sizeBytes: bytes.length }
  }
  let read = 0
  async function* pieces(): AsyncGenerator<Uint8Array, void, undefined> {
    for await (const piece of readPieces(file)) {
      read += piece.length
      yield piece
    }
  }
  const blobId = await session.putBlobStream(pieces(), sizeBytes)
  return { blobId, sizeBytes: read }
}

/** Reads one byte more than expected, so that a file that grew is seen. The result is used again. */
function readUpTo({ path, descriptor, memory }: OpenFile, sizeBytes: number): Buffer {
  if (sizeBytes + 1 > memory.buffer.length) memory.buffer = Buffer.allocUnsafe(sizeBytes + 1)
  const { buffer } = memory
  let at = 0
  while (at <= sizeBytes) {
    const from = at
    const got = accessing(path, () =>
      fs.readSync(descriptor, buffer, from, sizeBytes + 1 - from, from),
    )
    if (got === 0) break
    at += got
  }
  return buffer.subarray(0, at)
}

function stampOf(path: string, descriptor: number): FileStamp {
  const found = accessing(path, () => fs.fstatSync(descriptor, { bigint: true }))
  if (!found.isFile()) throw storageFailed(path, new Error('it is no regular file'))
  return stampFrom(found)
}

/** Returns the stamp in what `stat` tells. */
export function stampFrom(found: BigIntStats): FileStamp {
  return {
    sizeBytes: Number(found.size),
    modifiedNs: found.mtimeNs,
    changedNs: found.ctimeNs,
    inode: found.ino,
    device: found.dev,
    mode: Number(found.mode),
  }
}

function accessing<Result>(path: string, run: () => Result): Result {
  try {
    return run()
  } catch (error) {
    const code = systemErrorCode(error)
    if (code === 'ENOENT' || code === 'ENOTDIR') throw fileGone(path)
    throw storageError(error, path)
  }
}
