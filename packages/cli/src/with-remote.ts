import { existsSync } from 'node:fs'
import path from 'node:path'
import { localConfigFile, type Repository, REPOSITORY_FOLDER } from '@dsv/core'
import {
  findRemote,
  listRemotes,
  openDriver,
  openRemote,
  type Remote,
  type RemoteRepository,
} from '@dsv/remote'
import { CACHE_FOLDER, isDsvError, type StorageDriver, Store } from '@dsv/store'
import type { CommandIo } from './io.ts'

/**
 * Returns the remote that a command means: by name, by address, or `origin`, or the only one there is.
 *
 * @throws `DSV_REMOTE_UNKNOWN`
 */
export function remoteOf(repository: Repository, named: string | undefined): Remote {
  const file = localConfigFile(repository.folder)
  const remotes = listRemotes(file)
  if (named === undefined) {
    const [only] = remotes
    return only !== undefined && remotes.length === 1 ? only : findRemote(file, 'origin')
  }
  const isAddress = /[/\\:]/.test(named)
  return isAddress ? { name: named, url: named, options: {} } : findRemote(file, named)
}

/**
 * Opens the repository at an address that stands in the repository, where others may have written it: as
 * a remote of the user that has this address, else with nothing that only the user may give.
 */
export async function openRecorded(
  repository: Repository,
  recorded: Remote,
  io: CommandIo,
): Promise<RemoteRepository> {
  const remotes = listRemotes(localConfigFile(repository.folder))
  const known = remotes.find(({ url }) => url === recorded.url)
  const remote = known ?? recorded
  const storage = await storageOf(remote, repository.folder, io, known === undefined)
  return openRemote(remote.name, storage)
}

/**
 * Opens the storage of a remote.
 *
 * @param isRecorded - Whether the address stands in the repository, where others may have written it
 * @throws `DSV_REMOTE_URL_INVALID`, `DSV_REMOTE_OPTION_INVALID`
 */
export async function storageOf(
  { url, options }: Remote,
  base: string,
  io: CommandIo,
  isRecorded = false,
): Promise<StorageDriver> {
  const folder = path.join(path.resolve(base), REPOSITORY_FOLDER)
  const cacheFolder = existsSync(folder) ? path.join(folder, CACHE_FOLDER, 'git') : undefined
  const env = io.environment
  return openDriver(url, { base: path.resolve(base), options, env, isRecorded, cacheFolder })
}

/**
 * Opens a remote, hands it to `work` and closes it. With `isMade` a repository is begun where there is
 * none.
 *
 * @throws `DSV_REPOSITORY_NOT_FOUND`, and what `work` throws
 */
export async function withRemote<Result>(
  remote: Remote,
  { base, io, isMade = false }: { base: string; io: CommandIo; isMade?: boolean },
  work: (opened: RemoteRepository) => Promise<Result>,
): Promise<Result> {
  const storage = await storageOf(remote, base, io)
  const opened = await openOrMake(remote.name, storage, isMade)
  try {
    return await work(opened)
  } finally {
    await opened.close()
  }
}

async function openOrMake(
  name: string,
  storage: StorageDriver,
  isMade: boolean,
): Promise<RemoteRepository> {
  try {
    return await openRemote(name, storage)
  } catch (error) {
    if (!isMade || !isDsvError(error, 'DSV_REPOSITORY_NOT_FOUND')) throw error
    await Store.create(storage)
    return openRemote(name, storage)
  }
}
