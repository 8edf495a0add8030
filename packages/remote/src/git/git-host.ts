import type { GitObjects } from '../dvc/git-objects.ts'

/** A new state of the ref, ready to be sent. */
export interface GitUpdate {
  readonly commitId: string
  /** A Git pack with every object that the host does not have. */
  readonly pack: Uint8Array
}

/** What a ref was when a push began. */
export interface BegunPush {
  /** Commit of the ref; undefined when there is no such ref. */
  readonly tip: string | undefined
  /** Moves the ref from `tip`. Returns false when it is somewhere else by now. */
  send(update: GitUpdate): Promise<boolean>
}

/** One ref of a Git repository and its objects, however they are reached. */
export interface GitHost {
  /** Reads what {@link GitHost.fetch} has made available. */
  readonly objects: GitObjects
  /** Returns the commit of the ref. */
  tip(): Promise<string | undefined>
  /** Makes a commit that the ref has, or had, readable. Returns false when the host has moved on. */
  fetch(commitId: string): Promise<boolean>
  beginPush(): Promise<BegunPush>
  /** Requests so far. */
  readonly requests: number
}
