import { isDsvError } from '../dsv-error.ts'
import type { StorageDriver } from '../driver/storage-driver.ts'
import { ROOT_COPY_PATH } from '../layout.ts'
import { decodeRoot } from './encode-root.ts'
import type { RootRecord } from './root-record.ts'

/**
 * Keeps a copy of the root that was just swapped in, for the day its only file is damaged. It costs one
 * small write and no flush: as long as the root is whole nobody needs it. When two writers swap at the
 * same time the copy may be one swap older.
 */
export async function keepRootCopy(driver: StorageDriver, bytes: Uint8Array): Promise<void> {
  // What is not a folder keeps copies itself.
  if (driver.localFolder === undefined) return
  try {
    await driver.write(ROOT_COPY_PATH, bytes)
  } catch (error) {
    // The root is written: failing now would say that nothing was.
    if (!isDsvError(error)) throw error
  }
}

/** Reads the copy of the root; undefined when there is none that can be read. */
export async function readRootCopy(driver: StorageDriver): Promise<RootRecord | undefined> {
  const found = await driver.readVersioned(ROOT_COPY_PATH)
  if (found === undefined) return undefined
  try {
    return decodeRoot(found.bytes, driver.location)
  } catch (error) {
    if (isDsvError(error, 'DSV_ROOT_CORRUPT')) return undefined
    throw error
  }
}
