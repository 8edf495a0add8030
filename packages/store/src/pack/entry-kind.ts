import type { ObjectKind } from '../hash/object-id.ts'

/** What a pack entry holds: `chunks` is the list of the pieces that a large blob was cut into. */
export type EntryKind = ObjectKind | 'blob' | 'chunks'

const KINDS: readonly EntryKind[] = [
  'blob',
  'node',
  'dataset',
  'commit',
  'tag',
  'operation',
  'chunks',
]

/** Returns the byte that stands for a kind in packs and index fragments. */
export function kindToByte(kind: EntryKind): number {
  return KINDS.indexOf(kind)
}

/** Returns the kind a byte stands for, or undefined for none. */
export function kindFromByte(byte: number): EntryKind | undefined {
  return KINDS[byte]
}
