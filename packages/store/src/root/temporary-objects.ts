import { randomUUID } from 'node:crypto'
import type { StorageDriver } from '../driver/storage-driver.ts'
import { objectNotFound } from '../errors.ts'
import { hashBlob, hashObject } from '../hash/blake3.ts'
import { toObjectId, type AnyId } from '../hash/object-id.ts'
import { indexPath } from '../layout.ts'
import { decodeCanonical, encodeCanonical } from '../object/canonical.ts'
import { decodeObject, encodeObject } from '../object/object-envelope.ts'
import type { ObjectInfo, ObjectReader, ObjectStore } from '../object/object-store.ts'

// Stands in until the packs are there.
type Entry = { kind: ObjectInfo['kind']; bytes: Uint8Array }
export interface TemporaryReader extends ObjectReader {
  use(fragments: readonly string[]): Promise<void>
}
export function temporaryReader(driver: StorageDriver): TemporaryReader {
  const loaded = new Map<string, Map<AnyId, Entry>>()
  const find = (id: AnyId): Entry | undefined => {
    for (const map of loaded.values()) {
      const e = map.get(id)
      if (e) return e
    }
    return undefined
  }
  return {
    async use(fragments) {
      for (const name of loaded.keys()) if (!fragments.includes(name)) loaded.delete(name)
      for (const name of fragments) {
        if (loaded.has(name)) continue
        const list = decodeCanonical(await driver.read(indexPath(name))) as [
          string,
          string,
          Uint8Array,
        ][]
        loaded.set(
          name,
          new Map(
            list.map(([kind, id, bytes]) => [toObjectId(id), { kind: kind as never, bytes }]),
          ),
        )
      }
    },
    ...readerOf(find),
  }
}
function readerOf(find: (id: AnyId) => Entry | undefined): ObjectReader {
  const get = (kind: string, id: AnyId): Entry => {
    const e = find(id)
    if (!e) throw objectNotFound('memory', kind as never, id)
    return e
  }
  return {
    has: async (id) => find(id) !== undefined,
    info: async (id) => {
      const e = find(id)
      return e && { kind: e.kind, sizeBytes: e.bytes.length, storedBytes: e.bytes.length }
    },
    getBlob: async (id) => Uint8Array.from(get('blob', id).bytes),
    async *streamBlob(id) {
      yield Uint8Array.from(get('blob', id).bytes)
    },
    getObject: async (kind, id) => decodeObject(Uint8Array.from(get(kind, id).bytes), id),
  }
}
export interface TemporaryWrites extends ObjectStore {
  seal(): Promise<{ fragments: { name: string }[]; replaces: string[] }>
  abandon(): Promise<void>
}
export function temporaryWrites(driver: StorageDriver, reader: ObjectReader): TemporaryWrites {
  const fresh = new Map<AnyId, Entry>()
  const own = readerOf((id) => fresh.get(id))
  const put = async <I extends AnyId>(
    id: I,
    kind: Entry['kind'],
    bytes: Uint8Array,
  ): Promise<I> => {
    if (!(await reader.has(id))) fresh.set(id, { kind, bytes: Uint8Array.from(bytes) })
    return id
  }
  const writes: TemporaryWrites = {
    has: async (id) => fresh.has(id) || reader.has(id),
    info: async (id) => (await own.info(id)) ?? reader.info(id),
    getBlob: async (id) => (fresh.has(id) ? own : reader).getBlob(id),
    async *streamBlob(id) {
      yield* (fresh.has(id) ? own : reader).streamBlob(id)
    },
    getObject: async (kind, id) => (fresh.has(id) ? own : reader).getObject(kind, id),
    putBlob: async (bytes) => put(hashBlob(bytes), 'blob', bytes),
    async putBlobStream(pieces) {
      const all: Uint8Array[] = []
      for await (const p of pieces) all.push(Uint8Array.from(p))
      return writes.putBlob(Buffer.concat(all))
    },
    async putObject(kind, object) {
      const bytes = encodeObject(object)
      return put(hashObject(kind, bytes), kind, bytes)
    },
    async seal() {
      const name = randomUUID()
      await driver.write(
        indexPath(name),
        encodeCanonical([...fresh].map(([id, e]) => [e.kind, id, e.bytes])),
      )
      return { fragments: [{ name }], replaces: [] }
    },
    abandon: async () => fresh.clear(),
  }
  return writes
}
