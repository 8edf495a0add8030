import { DsvError, isDsvError } from '../dsv-error.ts'
import type { HandedOverObjects, ObjectWriteOptions } from '../object/object-write-session.ts'
import type { IngestedFile } from './ingest-batch.ts'
import type { PlacedFile, Placement } from './place-batch.ts'
import type { PlaceOptions } from './place-blob.ts'

/** What a worker is told when it starts. */
export interface WorkerSetup {
  readonly folder: string
  readonly packBelowBytes: number
  readonly fragments: readonly string[]
  readonly writeOptions: ObjectWriteOptions
  readonly placeOptions: PlaceOptions
}

/** Store files. */
export interface IngestRequest {
  readonly type: 'ingest'
  readonly batch: number
  /** Absolute paths. */
  readonly paths: readonly string[]
}

/** Make files of blobs. */
export interface PlaceRequest {
  readonly type: 'place'
  readonly batch: number
  readonly placements: readonly Placement[]
}

/** What a worker is told to do. */
export type WorkerRequest =
  | IngestRequest
  | PlaceRequest
  | { readonly type: 'finish' }
  | { readonly type: 'abandon' }

/** What a worker answers. */
export type WorkerAnswer =
  | { readonly type: 'ingested'; readonly batch: number; readonly files: readonly IngestedFile[] }
  | { readonly type: 'placed'; readonly batch: number; readonly files: readonly PlacedFile[] }
  | { readonly type: 'finished'; readonly objects: HandedOverObjects | undefined }
  | { readonly type: 'failed'; readonly failure: PostedFailure }

/** An error as it can be posted: cloning would drop its code. */
export interface PostedFailure {
  readonly code: string | undefined
  readonly message: string
  readonly hint: string | undefined
  readonly details: Readonly<Record<string, unknown>>
}

/** Returns what of an error can be posted. */
export function toPostedFailure(error: unknown): PostedFailure {
  if (isDsvError(error)) {
    const { code, message, hint, details } = error
    return { code, message, hint, details }
  }
  const message =
    typeof error === 'object' && error !== null && 'stack' in error
      ? String(error.stack)
      : String(error)
  return { code: undefined, message, hint: undefined, details: {} }
}

/** Returns the error again. */
export function fromPostedFailure({ code, message, hint, details }: PostedFailure): Error {
  if (code === undefined) return new Error(`A worker failed: ${message}`)
  return new DsvError(code, message, hint === undefined ? { details } : { details, hint })
}
