import fs from 'node:fs'
import path from 'node:path'
import { systemErrorCode } from '@dsv/store'
import { type ConfigLevel, mergeConfig, userConfigFolder } from './dvc-config.ts'

/** Reads a config file of this machine; undefined when there is none. */
export function configLevel(file: string): ConfigLevel | undefined {
  try {
    return { bytes: fs.readFileSync(file), file, folder: path.dirname(file), isOwn: true }
  } catch (error) {
    const code = systemErrorCode(error)
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined
    throw error
  }
}

/**
 * Returns where the config of a folder with DVC says that its cache is; undefined for the usual place.
 *
 * @throws `DSV_DVC_METADATA_INVALID`
 */
export function cacheFolderOf(
  folder: string,
  env: Readonly<Record<string, string | undefined>>,
): string | undefined {
  const files = [
    path.join(userConfigFolder(env), 'config'),
    path.join(folder, '.dvc', 'config'),
    path.join(folder, '.dvc', 'config.local'),
  ]
  return mergeConfig(files.map(configLevel).filter((level) => level !== undefined)).cacheFolder
}
