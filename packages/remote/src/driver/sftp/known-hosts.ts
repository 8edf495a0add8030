import { createHash, createHmac } from 'node:crypto'

import { matchesHost } from './read-ssh-config.ts'

/** One line of a `known_hosts` file. */
export interface KnownHost {
  readonly marker: 'revoked' | 'cert-authority' | undefined
  /** Patterns, or one hashed name `|1|salt|hash`. */
  readonly names: readonly string[]
  readonly keyType: string
  readonly key: Buffer
}

/** What {@link checkHostKey} found. */
export type HostKeyState = 'known' | 'unknown' | 'changed' | 'revoked'

/**
 * Reads a `known_hosts` file by the rules of `sshd(8)`, SSH_KNOWN_HOSTS FILE FORMAT. Lines that cannot be
 * read are left out, as `ssh` does.
 */
export function parseKnownHosts(text: string): KnownHost[] {
  const found: KnownHost[] = []
  for (const line of text.split('\n')) {
    const fields = line.trim().split(/\s+/)
    if (fields[0] === undefined || fields[0] === '' || fields[0].startsWith('#')) continue
    const mark = fields[0].startsWith('@') ? fields.shift() : undefined
    const [names, keyType, key] = fields
    if (names === undefined || keyType === undefined || key === undefined) continue
    if (mark !== undefined && mark !== '@revoked' && mark !== '@cert-authority') continue
    const marker =
      mark === undefined ? undefined : mark === '@revoked' ? 'revoked' : 'cert-authority'
    found.push({ marker, names: names.split(','), keyType, key: Buffer.from(key, 'base64') })
  }
  return found
}

/** Returns the name of a host as `known_hosts` has it: with its port unless that is 22. */
export function knownHostName(host: string, port: number): string {
  return port === 22 ? host.toLowerCase() : `[${host.toLowerCase()}]:${port}`
}

/**
 * Compares a host's key with the lines for its name. A key of another type is unknown, not changed; one
 * that is revoked stays so whatever other lines say.
 */
export function checkHostKey(
  lines: readonly KnownHost[],
  name: string,
  key: Uint8Array,
): HostKeyState {
  const here = lines.filter((line) => line.marker !== 'cert-authority' && hasName(line, name))
  const same = here.filter((line) => line.key.equals(key))
  if (same.some((line) => line.marker === 'revoked')) return 'revoked'
  if (same.length > 0) return 'known'
  const keyType = keyTypeOf(key)
  const isOther = here.some((line) => line.marker === undefined && line.keyType === keyType)
  return isOther ? 'changed' : 'unknown'
}

/** Returns the types of the keys that are known for a name, to ask the host for one of these. */
export function knownKeyTypes(lines: readonly KnownHost[], name: string): string[] {
  const known = lines.filter((line) => line.marker === undefined && hasName(line, name))
  return [...new Set(known.map((line) => line.keyType))]
}

/** Returns the fingerprint as `ssh-keygen -l` shows it: `SHA256:` and base64 without `=`. */
export function fingerprintOf(key: Uint8Array): string {
  return `SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}`
}

/** Returns the type at the beginning of a public key in the form of RFC 4253, 6.6. */
export function keyTypeOf(key: Uint8Array): string {
  const bytes = Buffer.from(key.buffer, key.byteOffset, key.byteLength)
  const lengthBytes = bytes.length >= 4 ? bytes.readUInt32BE(0) : 0
  return lengthBytes <= 64 ? bytes.toString('latin1', 4, 4 + lengthBytes) : ''
}

function hasName(line: KnownHost, name: string): boolean {
  const [first] = line.names
  if (first?.startsWith('|1|') === true) return hasHashedName(first, name)
  return matchesHost(
    name,
    line.names.map((each) => each.toLowerCase()),
  )
}

/** Hashed names are HMAC-SHA1 of the name with a random salt as key. */
function hasHashedName(hashed: string, name: string): boolean {
  const [, , salt, expected] = hashed.split('|')
  if (salt === undefined || expected === undefined) return false
  const actual = createHmac('sha1', Buffer.from(salt, 'base64')).update(name).digest()
  return actual.equals(Buffer.from(expected, 'base64'))
}
