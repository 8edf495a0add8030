import { existsSync, mkdirSync, statSync } from 'node:fs'
import path from 'node:path'
import {
  EMPTY_TREE,
  folderDriver,
  type Head,
  isDsvError,
  type ObjectId,
  type OperationInfo,
  type RefChange,
  type RootView,
  Store,
  type StoreOptions,
  TEMPORARY_PREFIX,
  type WriteSession,
} from '@dsv/store'
import {
  historyCut,
  mediaMissing,
  notARepository,
  repositoryExists,
  stageMoved,
} from '../errors.ts'
import { type FrameSource, frameSource } from '../format/frame-source.ts'
import { type Commit, decodeCommit } from '../record/commit-record.ts'
import { decodeWorkState, encodeWorkState, type WorkState } from '../stage/work-state.ts'
import type { Environment } from './environment.ts'

/** The folder in a working tree that holds the repository. */
export const REPOSITORY_FOLDER = '.dsv'

/** How often a command starts over because another process changed the stage meanwhile. */
const ATTEMPTS = 5

/** What a repository looks like at one moment. */
export interface RepositoryState {
  readonly refs: ReadonlyMap<string, ObjectId>
  readonly head: Head
  /** The commit that HEAD names; undefined before the first commit. */
  readonly headCommit: ObjectId | undefined
  readonly work: WorkState
}

/** What a command wants to change, all at once. */
export interface StateChange {
  /** Full ref name → new commit or tag; undefined deletes. The old value is checked. */
  readonly refs?: ReadonlyMap<string, ObjectId | undefined>
  readonly head?: Head
  readonly work?: WorkState
}

/** One change of a repository while it is made. */
export interface Transaction {
  /** What the repository looked like when the change began. */
  readonly state: RepositoryState
  /** Stores objects; they are seen by others only after `publish`. */
  readonly session: WriteSession
  /** Makes the change visible. Called at most once; without it nothing remains. */
  readonly publish: (change: StateChange) => Promise<void>
}

/** How a repository begins. */
export interface InitOptions {
  /** The branch it is on; `main` by default. */
  readonly branch?: string
  /** Whether objects may be missing on purpose. */
  readonly isPartial?: boolean
}

/** An open repository with its working tree. */
export class Repository {
  /** The root of the working tree. */
  readonly folder: string
  readonly store: Store
  readonly environment: Environment
  /** How bytes get into the working tree. */
  readonly link: 'copy' | 'hardlink'
  /** Pictures of frames of stored videos. */
  readonly frames: FrameSource

  private constructor(folder: string, store: Store, environment: Environment) {
    this.link = environment.link
    this.folder = folder
    this.store = store
    this.environment = environment
    this.frames = frameSource(async ({ path: name, blob }) => {
      if (blob === undefined) throw mediaMissing(name)
      const { formats, signal } = environment
      return formats.openFrames(name, store.objects.streamBlob(blob), signal)
    })
  }

  /**
   * Makes a repository in `folder`, on a branch that has no commit yet.
   *
   * @throws `DSV_REPOSITORY_EXISTS`
   */
  static async init(
    folder: string,
    environment: Environment,
    { branch = 'main', isPartial = false }: InitOptions = {},
  ): Promise<Repository> {
    const inside = path.join(folder, REPOSITORY_FOLDER)
    if (ROOT_NAMES.some((name) => existsSync(path.join(inside, name))))
      throw repositoryExists(folder)
    mkdirSync(inside, { recursive: true })
    const missing = missingFetcher(environment)
    const store = await Store.create(folderDriver(inside), {
      ...missing.options,
      head: { type: 'branch', name: `refs/heads/${branch}` },
      ...(isPartial && { settings: { partial: 1 } }),
    })
    return missing.over(new Repository(folder, store, environment))
  }

  /**
   * Opens the repository that `start` lies in, looking upwards.
   *
   * @throws `DSV_REPOSITORY_NOT_FOUND`
   */
  static async open(start: string, environment: Environment): Promise<Repository> {
    const folder = findRepository(start)
    if (folder === undefined) throw notARepository(start)
    const missing = missingFetcher(environment)
    const driver = folderDriver(path.join(folder, REPOSITORY_FOLDER))
    const store = await Store.open(driver, missing.options)
    return missing.over(new Repository(folder, store, environment))
  }

  /**
   * Returns a repository without a working tree, for reading versions of a store that was opened
   * elsewhere. `folder` is only what paths are relative to.
   */
  static over(store: Store, folder: string, environment: Environment): Repository {
    return new Repository(folder, store, environment)
  }

  /** Where files may lie that nobody needs after the command. */
  get temporaryFolder(): string {
    return path.join(this.folder, REPOSITORY_FOLDER, TEMPORARY_PREFIX)
  }

  /** Whether it was cloned without some media or old commits. */
  get isPartial(): boolean {
    return this.store.settings.partial === 1
  }

  /** Reads the state as it is now. */
  async state(): Promise<RepositoryState> {
    return readState(await this.store.readRoot())
  }

  /**
   * Reads a commit.
   *
   * @throws `DSV_OBJECT_NOT_FOUND`, `DSV_OBJECT_CORRUPT`, `DSV_RECORD_CORRUPT`, `DSV_HISTORY_CUT` when a
   *   partial clone does not have it
   */
  async commit(commitId: ObjectId): Promise<Commit> {
    const { objects } = this.store
    if (this.isPartial && !(await objects.has(commitId))) throw historyCut(commitId)
    return decodeCommit(await objects.getObject('commit', commitId))
  }

  /**
   * Runs `work`, which stores objects and then publishes one change. When another process changes the
   * stage meanwhile, `work` runs again on the new state.
   *
   * @param description - What happened, for the operation log: `commit: first labels`
   * @throws `DSV_REF_MOVED`, `DSV_STAGE_MOVED`, and what `work` throws
   */
  async write<Result>(
    description: string,
    work: (transaction: Transaction) => Promise<Result>,
  ): Promise<Result> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#attempt(description, work)
      } catch (error) {
        if (attempt >= ATTEMPTS || !isDsvError(error, 'DSV_STAGE_MOVED')) throw error
      }
    }
  }

  /**
   * Runs `work` with a transaction that cannot be published: what it stores is thrown away, and nothing
   * is written to the repository.
   */
  async draft<Result>(work: (transaction: Transaction) => Promise<Result>): Promise<Result> {
    const state = await this.state()
    const publish = async (): Promise<void> => {
      throw new Error('A draft cannot be published.')
    }
    return this.store.draft(async (session) => work({ state, session, publish }))
  }

  async #attempt<Result>(
    description: string,
    work: (transaction: Transaction) => Promise<Result>,
  ): Promise<Result> {
    const before = await this.store.readRoot()
    const state = readState(before)
    const info = operationInfo(this.environment, description)
    return this.store.write(info, async (session) =>
      work({
        state,
        session,
        publish: async (change) => {
          await session.publish((root) => {
            if (change.work !== undefined && !isSameLocal(root, before)) throw stageMoved()
            return {
              ...(change.refs !== undefined && { refs: withExpected(change.refs, state) }),
              ...(change.head !== undefined && { head: change.head }),
              ...(change.work !== undefined && { local: encodeWorkState(change.work) }),
            }
          })
        },
      }),
    )
  }

  /** Closes what is open. */
  async close(): Promise<void> {
    await this.frames.close()
    await this.store.close()
  }
}

/** What a store that is opened before its repository needs to fetch into it. */
function missingFetcher({ fetchMissing }: Environment): {
  readonly options: StoreOptions
  readonly over: (repository: Repository) => Repository
} {
  let opened: Repository | undefined
  const options: StoreOptions =
    fetchMissing === undefined
      ? {}
      : {
          fetchMissing: async (ids) => {
            if (opened !== undefined) await fetchMissing(opened, ids)
          },
        }
  const over = (repository: Repository): Repository => (opened = repository)
  return { options, over }
}

/** Returns how the operation log names what is being done. */
export function operationInfo(
  { now, user, host, command }: Environment,
  description: string,
): OperationInfo {
  return {
    description,
    command,
    host,
    user: user.email === '' ? user.name : `${user.name} <${user.email}>`,
    timeMs: now().seconds * 1000,
  }
}

/** A repository has a root, or at least the copy of one that got lost. */
const ROOT_NAMES = ['root', 'root.copy']

/** Returns the folder at or above `start` that holds a repository. */
export function findRepository(start: string): string | undefined {
  for (let folder = path.resolve(start); ; folder = path.dirname(folder)) {
    const inside = path.join(folder, REPOSITORY_FOLDER)
    if (ROOT_NAMES.some((name) => isFile(path.join(inside, name)))) return folder
    if (path.dirname(folder) === folder) return undefined
  }
}

function isFile(file: string): boolean {
  return statSync(file, { throwIfNoEntry: false })?.isFile() === true
}

function readState(root: RootView): RepositoryState {
  const head: Head = root.head ?? { type: 'branch', name: 'refs/heads/main' }
  return {
    refs: root.refs,
    head,
    headCommit: head.type === 'branch' ? root.refs.get(head.name) : head.commit,
    work: root.local === undefined ? EMPTY_WORK : decodeWorkState(root.local),
  }
}

const EMPTY_WORK: WorkState = {
  stage: { files: EMPTY_TREE, datasets: new Map() },
  merge: undefined,
  formats: new Map(),
  moved: undefined,
}

function isSameLocal(a: RootView, b: RootView): boolean {
  if (a.local === undefined || b.local === undefined) return a.local === b.local
  return (
    Buffer.compare(a.local.payload, b.local.payload) === 0 &&
    a.local.links.join() === b.local.links.join()
  )
}

function withExpected(
  refs: ReadonlyMap<string, ObjectId | undefined>,
  state: RepositoryState,
): RefChange[] {
  return [...refs].map(([name, to]) => ({ name, from: state.refs.get(name), to }))
}
