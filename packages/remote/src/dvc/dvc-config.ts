import os from 'node:os'
import path from 'node:path'
import { type ConfigSections, parseConfigFile } from './parse-config-file.ts'

/** One config file. Later ones win. */
export interface ConfigLevel {
  readonly bytes: Uint8Array
  /** For messages. */
  readonly file: string
  /** Absolute folder that its relative paths are relative to; undefined when there is none here. */
  readonly folder: string | undefined
  /** Whether the user of this machine wrote it, as opposed to whoever made the registry. */
  readonly isOwn: boolean
}

/** One setting and whether the user of this machine made it. */
export interface ConfigValue {
  readonly value: string
  readonly isOwn: boolean
}

/** One remote: where it is and how to talk to it. */
export interface DvcRemoteConfig {
  readonly name: string
  readonly url: ConfigValue
  readonly options: ReadonlyMap<string, ConfigValue>
}

/** What the config files of a registry say, taken together. */
export interface DvcConfig {
  readonly defaultRemote: string | undefined
  readonly cacheFolder: string | undefined
  /** By lower-case name. */
  readonly remotes: ReadonlyMap<string, DvcRemoteConfig>
}

/** Settings that name a file of this machine. */
const FILE_OPTIONS = new Set([
  'cert_path',
  'configpath',
  'credentialpath',
  'gdrive_service_account_json_file_path',
  'gdrive_user_credentials_file',
  'key_path',
  'keyfile',
  'ssl_verify',
])

/** Only the user of this machine may choose its files, and the endpoint that a connection string names. */
const OWN_OPTIONS = new Set([...FILE_OPTIONS, 'connection_string'])

/**
 * Merges config files, the strongest last. Relative paths become absolute; settings that name files, and
 * connection strings, are taken from the user's own config only. `remote://name/path` is resolved.
 *
 * @throws `DSV_DVC_METADATA_INVALID`
 */
export function mergeConfig(levels: readonly ConfigLevel[]): DvcConfig {
  const merged = new Map<string, Map<string, ConfigValue>>()
  for (const level of levels) {
    for (const [name, section] of readLevel(level)) {
      const known = merged.get(name) ?? new Map<string, ConfigValue>()
      merged.set(name, known)
      for (const [key, value] of section) known.set(key, { value, isOwn: level.isOwn })
    }
  }
  const remotes = new Map<string, DvcRemoteConfig>()
  for (const [section, options] of merged) {
    const [, name] = /^remote\s*"(.*)"$/.exec(section) ?? []
    const url = options.get('url')
    if (name !== undefined && url !== undefined) remotes.set(name, { name, url, options })
  }
  return {
    defaultRemote: merged.get('core')?.get('remote')?.value.toLowerCase(),
    cacheFolder: merged.get('cache')?.get('dir')?.value,
    remotes: new Map([...remotes].map(([name, remote]) => [name, resolved(remote, remotes)])),
  }
}

/** Returns the folder in which DVC keeps the config of the user. */
export function userConfigFolder(
  environment: Readonly<Record<string, string | undefined>>,
): string {
  const chosen = environment['DVC_GLOBAL_CONFIG_DIR']
  if (chosen !== undefined && chosen !== '') return chosen
  const home = environment['HOME'] ?? os.homedir()
  if (process.platform === 'darwin') return path.join(home, 'Library', 'Application Support', 'dvc')
  const local = environment['LOCALAPPDATA']
  if (process.platform === 'win32' && local !== undefined) {
    return path.join(local, 'iterative', 'dvc')
  }
  return path.join(environment['XDG_CONFIG_HOME'] ?? path.join(home, '.config'), 'dvc')
}

function readLevel(level: ConfigLevel): ConfigSections {
  const sections = parseConfigFile(level.bytes, level.file)
  return new Map(
    [...sections].map(([name, section]) => [
      name,
      new Map(
        [...section]
          .filter(([key]) => level.isOwn || !OWN_OPTIONS.has(key))
          .map(([key, value]) => [key, isPath(name, key) ? absolute(value, level) : value]),
      ),
    ]),
  )
}

function isPath(section: string, key: string): boolean {
  if (section === 'cache') return key === 'dir'
  return section.startsWith('remote') && (key === 'url' || FILE_OPTIONS.has(key))
}

function absolute(written: string, { folder, isOwn }: ConfigLevel): string {
  if (/^\w[\w+.-]*:\/\//.test(written) || path.isAbsolute(written)) return written
  if (isOwn && /^~(?=\/|$)/.test(written)) return path.join(os.homedir(), written.slice(1))
  return folder === undefined ? written : path.resolve(folder, written)
}

/** `remote://base/sub` is `sub` in what `base` names, with its settings where it has none of its own. */
function resolved(
  remote: DvcRemoteConfig,
  all: ReadonlyMap<string, DvcRemoteConfig>,
  depth = 0,
): DvcRemoteConfig {
  const [, name = '', rest = ''] = /^remote:\/\/([^/]+)\/?(.*)$/.exec(remote.url.value) ?? []
  const found = all.get(name.toLowerCase())
  // Two remotes that name each other lead nowhere; opening the address will say so.
  if (found === undefined || depth > all.size) return remote
  const base = resolved(found, all, depth + 1)
  const value = rest === '' ? base.url.value : `${base.url.value.replace(/\/$/, '')}/${rest}`
  const url = { value, isOwn: base.url.isOwn && remote.url.isOwn }
  return { name: remote.name, url, options: new Map([...base.options, ...remote.options]) }
}
