import type { ObjectId } from '../hash/object-id.ts'
import type { StoredObject } from '../object/object-store.ts'
import type { OperationRecord, RefChange } from './operation.ts'
import { checkRefName } from './ref-name.ts'
import type { RepositorySettings } from './repository-settings.ts'
import type { Head, RootView } from './root-record.ts'

/** What a writer wants of the root. What is absent stays. */
export interface RootUpdate {
  /** `from` must still hold when the root is swapped. */
  readonly refs?: readonly RefChange[]
  /** Where the working tree stands; null when there is none any more. */
  readonly head?: Head | null
  /** The new working state; null removes it. */
  readonly local?: StoredObject | null
  /** Settings to change; they are not part of the undo log. */
  readonly settings?: Partial<RepositorySettings>
  /** How the log calls it; `change` by default. */
  readonly type?: OperationRecord['type']
  /** The operations whose effect this one takes back. */
  readonly undoes?: readonly ObjectId[]
}

/** A ref that was not where the writer expected it. */
export interface MovedRef extends RefChange {
  readonly actual: ObjectId | undefined
}

/** A root update applied to one root. */
export interface PlannedUpdate {
  /** Refs that moved meanwhile; when there are any, the rest does not count. */
  readonly moved: readonly MovedRef[]
  /** Only what really changes. */
  readonly changed: readonly RefChange[]
  readonly refs: ReadonlyMap<string, ObjectId>
  readonly head: Head | undefined
  readonly local: StoredObject | undefined
  readonly isHeadChanged: boolean
  readonly isLocalChanged: boolean
}

/** Applies an update to a root. @throws `DSV_REF_NAME_INVALID` */
export function planUpdate(root: RootView, update: RootUpdate): PlannedUpdate {
  const refs = new Map(root.refs)
  const moved: MovedRef[] = []
  const changed: RefChange[] = []
  for (const change of update.refs ?? []) {
    checkRefName(change.name)
    const actual = refs.get(change.name)
    if (actual === change.to) continue
    if (actual !== change.from) moved.push({ ...change, actual })
    changed.push(change)
    if (change.to === undefined) refs.delete(change.name)
    else refs.set(change.name, change.to)
  }
  const head = update.head === undefined ? root.head : (update.head ?? undefined)
  if (head?.type === 'branch') checkRefName(head.name)
  const local = update.local === undefined ? root.local : (update.local ?? undefined)
  const isHeadChanged = !isSameHead(root.head, head)
  const isLocalChanged = !isSameObject(root.local, local)
  return { moved, changed, refs, head, local, isHeadChanged, isLocalChanged }
}

/** Returns whether two heads stand at the same place. */
export function isSameHead(a: Head | undefined, b: Head | undefined): boolean {
  if (a === undefined || b === undefined) return a === b
  if (a.type === 'branch') return b.type === 'branch' && a.name === b.name
  return b.type === 'detached' && a.commit === b.commit
}

function isSameObject(a: StoredObject | undefined, b: StoredObject | undefined): boolean {
  if (a === undefined || b === undefined) return a === b
  const haveSameLinks =
    a.links.length === b.links.length && a.links.every((id, at) => id === b.links[at])
  return haveSameLinks && Buffer.from(a.payload).equals(b.payload)
}
