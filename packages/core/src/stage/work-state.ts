import {
  type BlobId,
  encodeCanonical,
  type ObjectId,
  type StoredObject,
  type TreeRef,
} from '@dsv/store'
import { readSnapshot, type Snapshot, snapshotFields } from '../record/commit-record.ts'
import { linkList } from '../record/link-list.ts'
import { type RecordReader, readRecord } from '../record/record-reader.ts'
import { readTreeRef, treeRefFields } from '../record/tree-ref-record.ts'

const VERSION = 1
const KINDS = ['merge', 'cherry-pick', 'revert'] as const

/** A merge, cherry-pick or revert that stopped at conflicts. */
export interface PendingMerge {
  readonly kind: (typeof KINDS)[number]
  /** The commits that become further parents (merge) or were applied (cherry-pick, revert). */
  readonly heads: readonly ObjectId[]
  readonly message: string
  /** The open conflicts, as a canonical list in a blob. */
  readonly conflicts: BlobId
}

/** The format that a dataset has in the working tree when it is not the one it was committed in. */
export interface WorkingFormat {
  readonly format: string
  readonly variant: string | undefined
}

/** The state of a working tree between commits. It lives in the root record and is undone with it. */
export interface WorkState {
  /** What the next commit will hold. */
  readonly stage: Snapshot
  readonly merge: PendingMerge | undefined
  /** By path of the dataset. */
  readonly formats: ReadonlyMap<string, WorkingFormat>
  /** The last time that dsv itself changed the files of the working tree; for undo. */
  readonly moved: WorkingTreeMove | undefined
}

/** A change of the working tree that dsv made. */
export interface WorkingTreeMove {
  /** Counts the moves of this working tree. */
  readonly serial: number
  /** The files that it held before, local changes that were written over included. */
  readonly from: TreeRef
  readonly to: TreeRef
}

/** Returns the state after the working tree was moved. */
export function afterMove(
  work: WorkState,
  move: { readonly from: TreeRef; readonly to: TreeRef },
): WorkState {
  return { ...work, moved: { ...move, serial: (work.moved?.serial ?? 0) + 1 } }
}

/**
 * Returns the state as it lies in the root record: canonical
 * `[1, files, datasets, merge or null, formats, moved or null]`.
 */
export function encodeWorkState(state: WorkState): StoredObject {
  const links = linkList()
  const snapshot = snapshotFields(state.stage, links)
  const merge = state.merge && [
    KINDS.indexOf(state.merge.kind),
    state.merge.heads.map((head) => links.indexOf(head)),
    state.merge.message,
    links.indexOf(state.merge.conflicts),
  ]
  const formats = [...state.formats]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([path, { format, variant }]) => [path, format, variant ?? null])
  const moved = state.moved && [
    state.moved.serial,
    treeRefFields(state.moved.from, links),
    treeRefFields(state.moved.to, links),
  ]
  const fields = [VERSION, ...snapshot, merge ?? null, formats, moved ?? null]
  return { links: links.links, payload: encodeCanonical(fields) }
}

/** Reads a state. @throws `DSV_RECORD_CORRUPT`, `DSV_RECORD_VERSION_UNSUPPORTED` */
export function decodeWorkState(object: StoredObject): WorkState {
  const reader = readRecord('The working state', object.payload, object.links, VERSION)
  const [files, datasets, merge, formats, moved] = reader.body
  return {
    stage: readSnapshot(reader, files, datasets),
    merge: merge === null ? undefined : readMerge(reader, merge),
    formats: new Map(reader.list(formats, 'The formats').map((each) => readFormat(reader, each))),
    moved: moved === null ? undefined : readMoved(reader, moved),
  }
}

function readMerge(reader: RecordReader, value: unknown): PendingMerge {
  const [kindIndex, heads, message, conflicts] = reader.list(value, 'The merge')
  const kind = KINDS[reader.count(kindIndex, 'The kind of merge')]
  if (kind === undefined) return reader.fail('the kind of merge is unknown')
  return {
    kind,
    heads: reader.list(heads, 'The heads').map((head) => reader.object(head, 'A head')),
    message: reader.text(message, 'The message'),
    conflicts: reader.blob(conflicts, 'The conflicts'),
  }
}

function readFormat(reader: RecordReader, value: unknown): [string, WorkingFormat] {
  const [path, format, variant] = reader.list(value, 'A format')
  return [
    reader.text(path, 'The path of a format'),
    {
      format: reader.text(format, 'A format'),
      variant: variant === null ? undefined : reader.text(variant, 'A variant'),
    },
  ]
}

function readMoved(reader: RecordReader, value: unknown): WorkState['moved'] {
  const [serial, from, to] = reader.list(value, 'The move')
  return {
    serial: reader.count(serial, 'The number of the move'),
    from: readTreeRef(reader, from, 'The tree before'),
    to: readTreeRef(reader, to, 'The tree after'),
  }
}
