import {
  configInvalid,
  configValueAt,
  readConfigFile,
  withConfigValue,
  writeConfigFile,
} from '@dsv/core'
import { remoteExists, remoteNameInvalid, remoteUnknown } from '../errors.ts'

/** A repository elsewhere, as the settings of this machine know it. */
export interface Remote {
  readonly name: string
  /** A folder or a URL; see `openDriver`. */
  readonly url: string
  /** What reaching it needs besides; never secrets. */
  readonly options: Readonly<Record<string, string>>
}

/**
 * Returns the remotes that a file of settings names, by name.
 *
 * @throws `DSV_CONFIG_INVALID`
 */
export function listRemotes(file: string): readonly Remote[] {
  const sections = readConfigFile(file)
  const names = sections.get('remote')
  if (names === undefined) return []
  if (!isObject(names)) throw configInvalid(file, 'remote', 'is no JSON object')
  return Object.keys(names)
    .toSorted()
    .map((name) => readRemote(file, name, configValueAt(sections, `remote.${name}`, file)))
}

/** Returns a remote by its name. @throws `DSV_REMOTE_UNKNOWN`, `DSV_CONFIG_INVALID` */
export function findRemote(file: string, name: string): Remote {
  const remotes = listRemotes(file)
  const found = remotes.find((remote) => remote.name === name)
  if (found !== undefined) return found
  throw remoteUnknown(
    name,
    remotes.map((remote) => remote.name),
  )
}

/** Writes a new remote into a file of settings. @throws `DSV_REMOTE_EXISTS`, `DSV_REMOTE_NAME_INVALID` */
export function addRemote(file: string, remote: Remote): void {
  checkNewRemote(file, remote.name)
  writeRemote(file, remote)
}

/** Looks whether a remote can get a name. @throws `DSV_REMOTE_EXISTS`, `DSV_REMOTE_NAME_INVALID` */
export function checkNewRemote(file: string, name: string): void {
  if (!/^[\p{L}\p{N}][\p{L}\p{N}._-]*$/u.test(name) || name.endsWith('.lock'))
    throw remoteNameInvalid(name)
  if (listRemotes(file).some((remote) => remote.name === name)) throw remoteExists(name)
}

/** Writes another address or other options of a remote. @throws `DSV_REMOTE_UNKNOWN` */
export function setRemote(file: string, remote: Remote): void {
  findRemote(file, remote.name)
  writeRemote(file, remote)
}

/** Takes a remote out of a file of settings. @throws `DSV_REMOTE_UNKNOWN` */
export function removeRemote(file: string, name: string): void {
  findRemote(file, name)
  writeConfigFile(file, withConfigValue(readConfigFile(file), `remote.${name}`, undefined, file))
}

function writeRemote(file: string, { name, url, options }: Remote): void {
  const value = Object.keys(options).length === 0 ? { url } : { url, options }
  writeConfigFile(file, withConfigValue(readConfigFile(file), `remote.${name}`, value, file))
}

function readRemote(file: string, name: string, value: unknown): Remote {
  if (!isObject(value) || typeof value['url'] !== 'string')
    throw configInvalid(file, `remote.${name}`, 'has no url')
  const { url, options = {} } = value
  if (!isObject(options)) throw configInvalid(file, `remote.${name}.options`, 'is no JSON object')
  const texts = Object.entries(options).map(([key, text]): [string, string] => {
    if (typeof text === 'string') return [key, text]
    throw configInvalid(file, `remote.${name}.options.${key}`, 'is no text')
  })
  return { name, url, options: Object.fromEntries(texts) }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
