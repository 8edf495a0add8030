import type { StoragePath } from '../driver/storage-driver.ts'
import type { AnyId, ObjectId } from '../hash/object-id.ts'

/** What depends on something that is broken. */
export interface Dependents {
  /** Full names of refs, and `HEAD`, `stage`, `operation log`. */
  readonly refs: readonly string[]
  /** Commits that cannot be had complete. */
  readonly commits: readonly ObjectId[]
}

/** One thing that `checkStore` found. */
export interface Finding {
  /** A warning is no danger to what is stored. */
  readonly severity: 'error' | 'warning'
  readonly code:
    | 'object-missing'
    | 'object-corrupt'
    | 'node-wrong'
    | 'operation-corrupt'
    | 'fragment-missing'
    | 'fragment-corrupt'
    | 'pack-missing'
    | 'pack-corrupt'
    | 'index-wrong'
    | 'lease-unreadable'
  readonly message: string
  readonly id?: AnyId
  readonly path?: StoragePath
  readonly dependents?: Dependents
}
