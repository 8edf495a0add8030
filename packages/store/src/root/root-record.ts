import { type AnyId, type ObjectId } from '../hash/object-id.ts'
import type { StoragePath } from '../driver/storage-driver.ts'
import type { StoredObject } from '../object/object-store.ts'
import type { RepositorySettings } from './repository-settings.ts'

/** Where a working tree stands: on a branch, which may have no commit yet, or on a commit. */
export type Head =
  | { readonly type: 'branch'; readonly name: string }
  | { readonly type: 'detached'; readonly commit: ObjectId }

/** A file that gc found useless; it is deleted when the grace period is over. */
export interface CondemnedFile {
  /** A pack, an index fragment, or a list of raw blobs below `objects/condemned/`. */
  readonly path: StoragePath
  /** Milliseconds since 1970 UTC. */
  readonly sinceMs: number
  /** Whether its deletion has begun: nobody may rely on it any more. */
  readonly isDoomed: boolean
}

/** The one thing of a repository that changes. Everything else is immutable. */
export interface RootRecord {
  /** Made once, at random: 32 hexadecimal digits. */
  readonly repositoryId: string
  /** Counts the swaps. */
  readonly generation: number
  /** Full name (`refs/heads/main`) → id of a commit or tag. */
  readonly refs: ReadonlyMap<string, ObjectId>
  /** Only where there is a working tree. `name` is a full ref name. */
  readonly head: Head | undefined
  /** State of the working tree (stage and the like); its links keep objects alive. */
  readonly local: StoredObject | undefined
  /** The newest operation of the log. */
  readonly operationHead: ObjectId | undefined
  /** Names of the live index fragments. What no fragment lists is not in the repository. */
  readonly fragments: readonly string[]
  readonly condemned: readonly CondemnedFile[]
  /** Counts the swaps after which objects that were there may be gone. */
  readonly gcEpoch: number
  /** Made anew for each swap: tells a writer whether a lost answer was a success. */
  readonly txid: string
  /** Only what differs from the defaults. */
  readonly settings: Partial<RepositorySettings>
}

/** What a writer sees of the root, and what it may change. */
export interface RootView {
  readonly repositoryId: string
  readonly generation: number
  readonly refs: ReadonlyMap<string, ObjectId>
  readonly head: Head | undefined
  readonly local: StoredObject | undefined
  readonly operationHead: ObjectId | undefined
}

/** Returns every id the root itself refers to, without repetition. */
export function rootIds(root: RootView): AnyId[] {
  const ids = new Set<AnyId>(root.refs.values())
  if (root.head?.type === 'detached') ids.add(root.head.commit)
  for (const id of root.local?.links ?? []) ids.add(id)
  if (root.operationHead !== undefined) ids.add(root.operationHead)
  return [...ids]
}
