import type { StorageDriver } from '../driver/storage-driver.ts'
import { packPath } from '../layout.ts'
import { openIndexFragment } from '../pack/index-fragment.ts'
import { OpenFiles } from '../pack/open-files.ts'
import { type PackEntry, readPackContents } from '../pack/read-pack-contents.ts'
import { IdSet } from './id-set.ts'

/** What of one pack is still needed. */
export interface PackSurvey {
  readonly packId: string
  readonly sizeBytes: number
  /** Entries that are needed and in no pack surveyed before. */
  readonly live: readonly PackEntry[]
  /** Payload bytes of all entries, and of those that are live. */
  readonly totalBytes: number
  readonly liveBytes: number
  readonly totalEntries: number
}

/** What index fragments say together. */
export interface IndexSummary {
  /** The packs they name, in a fixed order. */
  readonly packIds: readonly string[]
  /** Number of their entries; what several name counts several times. */
  readonly entries: number
}

/** Reads what index fragments say of packs. @throws `DSV_STORAGE_NOT_FOUND`, `DSV_PACK_CORRUPT` */
export async function summarizeIndex(
  driver: StorageDriver,
  fragments: readonly string[],
): Promise<IndexSummary> {
  const files = new OpenFiles(driver)
  const packs = new Set<string>()
  let entries = 0
  try {
    for (const name of fragments) {
      const fragment = await openIndexFragment(files, new Map(), name)
      for (const pack of fragment.packs) packs.add(pack)
      entries += fragment.entries
    }
  } finally {
    files.close()
  }
  return { packIds: [...packs].toSorted(), entries }
}

/**
 * Compares what packs hold with what is needed, pack by pack.
 *
 * @yields what of one pack is needed
 */
export async function* surveyPacks(
  driver: StorageDriver,
  packIds: readonly string[],
  needed: IdSet,
): AsyncGenerator<PackSurvey, void, undefined> {
  const seen = new IdSet()
  for (const packId of packIds) {
    const path = packPath(packId)
    // A repair takes damaged packs away and leaves their names in the index.
    if ((await driver.sizeOf(path)) === undefined) continue
    const { sizeBytes, entries } = await readPackContents(driver, packId)
    const live = entries.filter(({ id }) => needed.has(id) && seen.add(id))
    yield {
      packId,
      sizeBytes,
      live,
      totalBytes: sumBytes(entries),
      liveBytes: sumBytes(live),
      totalEntries: entries.length,
    }
  }
}

function sumBytes(entries: readonly PackEntry[]): number {
  return entries.reduce((sum, { storedLength }) => sum + storedLength, 0)
}
