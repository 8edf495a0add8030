import type { StoredObject } from '../object/object-store.ts'
import { writeVarint } from '../pack/varint.ts'
import type { NodeRef } from './node.ts'
import type { StoredEntry } from './stored-entry.ts'

/** The first byte of the payload of a node. */
export const NODE_VERSION = 1

/** Every so many keys one is stored whole. */
export const RESTART_INTERVAL = 16

const VARINT_MAX = 8

let scratch: Buffer = Buffer.allocUnsafeSlow(256 * 1024)
let at = 0

/**
 * Encodes a leaf. Payload: version, level 0, number of entries, bytes of all keys; the keys, each as
 * length shared with the one before (not on restarts), length of the rest, rest; for each entry
 * 2 × length of the value + 1 if it is indirect, and number of links; the values. Numbers are
 * varints. The links of all entries in order are the links of the object.
 */
export function encodeLeaf(entries: readonly StoredEntry[]): StoredObject {
  let bound = 0
  for (const entry of entries) bound += entry.value.length + 2 * VARINT_MAX
  begin(0, entries, bound)
  for (const entry of entries) {
    put(2 * entry.value.length + (entry.isIndirect ? 1 : 0))
    put(entry.links.length)
  }
  for (const entry of entries) putBytes(entry.value, 0)
  return { links: entries.flatMap((entry) => entry.links), payload: payload() }
}

/**
 * Encodes an internal node: like a leaf up to the keys, which are the last keys of the children; then
 * for each child the number of entries below it and their logical size. The children are the links.
 */
export function encodeInternal(level: number, children: readonly NodeRef[]): StoredObject {
  begin(level, children, children.length * 2 * VARINT_MAX)
  for (const child of children) {
    put(child.count)
    put(child.sizeBytes)
  }
  return { links: children.map((child) => child.id), payload: payload() }
}

function begin(level: number, items: readonly { readonly key: Uint8Array }[], bound: number): void {
  let keyBytes = 0
  for (const { key } of items) keyBytes += key.length
  const needed = 2 + 2 * VARINT_MAX + keyBytes + items.length * 4 + bound
  if (needed > scratch.length) scratch = Buffer.allocUnsafeSlow(2 * needed)
  scratch[0] = NODE_VERSION
  scratch[1] = level
  at = 2
  put(items.length)
  put(keyBytes)
  putKeys(items)
}

function putKeys(items: readonly { readonly key: Uint8Array }[]): void {
  let before: Uint8Array | undefined
  let index = 0
  for (const { key } of items) {
    let shared = 0
    if (before !== undefined && index % RESTART_INTERVAL !== 0) {
      const most = Math.min(before.length, key.length)
      while (shared < most && before[shared] === key[shared]) shared += 1
      put(shared)
    }
    put(key.length - shared)
    putBytes(key, shared)
    before = key
    index += 1
  }
}

function put(value: number): void {
  at = writeVarint(scratch, at, value)
}

function putBytes(bytes: Uint8Array, from: number): void {
  const { length } = bytes
  if (length - from > 64) {
    scratch.set(from === 0 ? bytes : bytes.subarray(from), at)
    at += length - from
    return
  }
  for (let index = from; index < length; index += 1) scratch[at++] = bytes[index] ?? 0
}

function payload(): Uint8Array {
  return Uint8Array.prototype.slice.call(scratch, 0, at)
}
