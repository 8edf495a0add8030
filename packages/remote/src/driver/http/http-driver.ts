import path from 'node:path'
import {
  checkStoragePath,
  checkStoragePrefix,
  hashBlob,
  isDsvError,
  type StorageDriver,
  type StorageEntry,
  storageConflict,
  storageDenied,
  storageFailed,
  storageFull,
  storageNotFound,
  type StoragePath,
  type VersionedBytes,
} from '@dsv/store'
import {
  remoteCredentialsMissing,
  remoteCredentialsRejected,
  remoteOptionInvalid,
  remoteReadOnly,
  remoteRefused,
} from '../../errors.ts'
import { checkOptions } from '../shared/check-options.ts'
import { findToken } from './find-token.ts'
import {
  type HttpCall,
  httpClient,
  type HttpClientOptions,
  HttpProblem,
  type HttpReply,
  isPassing,
} from './http-client.ts'
import { parseHttpAddress } from './parse-http-address.ts'
import { parseListPage } from './parse-list-page.ts'
import { contentLength, rangeHeader, readPart, readWhole, sizeInRange } from './read-reply.ts'

/** What {@link httpDriver} needs besides the address. */
export interface HttpDriverOptions extends Pick<HttpClientOptions, 'stall' | 'retries'> {
  /** `token-file`: a file with a token. `allow-insecure`: `true` sends it unencrypted too. */
  readonly options?: Readonly<Record<string, string>>
  /** Folder that `token-file` is relative to. */
  readonly base: string
  /** Where else a token may come from; see `findToken`. */
  readonly env: Readonly<Record<string, string | undefined>>
  /** See `OpenDriverOptions`. */
  readonly isRecorded?: boolean
  /** How large a file may be; 1 GiB by default. */
  readonly maxFileBytes?: number
}

const TOKEN_HINT =
  'Set DSV_TOKEN, the option token-file, or the token in ~/.config/dsv/credentials.json.'
const RECORDED_HINT =
  'DSV_TOKEN goes to an address that a repository names only when DSV_TOKEN_ORIGIN says that it is for that server.'
const DENIED_HINT = 'Ask who runs the server for a token with these rights.'
const MEBIBYTE = 1024 * 1024
const MOST_ROOT_BYTES = 80 * MEBIBYTE
const MOST_PAGE_BYTES = 16 * MEBIBYTE
const MOST_MESSAGE_BYTES = 64 * 1024

/**
 * Returns the storage at a URL. Any server of files can be read; `dsv serve` can be written and listed
 * too.
 *
 * @throws `DSV_REMOTE_URL_INVALID`, `DSV_REMOTE_OPTION_INVALID`, `DSV_REMOTE_INSECURE`,
 *   `DSV_CREDENTIALS_INVALID`
 */
export function httpDriver(url: string, settings: HttpDriverOptions): StorageDriver {
  const address = parseHttpAddress(url)
  const { location } = address
  const { options = {}, base, env, maxFileBytes = 1024 * MEBIBYTE } = settings
  checkOptions(location, options, ['token-file', 'allow-insecure'])
  const tokenFile = options['token-file']
  const token = findToken(address, {
    tokenFile: tokenFile === undefined ? undefined : path.resolve(base, tokenFile),
    env,
    isRecorded: settings.isRecorded ?? false,
    allowInsecure: readSwitch(location, 'allow-insecure', options['allow-insecure']),
  })
  const isHeldBack = settings.isRecorded === true && env['DSV_TOKEN'] !== undefined
  const missingHint = isHeldBack ? RECORDED_HINT : TOKEN_HINT
  const client = httpClient(address, { ...settings, token })

  /** Sends a request about a file and names what went wrong. */
  async function send<Result>(
    about: StoragePath,
    call: HttpCall,
    read: (reply: HttpReply) => Promise<Result>,
  ): Promise<Result> {
    try {
      return await client.send(call, read)
    } catch (error) {
      throw isDsvError(error) ? error : storageFailed(`${location}/${about}`, error)
    }
  }
  async function unexpected(about: StoragePath, reply: HttpReply): Promise<Error> {
    const { status } = reply
    const said = await readMessage(reply)
    const where = `${location}/${about}`
    const isMissing = status === 404 || status === 410
    if (isMissing) return storageNotFound(location, about)
    if (status === 401) {
      return token === undefined
        ? remoteCredentialsMissing(location, missingHint, undefined)
        : remoteCredentialsRejected(location, said ?? 'the token is not known', undefined)
    }
    if (status === 403) {
      const reason = said ?? 'the rights do not suffice'
      return storageDenied(`${where} (${reason})`, undefined, DENIED_HINT)
    }
    if (status === 412) return storageConflict(location, about)
    if (status === 409 || status === 413 || status === 422) {
      return remoteRefused(location, about, said ?? `it answered ${status}`)
    }
    if (status === 507) return storageFull(where, undefined)
    return storageFailed(where, new HttpProblem(`it answered ${status}`, { status }))
  }
  async function requireServer(): Promise<void> {
    if (client.isDsvServer === undefined) {
      await send('root', { method: 'HEAD', target: 'root' }, async () => {})
    }
    if (client.isDsvServer !== true) throw remoteReadOnly(location)
  }
  function get(about: StoragePath, headers: Readonly<Record<string, string>> = {}): HttpCall {
    return { method: 'GET', target: encodePath(about), headers }
  }
  async function sizeByGet(about: StoragePath): Promise<number | undefined> {
    return send(about, get(about, { range: 'bytes=0-0' }), async (reply) => {
      if (reply.status === 404 || reply.status === 410) return undefined
      if (reply.status === 206 || reply.status === 416) {
        const sizeBytes = sizeInRange(reply)
        if (sizeBytes !== undefined) return sizeBytes
        throw new HttpProblem('It does not say how large the file is')
      }
      if (reply.status !== 200) throw await unexpected(about, reply)
      const announced = contentLength(reply)
      if (announced !== undefined && isPlain(reply)) return announced
      return (await readWhole(reply, maxFileBytes)).length
    })
  }
  async function sizeOf(about: StoragePath): Promise<number | undefined> {
    checkStoragePath(about)
    const call: HttpCall = { method: 'HEAD', target: encodePath(about) }
    const found = await send(about, call, async (reply) => {
      if (reply.status === 404 || reply.status === 410) return 'missing'
      if (reply.status === 401) throw await unexpected(about, reply)
      return reply.status === 200 && isPlain(reply) ? contentLength(reply) : undefined
    })
    // Some servers know no HEAD, or answer it without a size.
    return found === 'missing' ? undefined : (found ?? sizeByGet(about))
  }
  async function readVersioned(about: StoragePath): Promise<VersionedBytes | undefined> {
    checkStoragePath(about)
    return send(about, get(about, { 'cache-control': 'no-cache' }), async (reply) => {
      if (reply.status === 404 || reply.status === 410) return undefined
      if (reply.status !== 200) throw await unexpected(about, reply)
      const etag = strongTag(reply)
      if (etag === undefined && client.isDsvServer === true) {
        throw new HttpProblem('It gives no strong ETag')
      }
      const bytes = await readWhole(reply, Math.min(MOST_ROOT_BYTES, maxFileBytes))
      return { bytes, version: etag ?? hashBlob(bytes) }
    })
  }
  async function put(
    about: StoragePath,
    bytes: Uint8Array,
    extra: Pick<HttpCall, 'headers' | 'onAttempt'>,
  ): Promise<string | undefined> {
    const call: HttpCall = { method: 'PUT', target: encodePath(about), ...extra, body: bytes }
    return send(about, call, async (reply) => {
      if (reply.status === 405 || reply.status === 501) throw remoteReadOnly(location)
      if (reply.status !== 200 && reply.status !== 201 && reply.status !== 204) {
        throw await unexpected(about, reply)
      }
      return strongTag(reply)
    })
  }
  async function swap(
    about: StoragePath,
    expected: string | undefined,
    sent: { readonly bytes: Uint8Array; readonly onAttempt: () => void },
  ): Promise<string> {
    const headers = expected === undefined ? { 'if-none-match': '*' } : { 'if-match': expected }
    const version = await put(about, sent.bytes, { headers, onAttempt: sent.onAttempt })
    if (version !== undefined) return version
    throw storageFailed(`${location}/${about}`, new HttpProblem('It gives no strong ETag'))
  }

  return {
    location,
    localFolder: undefined,
    // A request costs as much as some megabytes.
    packBelowBytes: 16 * MEBIBYTE,
    async read(about) {
      checkStoragePath(about)
      return send(about, get(about), async (reply) => {
        if (reply.status !== 200) throw await unexpected(about, reply)
        return readWhole(reply, maxFileBytes)
      })
    },
    async readRange(about, offset, length) {
      checkStoragePath(about)
      if (length <= 0 || length > maxFileBytes) {
        if ((await sizeOf(about)) === undefined) throw storageNotFound(location, about)
        if (length <= 0) return new Uint8Array(0)
        throw storageFailed(`${location}/${about}`, new HttpProblem('That is too much at once'))
      }
      const wanted = { offset, length }
      const part = await send(about, get(about, { range: rangeHeader(wanted) }), async (reply) => {
        if (reply.status === 416) return { sizeBytes: sizeInRange(reply) }
        if (reply.status !== 200 && reply.status !== 206) throw await unexpected(about, reply)
        return readPart(reply, wanted)
      })
      if (part instanceof Uint8Array) return part
      // Nothing lies there, which the size of the file must bear out.
      const sizeBytes = part.sizeBytes ?? (await sizeOf(about)) ?? 0
      if (offset < 0 ? sizeBytes === 0 : offset >= sizeBytes) return new Uint8Array(0)
      throw storageFailed(
        `${location}/${about}`,
        new HttpProblem('It refuses a range that is there'),
      )
    },
    sizeOf,
    async write(about, bytes) {
      checkStoragePath(about)
      await requireServer()
      await put(about, bytes, {})
    },
    list: (prefix) => listAll(prefix),
    async delete(about) {
      checkStoragePath(about)
      await requireServer()
      await send(about, { method: 'DELETE', target: encodePath(about) }, async (reply) => {
        const isDone = reply.status === 200 || reply.status === 204 || reply.status === 404
        if (!isDone) throw await unexpected(about, reply)
      })
    },
    readVersioned,
    async replaceIf(about, expected, bytes) {
      checkStoragePath(about)
      await requireServer()
      let attempts = 0
      const onAttempt = (): void => void (attempts += 1)
      try {
        return await swap(about, expected, { bytes, onAttempt })
      } catch (error) {
        // An answer that got lost leaves it open who won; what lies there now tells.
        const isRepeated = attempts > 1 && isDsvError(error, 'DSV_STORAGE_CONFLICT')
        if (!isRepeated && !isLost(error)) throw error
        const now = await readVersioned(about)
        if (now !== undefined && Buffer.from(now.bytes).equals(bytes)) return now.version
        throw error
      }
    },
    // The server answers a PUT when the bytes are durable.
    flush: async () => {},
    close: async () => client.close(),
  }

  async function* listAll(prefix: StoragePath): AsyncGenerator<StorageEntry> {
    checkStoragePrefix(prefix)
    await requireServer()
    let after = ''
    for (;;) {
      const query = new URLSearchParams({ list: prefix, ...(after !== '' && { after }) })
      const call: HttpCall = { method: 'GET', target: `?${query.toString()}` }
      const page = await send(prefix, call, async (reply) => {
        if (reply.status !== 200) throw await unexpected(prefix, reply)
        return parseListPage(await readWhole(reply, MOST_PAGE_BYTES), { prefix, after })
      })
      yield* page.entries
      const last = page.entries.at(-1)
      if (!page.isCut || last === undefined) return
      after = last.path
    }
  }
}

function isLost(error: unknown): boolean {
  const cause = error instanceof Error ? error.cause : undefined
  return isPassing(error) || isPassing(cause)
}

function readSwitch(location: string, name: string, value: string | undefined): boolean {
  if (value === undefined || value === 'false') return false
  if (value === 'true') return true
  throw remoteOptionInvalid(location, name, 'is true or false')
}

function encodePath(about: StoragePath): string {
  return about.split('/').map(encodeURIComponent).join('/')
}

function isPlain({ headers }: HttpReply): boolean {
  return (headers['content-encoding'] ?? 'identity') === 'identity'
}

function strongTag({ headers }: HttpReply): string | undefined {
  const { etag } = headers
  return etag !== undefined && /^"[\x21\x23-\x7e]{1,200}"$/.test(etag) ? etag : undefined
}

/** Returns what a server says of a failure, as one line that is safe to show. */
async function readMessage(reply: HttpReply): Promise<string | undefined> {
  if (!(reply.headers['content-type'] ?? '').startsWith('application/json')) return undefined
  try {
    const json: unknown = JSON.parse((await readWhole(reply, MOST_MESSAGE_BYTES)).toString())
    if (typeof json !== 'object' || json === null || !('message' in json)) return undefined
    return String(json.message)
      .replaceAll(/[^\p{L}\p{N}\p{P}\p{S} ]/gu, ' ')
      .slice(0, 500)
  } catch {
    // Whatever is wrong with it, the status says enough.
    return undefined
  }
}
