import type { StorageDriver, StoragePath } from '../driver/storage-driver.ts'
import { isDsvError } from '../dsv-error.ts'
import { rootCorrupt } from '../errors.ts'
import { hashBlob } from '../hash/blake3.ts'
import { type BlobId, ID_BYTES, idFromBytes, toBlobId } from '../hash/object-id.ts'
import { condemnedPath, CONDEMNED_PREFIX } from '../layout.ts'

/** Writes a list of blobs that gc has condemned and returns its path; the list is named by its hash. */
export async function writeCondemnedBlobs(
  driver: StorageDriver,
  blobIds: Iterable<BlobId>,
): Promise<StoragePath> {
  const bytes = Buffer.concat([...blobIds].toSorted().map((id) => Buffer.from(id, 'hex')))
  const path = condemnedPath(hashBlob(bytes))
  await driver.write(path, bytes)
  return path
}

/** Reads a list of blobs that gc has condemned. @throws `DSV_ROOT_CORRUPT`, `DSV_STORAGE_NOT_FOUND` */
export async function readCondemnedBlobs(
  driver: StorageDriver,
  path: StoragePath,
): Promise<BlobId[]> {
  const bytes = await driver.read(path)
  if (condemnedPath(hashBlob(bytes)) !== path || bytes.length % ID_BYTES !== 0) {
    throw rootCorrupt(driver.location, `${path} does not match its name`)
  }
  return Array.from({ length: bytes.length / ID_BYTES }, (_, at) =>
    toBlobId(idFromBytes(bytes, at * ID_BYTES)),
  )
}

/** The same, but a list that another collection has deleted holds nothing. @throws `DSV_ROOT_CORRUPT` */
export async function readRemainingBlobs(
  driver: StorageDriver,
  path: StoragePath,
): Promise<BlobId[]> {
  try {
    return await readCondemnedBlobs(driver, path)
  } catch (error) {
    if (isDsvError(error, 'DSV_STORAGE_NOT_FOUND')) return []
    throw error
  }
}

/** Returns whether a condemned file is such a list. */
export function isBlobList(path: StoragePath): boolean {
  return path.startsWith(CONDEMNED_PREFIX)
}
