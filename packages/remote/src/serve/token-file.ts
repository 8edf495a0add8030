import { createHash, randomBytes, randomUUID, timingSafeEqual } from 'node:crypto'
import fs from 'node:fs'
import path from 'node:path'
import { systemErrorCode } from '@dsv/store'
import { tokenFileInvalid, tokenNameInvalid } from '../errors.ts'
import { isRights, type Rights } from './rights.ts'

/** One token that a server accepts. The token itself is kept nowhere, only its SHA-256. */
export interface ServeToken {
  readonly name: string
  readonly rights: Rights
  /** Hexadecimal; tokens are 32 random bytes, so a slow hash would add nothing. */
  readonly sha256: string
  /** Milliseconds since 1970 UTC. */
  readonly createdMs: number
}

const VERSION = 1

/**
 * Makes a token, adds its hash to a token file, and returns it: the only time that anybody sees it. The
 * file is made when it is not there, readable by its owner alone.
 *
 * @throws `DSV_TOKEN_NAME_INVALID` when the name is taken or no name, `DSV_TOKEN_FILE_INVALID`
 */
export function addToken(
  file: string,
  token: Pick<ServeToken, 'name' | 'rights' | 'createdMs'>,
): string {
  const { name, rights, createdMs } = token
  if (!/^[\p{L}\p{N}._@-]{1,100}$/u.test(name)) {
    throw tokenNameInvalid(name, 'has other characters than letters, digits and ._@-')
  }
  const tokens = readTokens(file)
  if (tokens.some((each) => each.name === name)) throw tokenNameInvalid(name, 'is taken')
  const secret = `dsv_${randomBytes(32).toString('base64url')}`
  writeTokens(file, [...tokens, { name, rights, createdMs, sha256: sha256(secret) }])
  return secret
}

/** Takes a token out of a file; a running server refuses it from then on. @throws `DSV_TOKEN_NAME_INVALID` */
export function removeToken(file: string, name: string): void {
  const tokens = readTokens(file)
  const kept = tokens.filter((each) => each.name !== name)
  if (kept.length === tokens.length) throw tokenNameInvalid(name, 'is not known')
  writeTokens(file, kept)
}

/** Reads a token file; one that is not there has no tokens. @throws `DSV_TOKEN_FILE_INVALID` */
export function readTokens(file: string): readonly ServeToken[] {
  let text: string
  try {
    text = fs.readFileSync(file, 'utf8')
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return []
    throw tokenFileInvalid(file, 'it cannot be read')
  }
  return parseTokens(file, text)
}

/**
 * Returns a function that finds the token with a given secret. The file is read again when it changes.
 * How long it takes does not depend on how much of a secret is right.
 *
 * @throws `DSV_TOKEN_FILE_INVALID`, also from the function
 */
export function tokenChecker(file: string): (secret: string) => ServeToken | undefined {
  let stamp = ''
  let tokens: readonly ServeToken[] = []
  function refresh(): void {
    const now = stampOf(file)
    if (now === stamp) return
    tokens = readTokens(file)
    stamp = now
  }
  refresh()
  return (secret) => {
    refresh()
    const presented = Buffer.from(sha256(secret), 'hex')
    let found: ServeToken | undefined
    for (const token of tokens) {
      if (timingSafeEqual(Buffer.from(token.sha256, 'hex'), presented)) found = token
    }
    return found
  }
}

function stampOf(file: string): string {
  try {
    const { mtimeNs, size, ino } = fs.statSync(file, { bigint: true })
    return `${mtimeNs} ${size} ${ino}`
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return ''
    throw tokenFileInvalid(file, 'it cannot be read')
  }
}

function parseTokens(file: string, text: string): readonly ServeToken[] {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch {
    throw tokenFileInvalid(file, 'it is not JSON')
  }
  if (!isRecord(json) || json['version'] !== VERSION || !Array.isArray(json['tokens'])) {
    throw tokenFileInvalid(file, 'it has not the form { "version": 1, "tokens": [ … ] }')
  }
  return json['tokens'].map((token: unknown, at) => {
    if (isRecord(token)) {
      const { name, rights, sha256: hash, createdMs } = token
      if (
        typeof name === 'string' &&
        isRights(rights) &&
        typeof hash === 'string' &&
        /^[0-9a-f]{64}$/.test(hash) &&
        typeof createdMs === 'number'
      ) {
        return { name, rights, sha256: hash, createdMs }
      }
    }
    throw tokenFileInvalid(file, `tokens[${at}] is no token`)
  })
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}

function writeTokens(file: string, tokens: readonly ServeToken[]): void {
  fs.mkdirSync(path.dirname(file), { recursive: true })
  const temporary = `${file}.${randomUUID()}`
  fs.writeFileSync(temporary, `${JSON.stringify({ version: VERSION, tokens }, undefined, 2)}\n`, {
    mode: 0o600,
    flag: 'wx',
    flush: true,
  })
  fs.renameSync(temporary, file)
}

function sha256(secret: string): string {
  return createHash('sha256').update(secret).digest('hex')
}
