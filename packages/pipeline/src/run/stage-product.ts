import type { SnapshotPart } from '@dsv/core'
import type { StageInputs } from '../stale/stage-inputs.ts'

/** What a stage has made, stored but not published. */
export interface StageProduct {
  /** What it was made of. */
  readonly inputs: StageInputs
  readonly outputs: readonly MadeOutput[]
  /** Whether the inputs alone decide what comes out, so that it need not be made again. */
  readonly isRepeatable: boolean
}

/** A file or folder that a stage has made. */
export interface MadeOutput {
  readonly path: string
  readonly id: string
  /** Absent where only its id is recorded. */
  readonly part?: SnapshotPart
  /** Where it lies when it is not stored. */
  readonly place?: string
}
