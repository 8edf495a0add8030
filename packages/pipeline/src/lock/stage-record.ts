import type { Json } from '@dsv/core'
import type { StepUse } from '../model/pipeline-stage.ts'

/** What a stage was run on and what it made, as `dsv.lock` has it. Ids are `blob:…`, `tree:…` or `dataset:…`. */
export interface StageRecord {
  /** Lines of a command, and where it runs; or steps and their options. */
  readonly action:
    | { readonly command: readonly string[]; readonly folder: string }
    | {
        readonly steps: readonly StepUse[]
        /** The inputs, in the order in which the first step takes them. */
        readonly from: readonly string[]
        readonly format?: string
      }
  /** By file and key; what is not in the file is undefined. */
  readonly parameters: Readonly<Record<string, Readonly<Record<string, Json>>>>
  /** Id by path. */
  readonly dependencies: Readonly<Record<string, string>>
  /** Id by path. */
  readonly outputs: Readonly<Record<string, string>>
  /** Which release of dsv ran it. */
  readonly tool?: string
}

/** The records by the address of their stage. */
export type PipelineLock = ReadonlyMap<string, StageRecord>
