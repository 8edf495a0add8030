import path from 'node:path'
import { LOCAL_CONFIG_PATH } from '@dsv/store'
import { REPOSITORY_FOLDER } from '../repository/repository.ts'
import { configValueAt, readConfigFile, withConfigValue, writeConfigFile } from './config-file.ts'
import {
  checkConfigValue,
  CONFIG_KEYS,
  configKey,
  type ConfigKeys,
  type ConfigValue,
  parseConfigValue,
} from './config-keys.ts'

/** Where settings come from; what comes first counts. */
export interface ConfigFiles {
  /** Of one repository on this machine; see {@link localConfigFile}. */
  readonly local?: string
  /** Of the user, for all repositories. */
  readonly user?: string
}

/** Who says what a setting is. */
export type ConfigOrigin = 'local' | 'user' | 'default'

/** A setting and where its value comes from. */
export interface ConfigEntry {
  readonly key: string
  readonly value: ConfigValue
  readonly origin: ConfigOrigin
  /** The file that says so; undefined for a default. */
  readonly file: string | undefined
}

/** Returns the file of machine-local settings of the repository in `folder`. It is never shared. */
export function localConfigFile(folder: string): string {
  return path.join(folder, REPOSITORY_FOLDER, LOCAL_CONFIG_PATH)
}

/**
 * Returns a setting with its origin: of the repository, else of the user, else its default. Undefined
 * when nobody says anything and there is no default.
 *
 * @param keys - The settings that there are, here and below
 * @throws `DSV_CONFIG_KEY_UNKNOWN`, `DSV_CONFIG_INVALID` with the file and the place
 */
export function getConfig(
  files: ConfigFiles,
  key: string,
  keys: ConfigKeys = CONFIG_KEYS,
): ConfigEntry | undefined {
  const known = configKey(key, keys)
  for (const { origin, file } of layersOf(files)) {
    const value = configValueAt(readConfigFile(file), key, file)
    if (value !== undefined)
      return { key, value: checkConfigValue(known, value, file), origin, file }
  }
  if (known.default === undefined) return undefined
  return { key, value: known.default, origin: 'default', file: undefined }
}

/**
 * Returns all settings that have a value, by key, each with its origin.
 *
 * @throws `DSV_CONFIG_INVALID`
 */
export function listConfig(
  files: ConfigFiles,
  keys: ConfigKeys = CONFIG_KEYS,
): readonly ConfigEntry[] {
  return [...keys.keys()].toSorted().flatMap((key) => getConfig(files, key, keys) ?? [])
}

/**
 * Writes a setting into a file. What else the file holds stays, also what this release does not know.
 *
 * @param text - The value as typed
 * @throws `DSV_CONFIG_KEY_UNKNOWN`, `DSV_CONFIG_INVALID`
 */
export function setConfig(
  file: string,
  key: string,
  text: string,
  keys: ConfigKeys = CONFIG_KEYS,
): ConfigValue {
  const value = parseConfigValue(configKey(key, keys), text)
  writeConfigFile(file, withConfigValue(readConfigFile(file), key, value, file))
  return value
}

/**
 * Takes a setting out of a file; returns whether it was there.
 *
 * @throws `DSV_CONFIG_KEY_UNKNOWN`, `DSV_CONFIG_INVALID`
 */
export function unsetConfig(file: string, key: string, keys: ConfigKeys = CONFIG_KEYS): boolean {
  configKey(key, keys)
  const sections = readConfigFile(file)
  if (configValueAt(sections, key, file) === undefined) return false
  writeConfigFile(file, withConfigValue(sections, key, undefined, file))
  return true
}

function layersOf({
  local,
  user,
}: ConfigFiles): readonly { readonly origin: ConfigOrigin; readonly file: string }[] {
  return [
    ...(local === undefined ? [] : [{ origin: 'local' as const, file: local }]),
    ...(user === undefined ? [] : [{ origin: 'user' as const, file: user }]),
  ]
}
