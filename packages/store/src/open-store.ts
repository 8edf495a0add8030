import { randomBytes, randomUUID } from 'node:crypto'
import { isDsvError } from './dsv-error.ts'
import type { StorageDriver } from './driver/storage-driver.ts'
import { repositoryExists } from './errors.ts'
import { ROOT_PATH } from './layout.ts'
import type { ObjectReader } from './object/object-store.ts'
import { encodeRoot } from './root/encode-root.ts'
import { type HeldLease, holdLease } from './root/lease.ts'
import type { OperationInfo } from './root/operation.ts'
import { applyUpdate, readRootRecord, swapRoot } from './root/publish.ts'
import { DEFAULT_SETTINGS, type RepositorySettings } from './root/repository-settings.ts'
import { type Head, rootIds, type RootRecord, type RootView } from './root/root-record.ts'
import { temporaryReader, type TemporaryReader, temporaryWrites } from './root/temporary-objects.ts'
import { thisProcess, type WriterProcess } from './root/writer-process.ts'
import type { WriteSession } from './root/write-session.ts'

/** Where a store gets what is not in the repository. */
export interface StoreOptions {
  /** Milliseconds since 1970 UTC; the clock of the machine by default. */
  readonly nowMs?: () => number
  /** Who writes; this process by default. */
  readonly self?: WriterProcess
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
  readonly #nowMs: () => number
  readonly #self: WriterProcess
  readonly #reader: TemporaryReader
  #root: RootRecord

  private constructor(driver: StorageDriver, root: RootRecord, options: StoreOptions) {
    this.driver = driver
    this.#root = root
    this.#nowMs = options.nowMs ?? Date.now
    this.#self = options.self ?? thisProcess()
    this.#reader = temporaryReader(driver)
  }

  /**
   * Begins a repository and opens it.
   *
   * @throws `DSV_REPOSITORY_EXISTS`
   */
  static async create(driver: StorageDriver, options: CreateStoreOptions = {}): Promise<Store> {
    const root = emptyRoot(options)
    try {
      await driver.replaceIf(ROOT_PATH, undefined, encodeRoot(root))
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
    const { record } = await readRootRecord(driver)
    const store = new Store(driver, record, options)
    await store.#reader.use(record.fragments)
    return store
  }

  /** Everything published up to the last {@link readRoot} or {@link write} of this store. */
  get objects(): ObjectReader {
    return this.#reader
  }

  /** The settings of the repository as of the last {@link readRoot}. */
  get settings(): RepositorySettings {
    return { ...DEFAULT_SETTINGS, ...this.#root.settings }
  }

  /** Reads the root as it is now. @throws `DSV_ROOT_CORRUPT`, `DSV_REPOSITORY_NEWER` */
  async readRoot(): Promise<RootRecord> {
    const { record } = await readRootRecord(this.driver)
    await this.#useRoot(record)
    return record
  }

  /**
   * Runs `work` with a session in which it stores objects and changes the root. No lock is held:
   * `work` may take as long as it needs.
   */
  async write<Result>(
    info: OperationInfo,
    work: (session: WriteSession) => Promise<Result>,
  ): Promise<Result> {
    const root = await this.readRoot()
    const lease = await this.#holdLease(root)
    const writes = temporaryWrites(this.driver, this.#reader)
    let isPublished = false
    const session: WriteSession = {
      ...writes,
      root,
      publish: async (update) => {
        if (isPublished) throw new Error('A session publishes once')
        isPublished = true
        const context = { location: this.driver.location, session, info }
        const swapped = await swapRoot(this.driver, randomUUID, async (current) => {
          await this.#useRoot(current)
          const next = await applyUpdate(context, current, await update(current))
          if (next === undefined) return undefined
          const { fragments, replaces } = await writes.seal()
          const kept = current.fragments.filter((name) => !replaces.includes(name))
          await this.driver.flush()
          return { ...next, fragments: [...kept, ...fragments.map(({ name }) => name)] }
        })
        await this.#useRoot(swapped)
        return swapped
      },
    }
    try {
      return await work(session)
    } finally {
      await writes.abandon()
      await lease.release()
    }
  }

  /** Releases what the store holds open. */
  async close(): Promise<void> {}

  async #useRoot(root: RootRecord): Promise<void> {
    this.#root = root
    await this.#reader.use(root.fragments)
  }

  async #holdLease(root: RootRecord): Promise<HeldLease> {
    const nowMs = this.#nowMs()
    const { pid, host, bootId } = this.#self
    const lease = {
      sessionId: randomUUID(),
      purpose: 'write',
      pid,
      host,
      bootId,
      startedMs: nowMs,
      heartbeatMs: nowMs,
      bases: rootIds(root),
    } as const
    return holdLease(this.driver, lease, {
      everyMs: this.settings.leaseTtlMs / 4,
      nowMs: this.#nowMs,
    })
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
