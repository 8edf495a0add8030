import type { Json, Loss, Repository, SnapshotPart } from '@dsv/core'
import type { WriteSession } from '@dsv/store'
import type { DvcLeftOut } from '../dvc/dvc-registry.ts'

/** What kind of registry something comes from: one of ours, or a Git repository with DVC. */
export type RegistryKind = 'dsv' | 'dvc'

/** What is copied from a registry. */
export interface PartRequest {
  /** The id of a commit there. */
  readonly commit: string
  /** A folder or file there; the empty path is everything. */
  readonly path: string
  /** A query that chooses items of the dataset at the path. */
  readonly where?: string
  /** Makes the folder a dataset of this format, where the registry says nothing of formats. */
  readonly format?: string
  /** Another version of it that is stored here: what both have is not copied again. */
  readonly like: SnapshotPart
}

/** What was copied. */
export interface CopiedPart extends SnapshotPart {
  /** The stage that was run here to make it, because the registry does not store it. */
  readonly madeBy?: string
  /** What of a folder could not be had, and why. */
  readonly leftOut: readonly DvcLeftOut[]
  /** What reading the datasets among it had to leave out, by their path. */
  readonly losses: ReadonlyMap<string, readonly Loss[]>
}

/** The files of a commit of a registry. */
export interface SourceFiles {
  /** Paths of all files, in order. */
  list(): Promise<readonly string[]>
  /** Returns a small file; undefined where there is none. @throws `DSV_REGISTRY_FILE_TOO_LARGE` */
  read(path: string): Promise<Uint8Array | undefined>
}

/** A registry that things are imported from. */
export interface ImportSource {
  readonly kind: RegistryKind
  /** Returns the id of the commit that a revision names there; without one that of its main branch. */
  commitOf(revision: string | undefined): Promise<string>
  /** Stores a folder or file of a commit, with everything that it needs. */
  copyPart(repository: Repository, session: WriteSession, request: PartRequest): Promise<CopiedPart>
  /** Returns what the registry recorded of how a folder or file of a commit came to be, as {@link Import} keeps it. */
  lineage?(commit: string, path: string): Promise<Json | undefined>
  /** Returns the files of a commit, for reading small ones. */
  files(commit: string): SourceFiles
  /** Closes files and connections. */
  close(): Promise<void>
}
