/** The BLAKE3-256 of bytes, as 64 lower-case hexadecimal digits. `b3sum` prints the same. */
export type BlobId = string & { readonly __id: 'blob' }

/** The id of an object that is not a blob: BLAKE3-256 in the derive-key context of its kind. */
export type ObjectId = string & { readonly __id: 'object' }

/** Any id in the store. */
export type AnyId = BlobId | ObjectId

/** The kinds of objects beside blobs; each is hashed in a context of its own. */
export type ObjectKind = 'node' | 'dataset' | 'commit' | 'tag' | 'operation'

/** Number of bytes of an id. */
export const ID_BYTES = 32

const HEX = /^[0-9a-f]{64}$/

/** Returns whether `text` is spelled like an id. */
export function isIdText(text: string): boolean {
  return HEX.test(text)
}

/** Brands text that is known to be the id of a blob. */
export function toBlobId(text: string): BlobId {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the place where ids are branded
  return text as BlobId
}

/** Brands text that is known to be the id of an object. */
export function toObjectId(text: string): ObjectId {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the place where ids are branded
  return text as ObjectId
}

/** Returns the 32 bytes of an id. */
export function idToBytes(id: AnyId): Uint8Array {
  return Buffer.from(id, 'hex')
}

/** Returns the id in the 32 bytes of `bytes` from `offset`. */
export function idFromBytes(bytes: Uint8Array, offset = 0): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + offset, ID_BYTES).toString('hex')
}
