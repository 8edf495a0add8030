import type { ObjectId } from '@dsv/store'
import type { Commit } from '../record/commit-record.ts'

/** Where commits are read from. */
export interface CommitReader {
  /** Reads a commit. */
  readonly commit: (commitId: ObjectId) => Promise<Commit>
  /**
   * Returns a parent that a commit which was read has and that is not here, as where a partial clone
   * ends; `commit` leaves it out.
   */
  readonly cutAt?: (commitId: ObjectId) => ObjectId | undefined
}
