import { objectCorrupt, objectNotFound } from '../errors.ts'
import { hashBlob, hashObject } from '../hash/blake3.ts'
import { type AnyId, toBlobId } from '../hash/object-id.ts'
import { decodeObject, encodeObject } from './object-envelope.ts'
import type { ObjectInfo, ObjectStore } from './object-store.ts'

/** Returns an object store that lives as long as it is referred to. */
export function memoryObjectStore(): ObjectStore {
  const stored = new Map<AnyId, { readonly kind: ObjectInfo['kind']; readonly bytes: Uint8Array }>()

  function bytesOf(kind: ObjectInfo['kind'], id: AnyId): Uint8Array {
    const found = stored.get(id)
    if (found === undefined) throw objectNotFound('memory', kind, id)
    if (found.kind !== kind) throw objectCorrupt(id, `it is a ${found.kind}, not a ${kind}`)
    return found.bytes
  }

  const store: ObjectStore = {
    has: async (id) => stored.has(id),
    async info(id) {
      const found = stored.get(id)
      if (found === undefined) return undefined
      const { kind, bytes } = found
      return { kind, sizeBytes: bytes.length, storedBytes: bytes.length }
    },
    getBlob: async (id) => Uint8Array.from(bytesOf('blob', id)),
    async *streamBlob(id) {
      yield Uint8Array.from(bytesOf('blob', id))
    },
    piecesOf: async (id) => [{ blobId: id, sizeBytes: bytesOf('blob', id).length }],
    getObject: async (kind, id) => decodeObject(Uint8Array.from(bytesOf(kind, id)), id),
    async putBlob(bytes) {
      const id = hashBlob(bytes)
      stored.set(id, { kind: 'blob', bytes: Uint8Array.from(bytes) })
      return id
    },
    async putBlobStream(pieces) {
      const all: Uint8Array[] = []
      for await (const piece of pieces) all.push(Uint8Array.from(piece))
      return toBlobId(await store.putBlob(Buffer.concat(all)))
    },
    async putObject(kind, object) {
      const bytes = encodeObject(object)
      const id = hashObject(kind, bytes)
      stored.set(id, { kind, bytes })
      return id
    },
  }
  return store
}
