import { treeCorrupt } from '../errors.ts'
import { ID_BYTES, idToBytes, type ObjectId } from '../hash/object-id.ts'
import type { StoredObject } from '../object/object-store.ts'
import { NODE_VERSION, RESTART_INTERVAL } from './encode-node.ts'
import type { TreeNode } from './node.ts'
import { KEY_BYTES_MAX } from './tree-settings.ts'

const NO_BYTES = new Uint8Array(0)
const NO_ENDS = new Uint32Array(0)
const NO_NUMBERS = new Float64Array(0)
const LEVEL_MAX = 64
// Far above what the boundary rule allows; bounds the memory that a small hostile node can claim.
const KEYS_BYTES_MAX = 1024 * 1024

/**
 * Decodes a node and checks all that can be seen in it alone: one spelling, keys in order, counts
 * within the bytes.
 *
 * @throws `DSV_TREE_CORRUPT`
 */
export function decodeNode(id: ObjectId, object: StoredObject): TreeNode {
  const source = new Source(id, object.payload)
  if (source.byte() !== NODE_VERSION) throw treeCorrupt(id, 'its version is unknown')
  const level = source.byte()
  if (level > LEVEL_MAX) throw treeCorrupt(id, `its level is ${level}`)
  const length = source.varint()
  // Each entry takes two bytes at least, so this bounds what is allocated below.
  if (length === 0 || length > source.left()) throw treeCorrupt(id, `it claims ${length} entries`)
  const { keys, keyEnds } = decodeKeys(source, length)
  const linkBytes = bytesOfLinks(object)
  const common = { id, level, length, keys, keyEnds, linkBytes }
  const node =
    level === 0
      ? { ...common, ...decodeValues(source, common) }
      : { ...common, ...decodeChildren(source, common) }
  if (source.left() !== 0) throw treeCorrupt(id, `${source.left()} bytes follow its last value`)
  return node
}

interface Columns {
  readonly id: ObjectId
  readonly length: number
  readonly keys: Uint8Array
  readonly linkBytes: Buffer
}

function bytesOfLinks(object: StoredObject): Buffer {
  const { linkBytes } = object
  if (linkBytes === undefined) return Buffer.concat(object.links.map(idToBytes))
  return Buffer.from(linkBytes.buffer, linkBytes.byteOffset, linkBytes.length)
}

function decodeKeys(
  source: Source,
  length: number,
): { readonly keys: Uint8Array; readonly keyEnds: Uint32Array } {
  const keyBytes = source.varint()
  if (keyBytes > Math.min(length * KEY_BYTES_MAX, KEYS_BYTES_MAX)) {
    throw treeCorrupt(source.id, `it claims ${keyBytes} bytes of keys`)
  }
  const keys = new Uint8Array(keyBytes)
  const keyEnds = new Uint32Array(length)
  let end = 0
  let before = 0
  for (let index = 0; index < length; index += 1) {
    const shared = index % RESTART_INTERVAL === 0 ? 0 : source.varint()
    const rest = source.varint()
    const start = end
    if (shared > start - before || shared + rest > KEY_BYTES_MAX) throw badKey(source, index)
    end = start + shared + rest
    if (end > keyBytes || rest > source.left()) throw badKey(source, index)
    keys.copyWithin(start, before, before + shared)
    source.copyTo(keys, start + shared, rest)
    if (index > 0) checkOrder(source, keys, { before, start, end, shared, index })
    keyEnds[index] = end
    before = start
  }
  if (end !== keyBytes) throw treeCorrupt(source.id, 'its keys are shorter than it claims')
  return { keys, keyEnds }
}

interface KeyPlace {
  readonly before: number
  readonly start: number
  readonly end: number
  readonly shared: number
  readonly index: number
}

/** Checks that a key comes after the one before, and that what it shares is all they share. */
function checkOrder(source: Source, keys: Uint8Array, place: KeyPlace): void {
  const { before, start, end, index } = place
  let { shared } = place
  const isRestart = index % RESTART_INTERVAL === 0
  if (isRestart) {
    while (before + shared < start && start + shared < end) {
      if (keys[before + shared] !== keys[start + shared]) break
      shared += 1
    }
  }
  if (start + shared >= end) throw badKey(source, index)
  if (before + shared < start) {
    const difference = (keys[start + shared] ?? 0) - (keys[before + shared] ?? 0)
    if (difference <= 0) throw badKey(source, index)
  }
}

function badKey(source: Source, index: number): Error {
  return treeCorrupt(source.id, `its key ${index} is out of order or not as long as it claims`)
}

function decodeValues(source: Source, columns: Columns) {
  const { id, length } = columns
  const links = columns.linkBytes.length / ID_BYTES
  const valueEnds = new Uint32Array(length)
  const linkEnds = new Uint32Array(length)
  const indirect = new Uint8Array(length)
  let valueEnd = 0
  let linkEnd = 0
  let hasIndirect = false
  for (let index = 0; index < length; index += 1) {
    const spelled = source.varint()
    const linkCount = source.varint()
    if (spelled % 2 === 1) {
      if (spelled !== 1 || linkCount === 0) throw treeCorrupt(id, `its entry ${index} has no blob`)
      indirect[index] = 1
      hasIndirect = true
    }
    valueEnd += Math.floor(spelled / 2)
    linkEnd += linkCount
    if (valueEnd > source.left() || linkEnd > links) {
      throw treeCorrupt(id, `its entry ${index} claims more than there is`)
    }
    valueEnds[index] = valueEnd
    linkEnds[index] = linkEnd
  }
  if (linkEnd !== links) throw treeCorrupt(id, 'it has links that belong to no entry')
  const sizeBytes = columns.keys.length + valueEnd + 32 * linkEnd + 2 * length
  return {
    count: length,
    sizeBytes,
    values: source.take(valueEnd),
    valueEnds,
    linkEnds,
    indirect,
    hasIndirect,
    childCounts: NO_NUMBERS,
    childSizes: NO_NUMBERS,
  }
}

function decodeChildren(source: Source, columns: Columns) {
  const { id, length } = columns
  const links = columns.linkBytes.length / ID_BYTES
  if (links !== length) throw treeCorrupt(id, `it links ${links} of ${length} nodes`)
  const childCounts = new Float64Array(length)
  const childSizes = new Float64Array(length)
  let count = 0
  let sizeBytes = 0
  for (let index = 0; index < length; index += 1) {
    const childCount = source.varint()
    const childSize = source.varint()
    childCounts[index] = childCount
    childSizes[index] = childSize
    count += childCount
    sizeBytes += childSize
  }
  if (!Number.isSafeInteger(count) || !Number.isSafeInteger(sizeBytes)) {
    throw treeCorrupt(id, 'its sums are too large')
  }
  return {
    count,
    sizeBytes,
    values: NO_BYTES,
    valueEnds: NO_ENDS,
    linkEnds: NO_ENDS,
    indirect: NO_BYTES,
    hasIndirect: false,
    childCounts,
    childSizes,
  }
}

/** Reads a payload from its start to its end. */
class Source {
  readonly id: ObjectId
  readonly #bytes: Uint8Array
  #at = 0

  constructor(id: ObjectId, bytes: Uint8Array) {
    this.id = id
    // A store may give a Buffer, whose views would be Buffers too.
    this.#bytes = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length)
  }

  left(): number {
    return this.#bytes.length - this.#at
  }

  byte(): number {
    const value = this.#bytes[this.#at]
    if (value === undefined) throw treeCorrupt(this.id, 'it is cut off')
    this.#at += 1
    return value
  }

  /** Numbers of one byte, nearly all of them, take the first line. */
  varint(): number {
    const first = this.byte()
    if (first < 128) return first
    let value = first & 127
    let scale = 128
    for (let size = 2; size <= 8; size += 1) {
      const next = this.byte()
      value += (next & 127) * scale
      if (next < 128) {
        if (next === 0 || !Number.isSafeInteger(value)) break
        return value
      }
      scale *= 128
    }
    throw treeCorrupt(this.id, 'it has a number in a wrong spelling')
  }

  copyTo(target: Uint8Array, start: number, length: number): void {
    for (let index = 0; index < length; index += 1) {
      target[start + index] = this.#bytes[this.#at + index] ?? 0
    }
    this.#at += length
  }

  take(length: number): Uint8Array {
    const taken = this.#bytes.subarray(this.#at, this.#at + length)
    this.#at += length
    return taken
  }
}
