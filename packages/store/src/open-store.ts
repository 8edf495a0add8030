import { randomBytes, randomUUID } from 'node:crypto'
import { finishDeleting } from './care/delete-condemned.ts'
import { missingFragments, rebuildFragments } from './care/rebuild-fragments.ts'
import { isDsvError } from './dsv-error.ts'
import type { StorageDriver } from './driver/storage-driver.ts'
import { repositoryExists } from './errors.ts'
import { ROOT_COPY_PATH, ROOT_PATH } from './layout.ts'
import {
  type ClosableObjectReader,
  type FetchMissing,
  openObjectReader,
} from './object/object-reader.ts'
import { beginSession } from './root/begin-session.ts'
import { withDraftSession } from './root/draft-session.ts'
import { encodeRoot } from './root/encode-root.ts'
import { type HeldLease, holdLease, isLeaseLive, type Lease, readLeases } from './root/lease.ts'
import type { OperationInfo } from './root/operation.ts'
import { readRootRecord } from './root/publish.ts'
import { keepRootCopy } from './root/root-copy.ts'
import { DEFAULT_SETTINGS, type RepositorySettings } from './root/repository-settings.ts'
import { type Head, rootIds, type RootRecord } from './root/root-record.ts'
import { thisProcess, type WriterProcess } from './root/writer-process.ts'
import type { WriteSession } from './root/write-session.ts'

/** Where a store gets what is not in the repository. */
export interface StoreOptions {
  /** Milliseconds since 1970 UTC; the clock of the machine by default. */
  readonly nowMs?: () => number
  /** Who writes; this process by default. */
  readonly self?: WriterProcess
  /** Asked for blobs that are missing, where they may be: in a repository that is `partial`. */
  readonly fetchMissing?: FetchMissing
}

/** How a repository begins. */
export interface CreateStoreOptions extends StoreOptions {
  /** Where the working tree stands; absent where there is none, as in a remote. */
  readonly head?: Head
  /** What differs from the default settings. */
  readonly settings?: Partial<RepositorySettings>
}

/** A repository: immutable objects and one root record, over any storage. */
export class Store {
  readonly driver: StorageDriver
  /** Everything that is published; what another process published is found too. */
  readonly objects: ClosableObjectReader
  /** The clock: milliseconds since 1970 UTC. */
  readonly nowMs: () => number
  readonly self: WriterProcess
  #root: RootRecord

  private constructor(driver: StorageDriver, root: RootRecord, options: StoreOptions) {
    this.driver = driver
    this.#root = root
    this.nowMs = options.nowMs ?? Date.now
    this.self = options.self ?? thisProcess()
    const { fetchMissing } = options
    this.objects = openObjectReader(
      driver,
      { current: () => this.#root.fragments, reload: () => this.#reloadFragments() },
      fetchMissing &&
        (async (ids) => {
          if (this.settings.partial === 1) await fetchMissing(ids)
        }),
    )
  }

  /**
   * Begins a repository and opens it.
   *
   * @throws `DSV_REPOSITORY_EXISTS`
   */
  static async create(driver: StorageDriver, options: CreateStoreOptions = {}): Promise<Store> {
    const root = emptyRoot(options)
    // A root that got lost is to be restored, not to be begun anew.
    if ((await driver.sizeOf(ROOT_COPY_PATH)) !== undefined) throw repositoryExists(driver.location)
    const bytes = encodeRoot(root)
    try {
      await driver.replaceIf(ROOT_PATH, undefined, bytes)
      await keepRootCopy(driver, bytes)
    } catch (error) {
      if (isDsvError(error, 'DSV_STORAGE_CONFLICT')) throw repositoryExists(driver.location)
      throw error
    }
    return new Store(driver, root, options)
  }

  /**
   * Opens a repository.
   *
   * @throws `DSV_REPOSITORY_NOT_FOUND`, `DSV_REPOSITORY_NEWER`, `DSV_ROOT_CORRUPT`
   */
  static async open(driver: StorageDriver, options: StoreOptions = {}): Promise<Store> {
    return new Store(driver, (await readRootRecord(driver)).record, options)
  }

  /** The settings of the repository, as of the last time the root was read. */
  get settings(): RepositorySettings {
    return { ...DEFAULT_SETTINGS, ...this.#root.settings }
  }

  /** The root, as of the last time it was read or written. */
  get root(): RootRecord {
    return this.#root
  }

  /** Reads the root as it is now. @throws `DSV_ROOT_CORRUPT`, `DSV_REPOSITORY_NEWER` */
  async readRoot(): Promise<RootRecord> {
    const { record } = await readRootRecord(this.driver)
    this.useRoot(record)
    return record
  }

  /**
   * Runs `work` with a session in which it stores objects and changes the root. No lock is held:
   * `work` may take as long as it needs. When it fails, or publishes nothing, nothing is visible.
   */
  async write<Result>(
    info: OperationInfo,
    work: (session: WriteSession) => Promise<Result>,
  ): Promise<Result> {
    const root = await this.#readCleanRoot()
    const lease = await this.holdLease('write', root)
    try {
      const { driver, objects: reader, settings } = this
      const useRoot = (seen: RootRecord): void => this.useRoot(seen)
      const session = beginSession({ driver, reader, root, settings, info, useRoot })
      try {
        return await work(session)
      } finally {
        await session.abandon()
      }
    } finally {
      await lease.release()
    }
  }

  /**
   * Runs `work` with a session whose objects are thrown away afterwards. It writes nothing to the
   * repository and works on one that is read-only.
   */
  async draft<Result>(work: (session: WriteSession) => Promise<Result>): Promise<Result> {
    const root = await this.readRoot()
    return withDraftSession({ driver: this.driver, reader: this.objects, root }, work)
  }

  /** Takes a lease that keeps gc away from what `root` refers to. The caller releases it. */
  async holdLease(purpose: Lease['purpose'], root: RootRecord): Promise<HeldLease> {
    const startedMs = this.nowMs()
    const { pid, host, bootId } = this.self
    const sessionId = randomUUID()
    const bases = rootIds(root)
    const times = { startedMs, heartbeatMs: startedMs }
    return holdLease(
      this.driver,
      { sessionId, purpose, pid, host, bootId, ...times, bases },
      { everyMs: Math.ceil(this.settings.leaseTtlMs / 4), nowMs: this.nowMs },
    )
  }

  /** Takes a root that was read or written elsewhere as the present one. */
  useRoot(root: RootRecord): void {
    // The reader looks for new fragments only when it is given another array.
    const isSame = root.fragments.join() === this.#root.fragments.join()
    this.#root = isSame ? { ...root, fragments: this.#root.fragments } : root
  }

  /** Closes the files that are open; a later read opens them again. */
  async close(): Promise<void> {
    this.objects.close()
  }

  /** What a collection that crashed had begun to delete must not be stored anew before it is gone. */
  async #readCleanRoot(): Promise<RootRecord> {
    const root = await this.readRoot()
    if (!root.condemned.some(({ isDoomed }) => isDoomed)) return root
    const clock = { nowMs: this.nowMs(), ttlMs: this.settings.leaseTtlMs }
    const isCollecting = (await readLeases(this.driver)).some(
      (found) => found.lease?.purpose === 'gc' && isLeaseLive(found, this.self, clock),
    )
    if (isCollecting) return root
    await finishDeleting(this.driver, randomUUID)
    return this.readRoot()
  }

  async #reloadFragments(): Promise<readonly string[]> {
    const { fragments } = await this.readRoot()
    const lost = await missingFragments(this.driver, fragments)
    if (lost.length > 0) this.useRoot(await rebuildFragments(this.driver, lost, randomUUID))
    return this.#root.fragments
  }
}

function emptyRoot(options: CreateStoreOptions): RootRecord {
  return {
    repositoryId: randomBytes(16).toString('hex'),
    generation: 0,
    refs: new Map(),
    head: options.head,
    local: undefined,
    operationHead: undefined,
    fragments: [],
    condemned: [],
    gcEpoch: 0,
    txid: randomUUID(),
    settings: options.settings ?? {},
  }
}
