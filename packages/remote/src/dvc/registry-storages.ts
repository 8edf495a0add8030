import fs from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { folderDriver, type StorageDriver } from '@dsv/store'
import { openDriver } from '../driver/open-driver.ts'
import { withoutTokens } from '../driver/without-tokens.ts'
import { dvcMetadataInvalid, dvcNotTrusted } from '../errors.ts'
import { configLevel } from './cache-folder.ts'
import { type ConfigLevel, type DvcConfig, mergeConfig, userConfigFolder } from './dvc-config.ts'
import type { DvcOut } from './dvc-out.ts'
import { type DvcStorageAddress, storageAddress } from './dvc-storage.ts'
import { isUrl } from './open-git-tree.ts'

/** Values of the environment by name. */
export type Environment = Readonly<Record<string, string | undefined>>

/** Opens the storage of a DVC remote. */
export type OpenStorage = (address: DvcStorageAddress, env: Environment) => Promise<StorageDriver>

/** One folder with DVC in a registry. */
export interface RegistryRoot {
  /** For messages. */
  readonly registry: string
  /** From the root of the Git repository. */
  readonly folder: string
  /** Bytes of its `.dvc/config` at the revision. */
  readonly config: Uint8Array
  /** The folder of the Git repository; undefined when it came from a URL. */
  readonly localFolder: string | undefined
  /** A default remote that counts more than that of the config. */
  readonly remote: string | undefined
}

/** What {@link registryStorages} needs from outside. */
export interface StorageContext {
  readonly env: Environment
  readonly openStorage: OpenStorage
  readonly mayUse: (address: string) => boolean | Promise<boolean>
}

/** Returns what finds the storages of a registry's outputs; each is opened once. */
export function registryStorages(
  root: RegistryRoot,
  context: StorageContext,
): (out: DvcOut) => Promise<readonly StorageDriver[]> {
  const config = mergeConfig(configLevels(root, context.env))
  const opened = new Map<string, Promise<StorageDriver>>()
  const cache = cacheOf(root, config)
  return async (out) => {
    const name = (out.remote ?? root.remote ?? config.defaultRemote)?.toLowerCase()
    const own = cache === undefined ? [] : [cache]
    if (name === undefined) return own
    const storage = opened.get(name) ?? openRemote(name, config, root, context)
    opened.set(name, storage)
    return [...own, await storage]
  }
}

/** Opens a remote with the driver of its scheme. */
export const openDvcStorage: OpenStorage = async ({ address, options }, env) => {
  if (/^file:/i.test(address)) return folderDriver(fileURLToPath(address))
  if (!isUrl(address)) return folderDriver(path.resolve(address))
  // Tokens that any server may have were taken out of `env` where strangers chose the address.
  // A clone of a registry names servers too; this token is for those that the user names.
  const hasOrigin = (env['DSV_TOKEN_ORIGIN'] ?? '') !== ''
  const known = hasOrigin ? env : { ...env, DSV_TOKEN: undefined }
  return openDriver(address, { base: process.cwd(), options, env: known })
}

async function openRemote(
  name: string,
  config: DvcConfig,
  root: RegistryRoot,
  context: StorageContext,
): Promise<StorageDriver> {
  const remote = config.remotes.get(name)
  const file = path.posix.join(root.folder, '.dvc/config')
  if (remote === undefined) throw dvcMetadataInvalid(file, `has no remote ${JSON.stringify(name)}`)
  const storage = storageAddress(remote, context.env)
  // Who made a registry elsewhere does not choose folders of this machine, nor who gets our tokens.
  const isForeign = root.localFolder === undefined && !remote.url.isOwn
  const isFolder = !isUrl(storage.address) || /^file:/i.test(storage.address)
  if (isForeign && isFolder) {
    throw dvcNotTrusted(root.registry, storage.address, 'a folder of this machine')
  }
  // An endpoint is where the requests really go.
  for (const each of isForeign ? [storage.address, storage.options['endpoint']] : []) {
    if (each === undefined || (await context.mayUse(each))) continue
    throw dvcNotTrusted(root.registry, each, 'which was not allowed')
  }
  const env = isForeign ? withoutTokens(context.env) : context.env
  return context.openStorage(storage, { ...env, ...asEnvironment(storage.secrets) })
}

const SECRET_VARIABLES: Readonly<Record<string, string>> = {
  access_key_id: 'AWS_ACCESS_KEY_ID',
  account_key: 'AZURE_STORAGE_KEY',
  connection_string: 'AZURE_STORAGE_CONNECTION_STRING',
  passphrase: 'DSV_SSH_PASSPHRASE',
  password: 'DSV_SSH_PASSWORD',
  sas_token: 'AZURE_STORAGE_SAS_TOKEN',
  secret_access_key: 'AWS_SECRET_ACCESS_KEY',
  session_token: 'AWS_SESSION_TOKEN',
}

/** Drivers take secrets from the environment; these exist for this driver only. */
function asEnvironment(secrets: Readonly<Record<string, string>>): Environment {
  return Object.fromEntries(
    Object.entries(secrets).flatMap(([key, value]) => {
      const name = SECRET_VARIABLES[key]
      return name === undefined ? [] : [[name, value]]
    }),
  )
}

function configLevels(root: RegistryRoot, env: Environment): readonly ConfigLevel[] {
  const inRepository = path.posix.join(root.folder, '.dvc')
  const here = root.localFolder && path.join(root.localFolder, inRepository)
  const userFolder = userConfigFolder(env)
  const local = here === undefined ? undefined : configLevel(path.join(here, 'config.local'))
  const user = configLevel(path.join(userFolder, 'config'))
  const tracked: ConfigLevel = {
    bytes: root.config,
    file: `${inRepository}/config`,
    folder: here,
    isOwn: root.localFolder !== undefined,
  }
  return [user, tracked, local].filter((level) => level !== undefined)
}

/** The cache of a registry on this machine: what was added but not pushed is there alone. */
function cacheOf(root: RegistryRoot, config: DvcConfig): StorageDriver | undefined {
  if (root.localFolder === undefined) return undefined
  const folder = config.cacheFolder ?? path.join(root.localFolder, root.folder, '.dvc', 'cache')
  return fs.existsSync(folder) ? folderDriver(folder) : undefined
}
