/** Limits of one repository; they are kept in its root record, tests shrink them to force splits. */
export interface RepositorySettings {
  /** Blobs below this size go into packs; 0: as the storage prefers. */
  readonly packBelowBytes: number
  /** Size at which a pack is closed and the next one begun; 0: as the storage prefers. */
  readonly packTargetBytes: number
  /** Blobs from this size on are stored as lists of chunks. */
  readonly chunkFromBytes: number
  /** How long a condemned file stays before it is deleted, in milliseconds. */
  readonly graceMs: number
  /** Age of the last heartbeat at which a writer on another machine counts as gone, in milliseconds. */
  readonly leaseTtlMs: number
  /** Operations younger than this, in milliseconds, keep their objects alive. */
  readonly keepOperationsMs: number
  /** The newest operations keep their objects alive up to this number, however old. */
  readonly keepOperations: number
  /** 1 when objects may be missing on purpose, as in a partial clone; else 0. */
  readonly partial: number
}

const HOUR_MS = 3_600_000

/** What holds where the root record says nothing. */
export const DEFAULT_SETTINGS: RepositorySettings = {
  packBelowBytes: 0,
  packTargetBytes: 0,
  chunkFromBytes: 64 * 1024 * 1024,
  graceMs: 24 * HOUR_MS,
  leaseTtlMs: HOUR_MS / 6,
  keepOperationsMs: 30 * 24 * HOUR_MS,
  keepOperations: 1000,
  partial: 0,
}

const NAMES: ReadonlySet<string> = new Set(Object.keys(DEFAULT_SETTINGS))

/** Returns whether `name` is a setting of repositories. */
export function isSettingName(name: string): name is keyof RepositorySettings {
  return NAMES.has(name)
}
