import path from 'node:path'
import type { Repository } from '@dsv/core'
import {
  dsvSource,
  dvcSource,
  gitEnvironment,
  type ImportSource,
  openRemote,
  type OpenDvcRegistryOptions,
  type RegistryKind,
  registryKind,
  remoteOptionInvalid,
} from '@dsv/remote'
import type { CommandIo } from './io.ts'
import { openRecorded, storageOf } from './with-remote.ts'

/** Where a registry is and how it is reached. */
export interface RegistryAddress {
  readonly url: string
  readonly options: Readonly<Record<string, string>>
  /** Found out when it is not known. */
  readonly kind?: RegistryKind
}

/**
 * Opens a registry to import from: a repository of ours, or a Git repository with DVC.
 *
 * @param base - Folder that a relative address is relative to
 * @param recordedIn - The repository that names the address, where others may have written it
 * @throws `DSV_REPOSITORY_NOT_FOUND`, `DSV_REMOTE_URL_INVALID`, `DSV_REMOTE_OPTION_INVALID`
 */
export async function openSource(
  { url, options, kind }: RegistryAddress,
  { base, io, recordedIn }: { base: string; io: CommandIo; recordedIn?: Repository },
): Promise<ImportSource> {
  if ((kind ?? (await registryKind(url, base))) === 'dvc')
    return dvcSource(
      url,
      dvcOptions({ url, options }, { base, io, isRecorded: recordedIn !== undefined }),
    )
  const remote = { name: url, url, options }
  if (recordedIn !== undefined) return dsvSource(await openRecorded(recordedIn, remote, io))
  return dsvSource(await openRemote(url, await storageOf(remote, base, io)))
}

/**
 * Returns how a Git repository with DVC is opened.
 *
 * @throws `DSV_REMOTE_OPTION_INVALID`
 */
export function dvcOptions(
  { url, options }: RegistryAddress,
  { base, io, isRecorded = false }: { base: string; io: CommandIo; isRecorded?: boolean },
): OpenDvcRegistryOptions {
  const { remote, ...others } = options
  const [unknown] = Object.keys(others)
  if (unknown !== undefined)
    throw remoteOptionInvalid(url, unknown, 'is not known: DVC registries have only `remote`')
  const env = gitEnvironment(io.environment, url, isRecorded)
  return { base: path.resolve(base), env, ...(remote !== undefined && { remote }) }
}
