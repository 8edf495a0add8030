import type { StorageDriver, StoragePath } from '../driver/storage-driver.ts'
import { blobPath } from '../layout.ts'
import { swapRoot } from '../root/publish.ts'
import type { CondemnedFile, RootRecord } from '../root/root-record.ts'
import { isBlobList, readRemainingBlobs } from './condemned-blobs.ts'

/** What was deleted. */
export interface Deleted {
  readonly files: number
  readonly bytes: number
}

/**
 * Deletes condemned files that `isDue`, in three steps: the root calls them doomed, so that no writer
 * takes them back; they are deleted; the root forgets them. What a crash leaves doomed is deleted by
 * the next call.
 */
export async function deleteCondemned(
  driver: StorageDriver,
  newTxid: () => string,
  isDue: (file: CondemnedFile) => boolean,
): Promise<Deleted> {
  const root = await swapRoot(driver, newTxid, async (current) => {
    const doomed = current.condemned.map((file) =>
      !file.isDoomed && isDue(file) ? { ...file, isDoomed: true } : file,
    )
    const isChanged = doomed.some((file, at) => file !== current.condemned[at])
    return isChanged ? { ...current, condemned: doomed, gcEpoch: current.gcEpoch + 1 } : undefined
  })
  const doomed = root.condemned.filter(({ isDoomed }) => isDoomed)
  if (doomed.length === 0) return { files: 0, bytes: 0 }
  const deleted = await deleteAll(driver, doomed)
  await swapRoot(driver, newTxid, async (current) => forget(current, doomed))
  return deleted
}

/** Deletes what a crash left doomed. */
export async function finishDeleting(driver: StorageDriver, newTxid: () => string): Promise<void> {
  await deleteCondemned(driver, newTxid, () => false)
}

async function deleteAll(
  driver: StorageDriver,
  doomed: readonly CondemnedFile[],
): Promise<Deleted> {
  let files = 0
  let bytes = 0
  for (const { path } of doomed) {
    // The list goes last: until then a crash can be made good.
    for (const each of [...(await blobsOf(driver, path)), path]) {
      bytes += (await driver.sizeOf(each)) ?? 0
      files += 1
      await driver.delete(each)
    }
  }
  return { files, bytes }
}

async function blobsOf(driver: StorageDriver, path: StoragePath): Promise<readonly StoragePath[]> {
  if (!isBlobList(path)) return []
  return (await readRemainingBlobs(driver, path)).map(blobPath)
}

function forget(root: RootRecord, deleted: readonly CondemnedFile[]): RootRecord {
  const paths = new Set(deleted.map(({ path }) => path))
  return {
    ...root,
    condemned: root.condemned.filter(({ path, isDoomed }) => !(isDoomed && paths.has(path))),
  }
}
