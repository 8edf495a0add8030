import { type Blake3Choice, type Blake3Engine, openBlake3Engine } from './blake3-engine.ts'
import { type BlobId, type ObjectId, type ObjectKind, toBlobId, toObjectId } from './object-id.ts'

let engine: Blake3Engine | undefined

function current(): Blake3Engine {
  return (engine ??= openBlake3Engine('auto'))
}

/**
 * Chooses the implementation for this process; the edge calls it, for example with what the
 * environment says. Returns the name of what is used now.
 */
export function selectBlake3(choice: Blake3Choice): 'native' | 'wasm' {
  engine = openBlake3Engine(choice)
  keyHasher = undefined
  return engine.name
}

/** Returns the id of a blob: the plain BLAKE3-256 of its bytes. */
export function hashBlob(bytes: Uint8Array): BlobId {
  return toBlobId(current().hashHex(bytes, undefined))
}

/** Returns the id of an encoded object: BLAKE3-256 in the derive-key context `dsv <kind> v1`. */
export function hashObject(kind: ObjectKind, bytes: Uint8Array): ObjectId {
  return toObjectId(current().hashHex(bytes, `dsv ${kind} v1`))
}

/** Returns the 32 bytes of BLAKE3 in the derive-key mode of `context`. */
export function deriveKeyHash(context: string, bytes: Uint8Array): Uint8Array {
  return Buffer.from(current().hashHex(bytes, context), 'hex')
}

let keyHasher: ((level: number, key: Uint8Array) => number) | undefined

/**
 * Returns the first four bytes, little-endian, of BLAKE3 (derive-key `dsv prolly v1`) of the level
 * byte followed by the key: the number that decides where a tree node ends.
 */
export function keyHash32(level: number, key: Uint8Array): number {
  keyHasher ??= createKeyHasher(current())
  return keyHasher(level, key)
}

function createKeyHasher(used: Blake3Engine): (level: number, key: Uint8Array) => number {
  let buffer = Buffer.alloc(1024)
  return (level, key) => {
    if (key.length + 1 > buffer.length) buffer = Buffer.alloc(2 * (key.length + 1))
    buffer[0] = level
    buffer.set(key, 1)
    const hex = used.hashHex(buffer.subarray(0, key.length + 1), 'dsv prolly v1')
    const bigEndian = Number.parseInt(hex.slice(0, 8), 16)
    return (
      (((bigEndian & 0xff) << 24) |
        ((bigEndian & 0xff00) << 8) |
        ((bigEndian >>> 8) & 0xff00) |
        (bigEndian >>> 24)) >>>
      0
    )
  }
}

/** Computes the id of a blob that comes in pieces. */
export interface BlobHasher {
  /** Takes the next piece. */
  update(bytes: Uint8Array): void
  /** Returns the id; no call may follow. Not calling it leaks a little memory in the fallback. */
  digest(): BlobId
}

/** Returns a {@link BlobHasher} for one blob. */
export function createBlobHasher(): BlobHasher {
  const state = current().start(undefined)
  return {
    update: (bytes) => state.update(bytes),
    digest: () => toBlobId(state.digestHex()),
  }
}
