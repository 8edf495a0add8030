import type { AnyId } from '@dsv/store'
import type { ObjectSource } from './missing-objects.ts'
import { storeSource, type TransferReader } from './store-source.ts'
import type { StorageDriver } from '@dsv/store'

/** One side of a transfer. */
export interface Side {
  readonly reader: TransferReader
  readonly driver: StorageDriver
}

/** Returns the objects of two stores: what is not in the first is read from the second. */
export function bothSources(first: Side, second: Side): ObjectSource {
  const near = storeSource(first.reader, first.driver)
  const far = storeSource(second.reader, second.driver)
  const sideOf = async (id: AnyId): Promise<ObjectSource> =>
    (await first.reader.has(id)) ? near : far
  return {
    kindOf: async (id) => (await sideOf(id)).kindOf(id),
    getObject: async (kind, id) => (await sideOf(id)).getObject(kind, id),
    prefetch: async (ids) => {
      const missing: AnyId[] = []
      for (const id of ids) if (!(await first.reader.has(id))) missing.push(id)
      if (missing.length > 0) await far.prefetch(missing)
    },
  }
}
