import {
  type AnyId,
  type ClosableObjectReader,
  objectNotFound,
  type ObjectStore,
  packPath,
  type StorageDriver,
} from '@dsv/store'
import type { CachingDriver, FileRange } from '../driver/caching-driver.ts'
import type { ObjectSource } from './missing-objects.ts'

/** The parts of a reader that a transfer needs. */
export type TransferReader = Pick<
  ClosableObjectReader,
  'has' | 'info' | 'getObject' | 'getBlob' | 'streamBlob' | 'piecesOf' | 'locate' | 'locatePacked'
>

/** Returns the objects of a store; `driver` is the storage that the reader reads through. */
export function storeSource(
  reader: TransferReader,
  driver: StorageDriver | CachingDriver,
): ObjectSource {
  return {
    kindOf: async (id) => {
      const info = await reader.info(id)
      if (info === undefined) throw objectNotFound(driver.location, 'object', id)
      return info.kind
    },
    getObject: async (kind, id) => reader.getObject(kind, id),
    prefetch: async (ids) => {
      if ('prefetch' in driver) await driver.prefetch(await rangesOf(reader, ids))
    },
  }
}

/** Returns where in packs the given objects lie; those that are in no pack are left out. */
async function rangesOf(
  reader: Pick<TransferReader, 'locatePacked'>,
  ids: readonly AnyId[],
): Promise<readonly FileRange[]> {
  const ranges: FileRange[] = []
  for (const id of ids) {
    const place = await reader.locatePacked(id)
    if (place === undefined) continue
    ranges.push({ path: packPath(place.packId), offset: place.offset, length: place.storedLength })
  }
  return ranges
}

/** Returns a reader of what a session has stored, and of what was there before it. */
export function sessionReader(
  session: ObjectStore,
  stored: Pick<TransferReader, 'locate' | 'locatePacked'>,
): TransferReader {
  return {
    info: async (id) => session.info(id),
    has: async (id) => session.has(id),
    getObject: async (kind, id) => session.getObject(kind, id),
    getBlob: async (id) => session.getBlob(id),
    streamBlob: (id) => session.streamBlob(id),
    piecesOf: async (id) => session.piecesOf(id),
    locate: async (id) => stored.locate(id),
    locatePacked: async (id) => stored.locatePacked(id),
  }
}
