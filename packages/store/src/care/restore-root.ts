import { randomUUID } from 'node:crypto'
import { isDsvError } from '../dsv-error.ts'
import type { StorageDriver } from '../driver/storage-driver.ts'
import { repositoryNotFound, rootCorrupt } from '../errors.ts'
import { QUARANTINE_PREFIX, ROOT_PATH } from '../layout.ts'
import { decodeRoot, encodeReadableRoot } from '../root/encode-root.ts'
import { readRootCopy } from '../root/root-copy.ts'
import type { RootRecord } from '../root/root-record.ts'

/**
 * Puts the copy of the root in the place of a root that is damaged or gone; the damaged bytes go to the
 * quarantine. Returns the root that counts from now on, or undefined when there was nothing to restore.
 * Refs are those of the last change, or of the one before it; `checkStore` tells whether all is there.
 *
 * @throws `DSV_ROOT_CORRUPT` when the copy is of no use either, `DSV_REPOSITORY_NOT_FOUND`,
 *   `DSV_REPOSITORY_NEWER`
 */
export async function restoreRoot(driver: StorageDriver): Promise<RootRecord | undefined> {
  const found = await driver.readVersioned(ROOT_PATH)
  if (found !== undefined && isWhole(found.bytes, driver.location)) return undefined
  const copy = await readRootCopy(driver)
  if (copy === undefined) {
    if (found === undefined) throw repositoryNotFound(driver.location)
    throw rootCorrupt(driver.location, 'There is no copy of it that can be read')
  }
  if (found !== undefined) {
    await driver.write(`${QUARANTINE_PREFIX}${randomUUID()}/${ROOT_PATH}`, found.bytes)
    await driver.flush()
  }
  // Nobody who read the root before may take it for the same.
  const restored = { ...copy, generation: copy.generation + 1, txid: randomUUID() }
  await driver.replaceIf(ROOT_PATH, found?.version, encodeReadableRoot(restored))
  return restored
}

function isWhole(bytes: Uint8Array, location: string): boolean {
  try {
    decodeRoot(bytes, location)
    return true
  } catch (error) {
    if (isDsvError(error, 'DSV_ROOT_CORRUPT')) return false
    throw error
  }
}
