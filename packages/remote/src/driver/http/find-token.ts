import fs from 'node:fs'
import path from 'node:path'
import { systemErrorCode } from '@dsv/store'
import { credentialsInvalid, remoteInsecure } from '../../errors.ts'
import { type HttpAddress, isLoopback } from './parse-http-address.ts'

/** Where a token may come from. */
export interface TokenSources {
  /** Absolute path of a file with nothing but a token, when the remote names one. */
  readonly tokenFile: string | undefined
  /** `DSV_TOKEN`, `DSV_TOKEN_ORIGIN`, `XDG_CONFIG_HOME`, `HOME` and `USERPROFILE` are looked at. */
  readonly env: Readonly<Record<string, string | undefined>>
  /** Whether somebody else chose the address, who shall not get a token that is for any server. */
  readonly isRecorded: boolean
  /** Whether a token may be sent unencrypted to another machine. */
  readonly allowInsecure: boolean
}

/**
 * Returns the token for a server, or undefined when there is none. The first counts of: the file that the
 * remote names; `DSV_TOKEN`, unless `DSV_TOKEN_ORIGIN` says that it is for another server; the entry of
 * the server in `~/.config/dsv/credentials.json`.
 *
 * @throws `DSV_CREDENTIALS_INVALID`, `DSV_REMOTE_INSECURE`
 */
export function findToken(address: HttpAddress, sources: TokenSources): string | undefined {
  const token = fromFile(sources) ?? fromEnvironment(address, sources) ?? fromList(address, sources)
  if (token === undefined) return undefined
  const isSafe = address.base.protocol === 'https:' || isLoopback(address.base)
  if (!isSafe && !sources.allowInsecure) throw remoteInsecure(address.location)
  return token
}

function fromFile({ tokenFile }: TokenSources): string | undefined {
  if (tokenFile === undefined) return undefined
  const text = readSecret(tokenFile)
  if (text === undefined) throw credentialsInvalid(tokenFile, 'there is no such file')
  return checked(tokenFile, text.trim())
}

function fromEnvironment(
  { base }: HttpAddress,
  { env, isRecorded }: TokenSources,
): string | undefined {
  const { DSV_TOKEN: token, DSV_TOKEN_ORIGIN: origin = '' } = env
  if (token === undefined || token === '') return undefined
  const isForIt = origin === '' ? !isRecorded : originOf(origin) === base.origin
  return isForIt ? checked('DSV_TOKEN', token) : undefined
}

function originOf(text: string): string | undefined {
  return URL.canParse(text) ? new URL(text).origin : undefined
}

function fromList({ base }: HttpAddress, { env }: TokenSources): string | undefined {
  const folder = env['XDG_CONFIG_HOME'] ?? homeConfig(env)
  if (folder === undefined || !path.isAbsolute(folder)) return undefined
  const file = path.join(folder, 'dsv', 'credentials.json')
  const text = readSecret(file)
  if (text === undefined) return undefined
  for (const [key, value] of Object.entries(parseList(file, text))) {
    if (originOf(key) !== base.origin) continue
    if (typeof value !== 'object' || value === null || !('token' in value)) break
    if (typeof value.token === 'string') return checked(file, value.token)
  }
  return undefined
}

function homeConfig(env: TokenSources['env']): string | undefined {
  const home = env['HOME'] ?? env['USERPROFILE']
  return home === undefined ? undefined : path.join(home, '.config')
}

function parseList(file: string, text: string): object {
  try {
    const json: unknown = JSON.parse(text)
    if (typeof json === 'object' && json !== null && !Array.isArray(json)) return json
  } catch {
    throw credentialsInvalid(file, 'it is not JSON')
  }
  throw credentialsInvalid(file, 'it has not the form { "https://host": { "token": "…" } }')
}

/** A token becomes a header, so it has no spaces or controls. */
function checked(source: string, token: string): string {
  if (/^[\x21-\x7e]{1,4096}$/.test(token)) return token
  throw credentialsInvalid(source, 'it holds no token')
}

function readSecret(file: string): string | undefined {
  try {
    const { mode } = fs.statSync(file)
    if (process.platform !== 'win32' && (mode & 0o077) !== 0) {
      throw credentialsInvalid(file, 'others can read it')
    }
    return fs.readFileSync(file, 'utf8')
  } catch (error) {
    const code = systemErrorCode(error)
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined
    if (code === 'EACCES' || code === 'EISDIR') {
      throw credentialsInvalid(file, `it cannot be read (${code})`)
    }
    throw error
  }
}
