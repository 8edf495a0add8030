import { existsSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { REPOSITORY_FOLDER } from '@dsv/core'
import { folderDriver, type StorageDriver } from '@dsv/store'
import { remoteUrlInvalid } from '../errors.ts'
import { checkRecordedOptions } from './recorded-options.ts'
import { checkOptions } from './shared/check-options.ts'
import { withoutTokens } from './without-tokens.ts'

/** What opening a storage may need besides its address. */
export interface OpenDriverOptions {
  /** Folder that relative paths are relative to. */
  readonly base: string
  /** What the remote was set up with (`endpoint`, `region`, …), never secrets. */
  readonly options?: Readonly<Record<string, string>>
  /** Where secrets come from; the environment of this process by default. */
  readonly env?: Readonly<Record<string, string | undefined>>
  /**
   * Whether somebody else chose the address, as in the imports of a repository: then no token or password
   * goes there that does not say which server it is for, and options of this machine are refused. False by
   * default.
   */
  readonly isRecorded?: boolean
  /** Folder for what a storage keeps of what it fetched (Git hosts); a temporary one by default. */
  readonly cacheFolder?: string | undefined
}

/**
 * Returns the storage that an address names. What talks to it is loaded only now.
 *
 * @throws `DSV_REMOTE_URL_INVALID`, `DSV_REMOTE_OPTION_INVALID`
 */
export async function openDriver(
  address: string,
  { base, options = {}, env = process.env, isRecorded = false, cacheFolder }: OpenDriverOptions,
): Promise<StorageDriver> {
  if (isRecorded) checkRecordedOptions(address, options)
  const safeEnv = isRecorded ? withoutTokens(env) : env
  // One letter before a colon is a drive of Windows, not a scheme.
  const [, scheme] = /^([a-z][a-z0-9+.-]+):/i.exec(address) ?? []
  switch (scheme?.toLowerCase()) {
    case undefined:
      checkOptions(address, options, [])
      return folderDriver(repositoryIn(path.resolve(base, address)))
    case 'file':
      checkOptions(address, options, [])
      return folderDriver(repositoryIn(fileURLToPath(address)))
    case 'http':
    case 'https': {
      const { httpDriver } = await import('./http/http-driver.ts')
      return httpDriver(address, { options, base, env, isRecorded })
    }
    case 's3': {
      const { s3Driver } = await import('./s3/s3-driver.ts')
      return s3Driver(address, options, { env: safeEnv })
    }
    case 'sftp': {
      const { sftpDriver } = await import('./sftp/sftp-driver.ts')
      return sftpDriver(address, { base, options, env: safeEnv })
    }
    case 'azure': {
      const { azureDriver } = await import('./azure/azure-driver.ts')
      // A request that is signed for Azure is good there, whoever passes it on.
      const isElsewhere = isRecorded && options['endpoint'] !== undefined
      const open = isElsewhere ? { ...options, unsigned: 'true' } : options
      return azureDriver(address, open, { env: safeEnv })
    }
    case 'git+https':
    case 'git+http':
    case 'git+file': {
      const { gitDriver } = await import('../git/git-driver.ts')
      const openMedia = async (
        media: string,
        mediaOptions: Readonly<Record<string, string>>,
      ): Promise<StorageDriver> =>
        openDriver(media, { base, options: mediaOptions, env, isRecorded })
      return gitDriver(address, { options, env: safeEnv, cacheFolder, openMedia })
    }
    default:
      throw remoteUrlInvalid(address, `${scheme}:// is not known`)
  }
}

/** A folder is a repository, or a working tree that has one. */
function repositoryIn(folder: string): string {
  const inside = path.join(folder, REPOSITORY_FOLDER)
  return existsSync(inside) ? inside : folder
}
