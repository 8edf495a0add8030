import type { ObjectId } from '@dsv/store'
import type { Commit } from '../record/commit-record.ts'

/** Where commits are read from. */
export interface CommitReader {
  /** Reads a commit. */
  readonly commit: (commitId: ObjectId) => Promise<Commit>
}
