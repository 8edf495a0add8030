import fs from 'node:fs'
import http, { type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import {
  createBlobHasher,
  type FolderDriver,
  giveWay,
  isDsvError,
  type StoragePath,
  systemErrorCode,
} from '@dsv/store'
import { type StallOptions, withStallWatch } from '../driver/shared/stall.ts'
import { listPages } from './list-pages.ts'
import { parseRange } from './parse-range.ts'
import {
  BodyCutOff,
  type BodyLimits,
  BodyTooLarge,
  receiveBytes,
  receiveFile,
} from './receive-body.ts'
import { parseRequestTarget, type RequestTarget } from './request-target.ts'
import { isAllowed, type Rights } from './rights.ts'
import type { Access, ReceivedFile, StorageRules } from './storage-rules.ts'
import type { ServeToken } from './token-file.ts'

/** One request that was answered, for an access log. */
export interface AccessEntry {
  /** Milliseconds since 1970 UTC. */
  readonly timeMs: number
  readonly durationMs: number
  readonly address: string
  /** Name of the token; undefined without one. */
  readonly token: string | undefined
  readonly method: string
  /** As it was sent, cut off after 1,000 characters. */
  readonly target: string
  readonly status: number
  readonly receivedBytes: number
  readonly sentBytes: number
  /** What went wrong in the server, for its owner only. */
  readonly problem: unknown
}

/** How a server listens, and what it bears. */
export interface StorageServerOptions {
  /** Address to listen on; `127.0.0.1` by default. */
  readonly host?: string
  /** 0, the default, takes any that is free. */
  readonly port?: number
  /** Whether everybody may read without a token. */
  readonly isPublic?: boolean
  /** How many requests are worked on at once; 64 by default. More are asked to come again. */
  readonly maxRequests?: number
  /** How many connections are open at once; 512 by default. */
  readonly maxConnections?: number
  /** When a slow client is given up. */
  readonly stall?: StallOptions
  /** How long a client may take for its headers, in milliseconds; 10,000 by default. */
  readonly headersMs?: number
  /** How many files a page of a listing has; 1,000 by default. */
  readonly pageSize?: number
  /** How long requests may go on when the server is closed, in milliseconds; 10,000 by default. */
  readonly graceMs?: number
  /** Is told of every request that was answered. */
  readonly onRequest?: (entry: AccessEntry) => void
}

/** A server that runs. */
export interface RunningServer {
  /** Where it listens, with `/` at the end. */
  readonly url: string
  /** Takes no more requests, lets running ones end for a while, and closes. */
  close(): Promise<void>
}

/** What a server gives and takes. */
export interface ServedStorage {
  readonly driver: FolderDriver
  readonly rules: StorageRules
  /** Finds the token with a secret. */
  readonly findToken: (secret: string) => ServeToken | undefined
}

/** Every answer names the protocol, so that a client knows whom it talks to. */
const PROTOCOL = { 'dsv-protocol': '1', 'cache-control': 'private, no-cache' }

/** The body of a request that is refused is read up to here, so that the answer arrives. */
const MOST_UNREAD_BYTES = 1024 * 1024
const HEADER_BYTES = 16 * 1024
const IDLE_MS = 120_000

/** Serves a storage over HTTP as `docs/remotes.md` says. */
export async function serveStorage(
  storage: ServedStorage,
  options: StorageServerOptions = {},
): Promise<RunningServer> {
  const { host = '127.0.0.1', port = 0, headersMs = 10_000, graceMs = 10_000 } = options
  const handle = requestHandler(storage, options)
  const server = http.createServer(
    {
      maxHeaderSize: HEADER_BYTES,
      headersTimeout: headersMs,
      // How long a body takes is bounded by the watch for stalls.
      requestTimeout: 0,
      keepAliveTimeout: 30_000,
      connectionsCheckingInterval: Math.min(headersMs, 5_000),
    },
    handle,
  )
  server.maxConnections = options.maxConnections ?? 512
  server.timeout = IDLE_MS
  server.on('checkContinue', handle)
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, resolve)
  })
  return { url: urlOf(server.address()), close: () => closeServer(server, graceMs) }
}

function urlOf(address: AddressInfo | string | null): string {
  if (address === null || typeof address === 'string') throw new Error('A server has an address.')
  const host = address.family === 'IPv6' ? `[${address.address}]` : address.address
  return `http://${host}:${address.port}/`
}

async function closeServer(server: http.Server, graceMs: number): Promise<void> {
  const closed = new Promise<void>((resolve) => void server.close(() => resolve()))
  server.closeIdleConnections()
  const timer = setTimeout(() => server.closeAllConnections(), graceMs)
  await closed
  clearTimeout(timer)
}

/** One request on its way. */
interface Exchange {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  token: string | undefined
  sentBytes: number
  problem: unknown
}

/** An answer without a file. */
interface Answer {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Uint8Array
}

type Handler = (request: IncomingMessage, response: ServerResponse) => void

function requestHandler(storage: ServedStorage, options: StorageServerOptions): Handler {
  const { maxRequests = 64, onRequest } = options
  const work = storageWork(storage, options)
  let running = 0
  return (request, response) => {
    const timeMs = Date.now()
    const exchange: Exchange = {
      request,
      response,
      token: undefined,
      sentBytes: 0,
      problem: undefined,
    }
    const before = request.socket.bytesRead
    running += 1
    response.once('close', () => {
      running -= 1
      onRequest?.({
        timeMs,
        durationMs: Date.now() - timeMs,
        address: request.socket.remoteAddress ?? '',
        token: exchange.token,
        method: request.method ?? '',
        target: (request.url ?? '').slice(0, 1000),
        status: response.statusCode,
        receivedBytes: request.socket.bytesRead - before,
        sentBytes: exchange.sentBytes,
        problem: exchange.problem,
      })
    })
    const answering =
      running > maxRequests
        ? send(exchange, { status: 503, headers: { 'retry-after': '1' } })
        : answer(exchange, work)
    answering.catch((error: unknown) => {
      exchange.problem ??= error
      response.destroy()
    })
  }
}

type Work = (exchange: Exchange) => Promise<Answer | undefined>

async function answer(exchange: Exchange, work: Work): Promise<void> {
  let answered: Answer | undefined
  try {
    answered = await work(exchange)
  } catch (error) {
    if (exchange.response.headersSent) throw error
    answered = failure(exchange, error)
  }
  if (answered !== undefined) await send(exchange, answered)
}

/** Says what was wrong with a request; what is wrong here is for the owner of the server only. */
function failure(exchange: Exchange, error: unknown): Answer {
  if (error instanceof BodyTooLarge) return problem(413, 'The body is too large')
  if (error instanceof BodyCutOff) return problem(400, 'The body is cut off')
  if (!isDsvError(error)) {
    exchange.problem = error
    if (systemErrorCode(error) === 'ENOSPC') return problem(507, 'There is no space left')
    return problem(500, 'The server failed')
  }
  switch (error.code) {
    case 'DSV_STORAGE_CONFLICT':
      return problem(412, 'Somebody else was first')
    case 'DSV_REMOTE_STALLED':
      return problem(408, 'The body came too slowly')
    case 'DSV_REMOTE_REFUSED':
      return problem(409, String(error.details['reason']))
    case 'DSV_STORAGE_FULL':
      exchange.problem = error
      return problem(507, 'There is no space left')
    case 'DSV_STORAGE_DENIED':
    case 'DSV_STORAGE_FAILED':
    case 'DSV_LOCK_HELD':
    case 'DSV_TOKEN_FILE_INVALID':
      exchange.problem = error
      return problem(500, 'The server failed')
    default:
      exchange.problem = error
      if (exchange.request.method !== 'PUT') return problem(500, 'The server failed')
      return problem(422, `What was sent cannot be taken (${error.code})`)
  }
}

function problem(status: number, message: string): Answer {
  return {
    status,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ message }),
  }
}

async function send(exchange: Exchange, { status, headers, body }: Answer): Promise<void> {
  const { request, response } = exchange
  if (!request.complete) await discard(request, response)
  const bytes = typeof body === 'string' ? Buffer.from(body) : (body ?? Buffer.alloc(0))
  const hasBody = status !== 204 && status !== 304
  response.writeHead(status, {
    ...PROTOCOL,
    ...(hasBody && { 'content-length': String(bytes.length) }),
    ...headers,
  })
  exchange.sentBytes += request.method === 'HEAD' ? 0 : bytes.length
  response.end(request.method === 'HEAD' ? undefined : bytes)
}

/** Reads what is left of a small body; after a large one the connection cannot be used again. */
async function discard(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const isExpecting = request.headers.expect !== undefined
  if (isExpecting || Number(request.headers['content-length'] ?? 0) > MOST_UNREAD_BYTES) {
    response.setHeader('connection', 'close')
    return
  }
  let unread = MOST_UNREAD_BYTES
  await new Promise<void>((resolve) => {
    const timer = setTimeout(end, 1_000)
    function end(): void {
      clearTimeout(timer)
      request.off('data', count)
      request.pause()
      if (!request.complete) response.setHeader('connection', 'close')
      resolve()
    }
    function count(piece: Buffer): void {
      unread -= piece.length
      if (unread < 0) end()
    }
    request.on('data', count)
    request.once('end', end)
    request.once('close', end)
    if (request.complete || request.destroyed) end()
  })
}

const ACCESS: Readonly<Record<string, Access>> = {
  GET: 'get',
  HEAD: 'get',
  PUT: 'put',
  DELETE: 'delete',
}

function storageWork(storage: ServedStorage, options: StorageServerOptions): Work {
  const { rules } = storage
  const stall = options.stall ?? {}
  const list = listPages(storage.driver, options.pageSize ?? 1000)
  const context: FileContext = { ...storage, stall }

  async function listed(
    target: RequestTarget & { readonly type: 'list' },
    rights: Rights,
  ): Promise<Answer> {
    const isShown = (path: StoragePath): boolean => {
      const needed = rules.rightsFor('get', path)
      return needed !== undefined && needed !== 'nobody' && isAllowed(rights, needed)
    }
    const page = await list({ ...target, isShown })
    return {
      status: 200,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(page),
    }
  }

  return async (exchange) => {
    const { request } = exchange
    const rights = rightsOf(exchange, storage, options.isPublic === true)
    if (rights === undefined) {
      return { status: 401, headers: { 'www-authenticate': 'Bearer realm="dsv"' } }
    }
    const access = ACCESS[request.method ?? '']
    if (access === undefined) return { status: 405, headers: { allow: 'GET, HEAD, PUT, DELETE' } }
    const target = parseRequestTarget(request.url ?? '')
    if (target.type === 'invalid') return problem(400, 'The address is not one of this server')
    if (target.type === 'list') {
      if (access !== 'get') return { status: 405, headers: { allow: 'GET, HEAD' } }
      return listed(target, rights)
    }
    const needed = rules.rightsFor(access, target.path)
    if (needed === undefined) return problem(404, 'There is no such file')
    if (needed === 'nobody' || !isAllowed(rights, needed)) {
      return problem(403, `This needs ${needed === 'nobody' ? 'more than any' : needed} rights`)
    }
    if (access === 'get') return getFile(context, exchange, target.path)
    if (access === 'delete') return deleteFile(context, { path: target.path, rights })
    return putFile(context, exchange, { path: target.path, rights })
  }
}

/** Returns what the sender of a request may do; undefined when nothing. A wrong token is worse than none. */
function rightsOf(
  exchange: Exchange,
  storage: ServedStorage,
  isPublic: boolean,
): Rights | undefined {
  const header = exchange.request.headers.authorization
  if (header === undefined) return isPublic ? 'read' : undefined
  const [, secret] = /^bearer +([\w-]{1,200})$/i.exec(header) ?? []
  const token = storage.findToken(secret ?? '')
  exchange.token = token?.name
  return token?.rights
}

interface FileContext extends ServedStorage {
  readonly stall: StallOptions
}

async function getFile(
  context: FileContext,
  exchange: Exchange,
  path: StoragePath,
): Promise<Answer | undefined> {
  const { request } = exchange
  if (context.rules.isVersioned(path)) {
    const found = await context.rules.readVersioned(path)
    if (found === undefined) return problem(404, 'There is no such file')
    return versionedAnswer(request, found.bytes, `"${found.version}"`)
  }
  const file = await openFile(context.driver.absolutePath(path))
  if (file === undefined) return problem(404, 'There is no such file')
  try {
    return await sendFile(context, exchange, { ...file, etag: etagOf(path) })
  } finally {
    await file.handle.close()
  }
}

function versionedAnswer(request: IncomingMessage, bytes: Uint8Array, etag: string): Answer {
  const headers = {
    etag,
    'accept-ranges': 'bytes',
    'content-type': 'application/octet-stream',
  }
  if (matches(request.headers['if-none-match'], etag)) return { status: 304, headers }
  const range = parseRange(request.headers.range, bytes.length)
  if (range === 'unsatisfiable') return unsatisfiable(bytes.length)
  if (range === undefined) return { status: 200, headers, body: bytes }
  const contentRange = `bytes ${range.start}-${range.end - 1}/${bytes.length}`
  return {
    status: 206,
    headers: { ...headers, 'content-range': contentRange },
    body: bytes.subarray(range.start, range.end),
  }
}

function unsatisfiable(sizeBytes: number): Answer {
  return { status: 416, headers: { 'content-range': `bytes */${sizeBytes}` } }
}

/** Files that are written once are as good as their names. */
function etagOf(path: StoragePath): string {
  return `"${path.replaceAll(/[^0-9A-Za-z/._-]/g, '.')}"`
}

function matches(header: string | undefined, etag: string): boolean {
  if (header === undefined) return false
  const tags = header.split(',').map((tag) => tag.trim().replace(/^W\//, ''))
  return tags.includes('*') || tags.includes(etag)
}

interface FoundFile {
  readonly handle: fs.promises.FileHandle
  readonly sizeBytes: number
  readonly modifiedMs: number
}

async function openFile(file: string): Promise<FoundFile | undefined> {
  let handle: fs.promises.FileHandle
  try {
    handle = await fs.promises.open(file, 'r')
  } catch (error) {
    const code = systemErrorCode(error)
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined
    throw error
  }
  const status = await handle.stat()
  if (status.isFile()) return { handle, sizeBytes: status.size, modifiedMs: status.mtimeMs }
  await handle.close()
  return undefined
}

async function sendFile(
  context: FileContext,
  exchange: Exchange,
  file: FoundFile & { readonly etag: string },
): Promise<Answer | undefined> {
  const { request, response } = exchange
  const { sizeBytes, etag } = file
  const headers = {
    ...PROTOCOL,
    etag,
    'accept-ranges': 'bytes',
    'content-type': 'application/octet-stream',
    'last-modified': new Date(file.modifiedMs).toUTCString(),
  }
  if (matches(request.headers['if-none-match'], etag)) return { status: 304, headers }
  const asked = parseRange(request.headers.range, sizeBytes)
  if (asked === 'unsatisfiable') return unsatisfiable(sizeBytes)
  const { start, end } = asked ?? { start: 0, end: sizeBytes }
  response.writeHead(asked === undefined ? 200 : 206, {
    ...headers,
    'content-length': String(end - start),
    ...(asked !== undefined && { 'content-range': `bytes ${start}-${end - 1}/${sizeBytes}` }),
  })
  if (request.method === 'HEAD' || end === start) {
    response.end()
    return undefined
  }
  await withStallWatch('The client', context.stall, async ({ signal, moved }) => {
    const counted = new Transform({
      transform(piece: Buffer, _encoding, done) {
        moved(piece.length)
        exchange.sentBytes += piece.length
        done(undefined, piece)
      },
    })
    const source = file.handle.createReadStream({ start, end: end - 1, autoClose: false })
    await pipeline(source, counted, response, { signal })
  })
  return undefined
}

interface Target {
  readonly path: StoragePath
  readonly rights: Rights
}

async function deleteFile({ driver, rules }: FileContext, target: Target): Promise<Answer> {
  await rules.checkDelete(target.path, target.rights)
  await driver.delete(target.path)
  return { status: 204 }
}

async function putFile(context: FileContext, exchange: Exchange, target: Target): Promise<Answer> {
  const { rules, stall } = context
  const { headers } = exchange.request
  const encoding = headers['content-encoding'] ?? 'identity'
  if (encoding !== 'identity') return problem(415, 'Bodies are taken as they are only')
  if (headers['content-range'] !== undefined) return problem(400, 'Files are taken whole only')
  const limits = { maxBytes: rules.maxBytes(target.path), stall }
  return rules.isVersioned(target.path)
    ? putVersioned(context, exchange, { ...target, limits })
    : putOnce(context, exchange, { ...target, limits })
}

interface PutTarget extends Target {
  readonly limits: BodyLimits
}

async function putVersioned(
  { rules }: FileContext,
  exchange: Exchange,
  { path, rights, limits }: PutTarget,
): Promise<Answer> {
  const { 'if-match': ifMatch, 'if-none-match': ifNoneMatch } = exchange.request.headers
  const [, expected] = /^"([^"]{1,200})"$/.exec(ifMatch ?? '') ?? []
  const isNew = ifMatch === undefined && ifNoneMatch === '*'
  if (!isNew && (expected === undefined || ifNoneMatch !== undefined)) {
    return problem(428, 'If-Match with one strong ETag, or If-None-Match: *, is required')
  }
  const bytes = await receiveBytes(begun(exchange), limits)
  const version = await whileWaiting(exchange, () =>
    rules.replaceIf(path, expected, { bytes, rights }),
  )
  return { status: isNew ? 201 : 204, headers: { etag: `"${version}"` } }
}

async function putOnce(
  { driver, rules }: FileContext,
  exchange: Exchange,
  { path, limits }: PutTarget,
): Promise<Answer> {
  const { 'if-match': ifMatch, 'if-none-match': ifNoneMatch } = exchange.request.headers
  const etag = etagOf(path)
  const isThere = (await driver.sizeOf(path)) !== undefined
  if (isThere && matches(ifNoneMatch, etag)) return problem(412, 'It is there already')
  if (ifMatch !== undefined && !(isThere && matches(ifMatch, etag))) {
    return problem(412, 'There is no such file')
  }
  const temporary = driver.temporaryFile()
  try {
    const file = await receiveFile(begun(exchange), temporary, limits)
    await whileWaiting(exchange, () => rules.check(path, file))
    // What lies there may be damaged; what came is sound.
    if (!isThere || !(await isSame(driver.absolutePath(path), file))) driver.adopt(temporary, path)
    await driver.flush()
  } finally {
    fs.rmSync(temporary, { force: true })
  }
  return { status: isThere ? 204 : 201, headers: { etag } }
}

/** A client that waits for leave to send its body gets it. */
function begun({ request, response }: Exchange): IncomingMessage {
  if (request.headers.expect?.toLowerCase() === '100-continue') response.writeContinue()
  return request
}

/** Checking a large change takes a while; the connection shows meanwhile that somebody is there. */
async function whileWaiting<Result>(
  { response, request }: Exchange,
  run: () => Promise<Result>,
): Promise<Result> {
  const timer = setInterval(() => {
    if (request.httpVersionMinor >= 1) response.writeProcessing()
  }, 5_000)
  try {
    return await run()
  } finally {
    clearInterval(timer)
  }
}

async function isSame(existing: string, file: ReceivedFile): Promise<boolean> {
  const hasher = createBlobHasher()
  for await (const piece of fs.createReadStream(existing)) {
    if (Buffer.isBuffer(piece)) hasher.update(piece)
    await giveWay()
  }
  return hasher.digest() === file.hash
}
