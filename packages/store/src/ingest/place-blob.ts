import { randomBytes } from 'node:crypto'
import fs from 'node:fs'
import path from 'node:path'

import { storageError } from '../driver/file-system.ts'
import { isFolderDriver } from '../driver/folder-driver.ts'
import type { StorageDriver } from '../driver/storage-driver.ts'
import { systemErrorCode } from '../dsv-error.ts'
import { objectCorrupt } from '../errors.ts'
import { createBlobHasher } from '../hash/blake3.ts'
import type { BlobId } from '../hash/object-id.ts'
import type { ObjectPlace } from '../object/object-locator.ts'
import type { ClosableObjectReader } from '../object/object-reader.ts'
import { blobPath } from '../pack/storage-layout.ts'

/** How {@link placeBlob} makes the file. */
export interface PlaceOptions {
  /**
   * `copy` shares the bytes with the store where the file system can do that safely (reflink);
   * `hardlink` shares the file itself, so whoever writes to it in place damages the store. Default:
   * `copy`.
   */
  readonly link?: 'copy' | 'hardlink'
  /** Permission bits, from which the process's umask is taken away; 0o666 by default. */
  readonly mode?: number
  /**
   * What the target holds is stored and would be brought back after a crash. It is deleted just before
   * the new file takes its name: ext4 writes a file that is renamed over another to the disk at once,
   * which takes a millisecond for each. Deleting may take as long, but not this thread's time.
   */
  readonly isOldStored?: boolean
  /** The caller has checked the stored bytes lately, so sharing them needs no further look. */
  readonly isVerified?: boolean
}

/**
 * Writes a blob to `targetFile`, an absolute path in a folder that exists; a file that is there is
 * replaced. The bytes are checked against the id before the file gets its name, and a crash leaves at
 * most a `.dsv-tmp-` file.
 *
 * @throws `DSV_OBJECT_NOT_FOUND`, `DSV_OBJECT_CORRUPT`, `DSV_STORAGE_FULL`, `DSV_STORAGE_DENIED`,
 * `DSV_STORAGE_FAILED`
 */
export async function placeBlob(
  reader: ClosableObjectReader,
  driver: StorageDriver,
  blobId: BlobId,
  targetFile: string,
  options: PlaceOptions = {},
): Promise<void> {
  const temporary = `${targetFile}.dsv-tmp-${randomBytes(6).toString('hex')}`
  const mode = options.mode ?? 0o666
  try {
    const place = await reader.locate(blobId)
    if (place?.type === 'pack' && place.kind === 'blob') {
      writeWhole(await reader.getBlob(blobId), temporary, mode)
    } else if (!shareFile(driver, blobId, temporary, { ...options, mode }, place)) {
      await writePieces(reader, blobId, temporary, mode)
    }
    if (options.isOldStored === true) await removeOld(targetFile)
    fs.renameSync(temporary, targetFile)
  } catch (error) {
    removeIfThere(temporary)
    throw storageError(error, targetFile)
  }
}

/** Makes `temporary` share the stored file; false when there is none or the system cannot. */
function shareFile(
  driver: StorageDriver,
  blobId: BlobId,
  temporary: string,
  options: PlaceOptions & { readonly mode: number },
  place: ObjectPlace | undefined,
): boolean {
  if (!isFolderDriver(driver) || cannotReflink(driver.location, temporary, options)) return false
  if (place?.type !== 'file') return false
  const source = driver.absolutePath(blobPath(blobId))
  try {
    if (options.link === 'hardlink') fs.linkSync(source, temporary)
    else fs.copyFileSync(source, temporary, fs.constants.COPYFILE_FICLONE_FORCE)
  } catch (error) {
    const code = systemErrorCode(error)
    if (code === undefined || !CANNOT_SHARE.has(code)) throw error
    if (options.link !== 'hardlink')
      withoutReflink.add(`${driver.location} ${path.dirname(temporary)}`)
    return false
  }
  if (options.isVerified !== true) checkFile(blobId, temporary)
  if (options.link !== 'hardlink') {
    fs.chmodSync(temporary, options.mode & ~process.umask())
  }
  return true
}

const CANNOT_SHARE = new Set([
  'ENOTSUP',
  'EOPNOTSUPP',
  'ENOSYS',
  'EXDEV',
  'EINVAL',
  'ENOTTY',
  'EMLINK',
  'EPERM',
])

/** Stores and folders between which a reflink failed; trying for each file would cost a copy's time. */
const withoutReflink = new Set<string>()

function cannotReflink(location: string, temporary: string, options: PlaceOptions): boolean {
  if (options.link === 'hardlink') return false
  return withoutReflink.has(`${location} ${path.dirname(temporary)}`)
}

function writeWhole(bytes: Uint8Array, temporary: string, mode: number): void {
  const descriptor = fs.openSync(temporary, 'wx', mode)
  try {
    for (let at = 0; at < bytes.length;) at += fs.writeSync(descriptor, bytes, at)
  } finally {
    fs.closeSync(descriptor)
  }
}

async function writePieces(
  reader: ClosableObjectReader,
  blobId: BlobId,
  temporary: string,
  mode: number,
): Promise<void> {
  const descriptor = fs.openSync(temporary, 'wx', mode)
  try {
    for await (const piece of reader.streamBlob(blobId)) {
      for (let at = 0; at < piece.length;) at += fs.writeSync(descriptor, piece, at)
    }
  } finally {
    fs.closeSync(descriptor)
  }
}

const PIECE_BYTES = 1024 * 1024

function checkFile(blobId: BlobId, file: string): void {
  const hasher = createBlobHasher()
  const buffer = Buffer.allocUnsafe(PIECE_BYTES)
  const descriptor = fs.openSync(file, 'r')
  try {
    for (;;) {
      const got = fs.readSync(descriptor, buffer)
      if (got === 0) break
      hasher.update(buffer.subarray(0, got))
    }
  } finally {
    fs.closeSync(descriptor)
  }
  const actual = hasher.digest()
  if (actual !== blobId) throw objectCorrupt(blobId, `its bytes hash to ${actual}`, { actual })
}

/** Most often nothing is there, and looking costs less than a deletion that fails. */
async function removeOld(file: string): Promise<void> {
  if (fs.lstatSync(file, { throwIfNoEntry: false }) === undefined) return
  try {
    await fs.promises.unlink(file)
  } catch (error) {
    if (systemErrorCode(error) === undefined) throw error
  }
}

function removeIfThere(file: string): void {
  try {
    fs.unlinkSync(file)
  } catch (error) {
    if (systemErrorCode(error) === undefined) throw error
  }
}
