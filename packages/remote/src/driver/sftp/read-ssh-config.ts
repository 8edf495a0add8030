import fs from 'node:fs'
import path from 'node:path'

import { systemErrorCode } from '@dsv/store'

/** What `~/.ssh/config` says of one host. */
export interface SshHostConfig {
  readonly hostName: string
  readonly port: number | undefined
  readonly user: string | undefined
  /** Absolute paths, in their order. */
  readonly identityFiles: readonly string[]
  /** Only keys that are named are offered, none of an agent. */
  readonly identitiesOnly: boolean
  /** The name to look up in `known_hosts` instead of the host's. */
  readonly hostKeyAlias: string | undefined
  /** Absolute paths. */
  readonly knownHostsFiles: readonly string[]
  /** Hosts to go through, first one first: `user@host:port`. */
  readonly jumps: readonly string[]
}

/** Where {@link readSshConfig} looks. */
export interface SshConfigContext {
  readonly home: string
  /** Files in order of precedence; the first value of a keyword counts. */
  readonly files: readonly string[]
}

type Values = Map<string, string[]>

/**
 * Reads what concerns one host, by the rules of `ssh_config(5)`: `Host` with wildcards and `!`,
 * `Include`, the first value wins, `IdentityFile` adds up. `Match` blocks apply only as `Match all`.
 */
export function readSshConfig(host: string, context: SshConfigContext): SshHostConfig {
  const values: Values = new Map()
  for (const file of context.files) collect(file, host, { ...context, depth: 0, values })
  const one = (keyword: string): string | undefined => values.get(keyword)?.[0]
  const hostName = (one('hostname') ?? host).replaceAll('%h', host).replaceAll('%%', '%')
  const port = Number(one('port'))
  const jump = one('proxyjump')
  const expand = (file: string): string => expandPath(file, context.home, hostName, one('user'))
  return {
    hostName,
    port: Number.isInteger(port) && port > 0 && port < 65_536 ? port : undefined,
    user: one('user'),
    identityFiles: (values.get('identityfile') ?? [])
      .filter((file) => file.toLowerCase() !== 'none')
      .map(expand),
    identitiesOnly: one('identitiesonly')?.toLowerCase() === 'yes',
    hostKeyAlias: one('hostkeyalias'),
    knownHostsFiles: (one('userknownhostsfile')?.split(/\s+/) ?? []).map(expand),
    jumps: jump === undefined || jump.toLowerCase() === 'none' ? [] : jump.split(/\s*,\s*/),
  }
}

/** Returns whether a host fits the patterns of a `Host` line: one fits, and none with `!` does. */
export function matchesHost(host: string, patterns: readonly string[]): boolean {
  const fits = (pattern: string): boolean => wildcard(pattern).test(host)
  if (patterns.some((pattern) => pattern.startsWith('!') && fits(pattern.slice(1)))) return false
  return patterns.some((pattern) => !pattern.startsWith('!') && fits(pattern))
}

interface Reading extends SshConfigContext {
  readonly depth: number
  readonly values: Values
}

function collect(file: string, host: string, reading: Reading): void {
  let applies = true
  for (const line of readText(file).split('\n')) {
    const parsed = /^\s*([A-Za-z]+)(?:\s*=\s*|\s+)(.*?)\s*$/.exec(line)
    const [, name, text] = parsed ?? []
    if (name === undefined || text === undefined || text === '') continue
    const keyword = name.toLowerCase()
    if (keyword === 'host') applies = matchesHost(host, words(text))
    else if (keyword === 'match') applies = text.toLowerCase() === 'all'
    else if (applies && keyword === 'include') include(text, file, host, reading)
    else if (applies) note(reading.values, keyword, text)
  }
}

const LISTS = new Set(['userknownhostsfile', 'proxyjump'])

function note(values: Values, keyword: string, text: string): void {
  const value = LISTS.has(keyword) ? text : (words(text)[0] ?? '')
  const known = values.get(keyword)
  if (known === undefined) values.set(keyword, [value])
  else if (keyword === 'identityfile') known.push(value)
}

/** As in `ssh`, files may include others 16 deep. */
const DEEPEST_INCLUDE = 16

function include(text: string, from: string, host: string, reading: Reading): void {
  if (reading.depth >= DEEPEST_INCLUDE) return
  for (const word of words(text)) {
    const file = path.resolve(path.dirname(from), expandPath(word, reading.home, host, undefined))
    const folder = path.dirname(file)
    const fits = wildcard(path.basename(file))
    const names = file.includes('*') ? namesIn(folder).filter((each) => fits.test(each)) : []
    const found = file.includes('*') ? names.map((each) => path.join(folder, each)) : [file]
    for (const each of found) collect(each, host, { ...reading, depth: reading.depth + 1 })
  }
}

/** Words of a line; one in double quotes may have spaces. */
function words(text: string): string[] {
  return [...text.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '')
}

function wildcard(pattern: string): RegExp {
  const source = pattern
    .replaceAll(/[.+^${}()|[\]\\]/g, String.raw`\$&`)
    .replaceAll(/\*+/g, '.*')
    .replaceAll('?', '.')
  return new RegExp(`^${source}$`, 'i')
}

function expandPath(file: string, home: string, host: string, user: string | undefined): string {
  const expanded = file
    .replace(/^~(?=\/|$)/, home)
    .replaceAll('%d', home)
    .replaceAll('%h', host)
    .replaceAll('%r', user ?? '')
    .replaceAll('%%', '%')
  return expanded
}

function readText(file: string): string {
  try {
    return fs.readFileSync(file, 'utf8')
  } catch (error) {
    // A file that is missing, or that only others may read, says nothing.
    if (systemErrorCode(error) !== undefined) return ''
    throw error
  }
}

function namesIn(folder: string): string[] {
  try {
    return fs.readdirSync(folder).toSorted()
  } catch (error) {
    if (systemErrorCode(error) !== undefined) return []
    throw error
  }
}
