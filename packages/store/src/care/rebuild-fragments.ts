import { isDsvError } from '../dsv-error.ts'
import type { StorageDriver } from '../driver/storage-driver.ts'
import { indexPath, PACK_PREFIX, packPath } from '../layout.ts'
import { type PackEntry, readPackContents } from '../pack/read-pack-contents.ts'
import { type FragmentEntry, writeIndexFragment } from '../pack/write-index-fragment.ts'
import { swapRoot } from '../root/publish.ts'
import type { RootRecord } from '../root/root-record.ts'
import { summarizeIndex } from './survey-packs.ts'

/** Returns which live index fragments are not in the storage. */
export async function missingFragments(
  driver: StorageDriver,
  fragments: readonly string[],
): Promise<readonly string[]> {
  const missing: string[] = []
  for (const name of fragments) {
    if ((await driver.sizeOf(indexPath(name))) === undefined) missing.push(name)
  }
  return missing
}

/**
 * Replaces index fragments that are lost or damaged by one that is made from all packs which no other
 * fragment names. Deletes nothing.
 *
 * @throws `DSV_STORAGE_FAILED` and the like, `DSV_ROOT_BUSY`
 */
export async function rebuildFragments(
  driver: StorageDriver,
  lost: readonly string[],
  newTxid: () => string,
): Promise<RootRecord> {
  return swapRoot(driver, newTxid, async (root) => {
    if (!lost.some((name) => root.fragments.includes(name))) return undefined
    const sound = root.fragments.filter((name) => !lost.includes(name))
    const named = new Set((await summarizeIndex(driver, sound)).packIds.map(packPath))
    for (const { path } of root.condemned) named.add(path)
    const { name } = await writeIndexFragment(driver, entriesOfOthers(driver, named))
    await driver.flush()
    return { ...root, fragments: [...new Set([...sound, name])] }
  })
}

async function* entriesOfOthers(
  driver: StorageDriver,
  named: ReadonlySet<string>,
): AsyncGenerator<FragmentEntry, void, undefined> {
  for await (const { path } of driver.list(PACK_PREFIX)) {
    if (named.has(path) || !path.endsWith('.pack')) continue
    const packId = path.slice(PACK_PREFIX.length, -'.pack'.length)
    for (const entry of await entriesOf(driver, packId)) yield { ...entry, packId }
  }
}

/** A file that is no pack at all has nothing to offer; fsck reports it. */
async function entriesOf(driver: StorageDriver, packId: string): Promise<readonly PackEntry[]> {
  try {
    return (await readPackContents(driver, packId)).entries
  } catch (error) {
    if (isDsvError(error, 'DSV_PACK_CORRUPT')) return []
    throw error
  }
}
