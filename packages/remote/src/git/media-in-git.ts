import {
  isDsvError,
  memoryDriver,
  readPackContents,
  type StorageDriver,
  type StoragePath,
} from '@dsv/store'

/** What is needed to look into a pack. */
export type PackReader = Pick<StorageDriver, 'location' | 'sizeOf' | 'readRange'>

/**
 * Returns whether a file holds media: a raw blob, or a pack with at least one blob, which its table
 * tells. Writers never mix; a pack that somebody mixed counts as media.
 */
export async function holdsMedia(reader: PackReader, path: StoragePath): Promise<boolean> {
  if (path.startsWith('objects/blob/')) return true
  const [, packId] = /^objects\/pack\/([0-9a-f]{64})\.pack$/.exec(path) ?? []
  if (packId === undefined) return false
  try {
    const driver: StorageDriver = { ...memoryDriver(), ...reader }
    return (await readPackContents(driver, packId)).entries.some(({ kind }) => kind === 'blob')
  } catch (error) {
    // What is no pack is found damaged by whoever reads it.
    if (isDsvError(error, 'DSV_PACK_CORRUPT')) return false
    throw error
  }
}
