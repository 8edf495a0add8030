import { objectCorrupt } from '../errors.ts'
import { type AnyId, ID_BYTES, idFromBytes, idToBytes, toObjectId } from '../hash/object-id.ts'
import { readVarint, varintLength, writeVarint } from '../pack/varint.ts'
import type { StoredObject } from './object-store.ts'

const VERSION = 1

/** Returns the bytes of an object: version byte, varint number of links, the links, the payload. */
export function encodeObject(object: StoredObject): Uint8Array {
  const { links, payload } = object
  const start = 1 + varintLength(links.length)
  const bytes = Buffer.allocUnsafe(start + ID_BYTES * links.length + payload.length)
  bytes[0] = VERSION
  writeVarint(bytes, 1, links.length)
  links.forEach((link, index) => bytes.set(idToBytes(link), start + ID_BYTES * index))
  bytes.set(payload, start + ID_BYTES * links.length)
  return bytes
}

/**
 * Reads what {@link encodeObject} wrote; the payload is a view of `bytes`. `id` is for the message.
 *
 * @throws `DSV_OBJECT_CORRUPT`
 */
export function decodeObject(bytes: Uint8Array, id = ''): StoredObject {
  if (bytes[0] !== VERSION) throw objectCorrupt(id, 'its format version is not known')
  const count = readVarint(bytes, 1)
  if (count === undefined) throw objectCorrupt(id, 'its number of links is cut off')
  const end = count.end + ID_BYTES * count.value
  if (end > bytes.length) throw objectCorrupt(id, 'its links are cut off')
  const linkBytes = bytes.subarray(count.end, end)
  let links: readonly AnyId[] | undefined
  return {
    // A large tree has a million links, of which a walk looks at few.
    get links() {
      return (links ??= linksIn(linkBytes))
    },
    linkBytes,
    payload: bytes.subarray(end),
  }
}

function linksIn(linkBytes: Uint8Array): AnyId[] {
  return Array.from({ length: linkBytes.length / ID_BYTES }, (_, index) =>
    toObjectId(idFromBytes(linkBytes, ID_BYTES * index)),
  )
}
