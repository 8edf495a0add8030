import path from 'node:path'
import {
  type CommitReader,
  decodeCommit,
  historyCut,
  type Repository,
  REPOSITORY_FOLDER,
} from '@dsv/core'
import {
  CACHE_FOLDER,
  type ObjectId,
  type RootRecord,
  type StorageDriver,
  Store,
  toObjectId,
} from '@dsv/store'
import { cachingDriver, type CachingDriver } from '../driver/caching-driver.ts'
import { fragmentFolder } from '../driver/fragment-folder.ts'

/** A repository elsewhere, opened. */
export interface RemoteRepository {
  /** What the user calls it: a name, or an address. */
  readonly name: string
  readonly driver: StorageDriver
  /** The same storage where it reads ahead, which a folder need not. */
  readonly ahead: CachingDriver | undefined
  readonly store: Store
  /** The root when it was opened. */
  readonly root: RootRecord
  /** Closes files and connections. */
  close(): Promise<void>
}

/**
 * Opens the repository in a storage.
 *
 * @throws `DSV_REPOSITORY_NOT_FOUND`, `DSV_REPOSITORY_NEWER`, `DSV_ROOT_CORRUPT`
 */
export async function openRemote(name: string, storage: StorageDriver): Promise<RemoteRepository> {
  const ahead = storage.localFolder === undefined ? cachingDriver(storage) : undefined
  const driver = ahead ?? storage
  const store = await Store.open(driver)
  const close = async (): Promise<void> => {
    await store.close()
    await driver.close?.()
  }
  return { name, driver, ahead, store, root: store.root, close }
}

/** Lets a remote keep its index beside a repository here, so that it goes over the network once. */
export function keepFragments(local: Repository, { root, ahead }: RemoteRepository): void {
  if (ahead === undefined || !/^[0-9a-f]{1,64}$/.test(root.repositoryId)) return
  const inside = [REPOSITORY_FOLDER, CACHE_FOLDER, 'remotes', root.repositoryId]
  ahead.keepFragments(fragmentFolder(path.join(local.folder, ...inside), root.fragments))
}

/** Returns a reader of commits that looks here first, then there. */
export function commitsOfBoth(local: Repository, remote: RemoteRepository): CommitReader {
  return {
    commit: async (commitId) => {
      const isHere = await local.store.objects.has(commitId)
      if (!isHere && local.isPartial && !(await remote.store.objects.has(commitId)))
        throw historyCut(commitId)
      const reader = isHere ? local.store.objects : remote.store.objects
      return decodeCommit(await reader.getObject('commit', commitId))
    },
  }
}

/** Returns the commit that a commit or tag names. */
export async function peeled(
  id: ObjectId,
  readers: readonly Pick<Store['objects'], 'info' | 'getObject'>[],
): Promise<ObjectId | undefined> {
  for (const reader of readers) {
    const info = await reader.info(id)
    if (info?.kind === 'commit') return id
    if (info?.kind !== 'tag') continue
    const [target] = (await reader.getObject('tag', id)).links
    return target === undefined ? undefined : toObjectId(target)
  }
  return undefined
}
