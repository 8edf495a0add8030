import type { ItemKey } from '@dsv/core'
import { SUBSET_FOLDERS } from '../shared/class-folders.ts'

/** One sequence: a folder with `gt/gt.txt`, images, and mostly `seqinfo.ini`. */
export interface Sequence {
  readonly subset: string
  /** The folders between the subset and the sequence's files: `MOT17-02`; may be empty. */
  readonly name: string
  /** Where it is: empty or ending in `/`. */
  readonly root: string
}

/** The frame of an item that a sequence can hold as it is, or why not. */
export interface FramePlace {
  readonly name: string
  /** Undefined when the id does not end in a number. */
  readonly frame: number | undefined
}

const FRAME = /^(?:0|[1-9]\d{0,8})$/u

/** Returns the sequences of a dataset, by the files that each has, in the order of their folders. */
export function findSequences(paths: readonly string[]): readonly Sequence[] {
  const roots = new Set<string>()
  for (const path of paths) {
    const root = /^(|.*\/)(?:gt\/gt\.txt|seqinfo\.ini)$/u.exec(path)?.[1]
    if (root !== undefined) roots.add(root)
  }
  return [...roots].map((root) => ({ root, ...placeOf(root) }))
}

/** Returns where a new sequence is written. */
export function rootOf({ subset, name }: Omit<Sequence, 'root'>): string {
  const below = name === '' ? '' : `${name}/`
  const isPlain = subset === 'default' && !SUBSET_FOLDERS.has(firstSegment(name).toLowerCase())
  return isPlain ? below : `${subset}/${below}`
}

/** Whether a reader finds the subset again in the place of its sequences. */
export function isSubsetFolder(subset: string): boolean {
  return SUBSET_FOLDERS.has(subset.toLowerCase())
}

/** Returns the id of a frame. */
export function idOf({ name }: Pick<Sequence, 'name'>, frame: number | string): string {
  return name === '' ? String(frame) : `${name}/${frame}`
}

/** Returns what the id of an item says of its sequence and frame. */
export function framePlace({ id }: Pick<ItemKey, 'id'>): FramePlace {
  const slash = id.lastIndexOf('/')
  const last = id.slice(slash + 1)
  const frame = FRAME.test(last) ? Number(last) : undefined
  return { name: id.slice(0, Math.max(0, slash)), frame }
}

/** Returns the number that the name of an image says; undefined where it is none. */
export function frameOfFile(path: string): number | undefined {
  const stem = /^(\d{1,12})\.[^./]+$/u.exec(path.slice(path.lastIndexOf('/') + 1))?.[1]
  const frame = Number(stem)
  return stem === undefined || frame >= 1e9 ? undefined : frame
}

function placeOf(root: string): Omit<Sequence, 'root'> {
  const segments = root.split('/').slice(0, -1)
  const [first = '', ...rest] = segments
  if (!isSubsetFolder(first)) return { subset: 'default', name: segments.join('/') }
  return { subset: first, name: rest.join('/') }
}

function firstSegment(name: string): string {
  return name.split('/')[0] ?? ''
}
