import http, { type IncomingHttpHeaders, type IncomingMessage } from 'node:http'
import https from 'node:https'
import { isDsvError, systemErrorCode } from '@dsv/store'
import { adaptiveLimit } from '../shared/adaptive-limit.ts'
import { type StallOptions, type StallWatch, withStallWatch } from '../shared/stall.ts'
import { parseRetryAfter, type RetryOptions, withRetries } from '../shared/with-retries.ts'
import type { HttpAddress } from './parse-http-address.ts'

/** One request. */
export interface HttpCall {
  readonly method: 'GET' | 'HEAD' | 'PUT' | 'DELETE'
  /** Below the address, encoded; may have a query. */
  readonly target: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: Uint8Array
  /** Is told before each attempt. */
  readonly onAttempt?: () => void
}

/** An answer whose body has not been read. */
export interface HttpReply {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  /**
   * Yields the body as it comes, at most `most` bytes.
   *
   * @throws {@link HttpProblem} when there is more, or when it ends too early
   */
  pieces(most: number): AsyncIterable<Uint8Array>
}

/** Sends requests to one server, with retries, as many at once as it bears. */
export interface HttpClient {
  /** Sends a request and reads its answer; `read` is called again when an attempt fails. */
  send<Result>(call: HttpCall, read: (reply: HttpReply) => Promise<Result>): Promise<Result>
  /** Whether a server of dsv has answered; undefined as long as nobody has. */
  readonly isDsvServer: boolean | undefined
  /** Closes connections that are kept open. */
  close(): void
}

/** How {@link httpClient} talks. */
export interface HttpClientOptions {
  readonly token: string | undefined
  readonly stall?: StallOptions
  readonly retries?: Partial<Omit<RetryOptions, 'classify' | 'retryAfterMs'>>
}

/** Is thrown when an answer is not what HTTP promises; `isPassing` when another attempt may be better. */
export class HttpProblem extends Error {
  readonly isPassing: boolean
  readonly status: number | undefined
  readonly retryAfterMs: number | undefined

  constructor(
    message: string,
    about: {
      readonly isPassing?: boolean
      readonly status?: number
      readonly retryAfterMs?: number | undefined
    } = {},
  ) {
    super(message)
    this.isPassing = about.isPassing ?? false
    this.status = about.status
    this.retryAfterMs = about.retryAfterMs
  }
}

const MOST_REDIRECTS = 5
const MOST_AT_ONCE = 64
/** From here on a body waits until the server wants it. */
const EXPECT_BYTES = 64 * 1024
const EXPECT_WAIT_MS = 1_000
const PASSING_STATUS: ReadonlySet<number> = new Set([408, 425, 429, 500, 502, 503, 504])
const PASSING_CODES: ReadonlySet<string> = new Set([
  'ECONNABORTED',
  'ECONNRESET',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EPIPE',
  'ETIMEDOUT',
])
/** More than any watch for stalls asks for. */
const NOT_STALLED_BYTES = 2 ** 40
const SILENCE_MS = 300_000
/** A server that restarts refuses for a moment; a wrong port for ever. */
const REFUSALS = 2

/** Returns a client for one address. The token goes to its origin and nowhere else. */
export function httpClient(address: HttpAddress, options: HttpClientOptions): HttpClient {
  const agents = {
    'http:': new http.Agent({ keepAlive: true, maxSockets: MOST_AT_ONCE }),
    'https:': new https.Agent({ keepAlive: true, maxSockets: MOST_AT_ONCE }),
  }
  const limit = adaptiveLimit({
    most: MOST_AT_ONCE,
    isSlowDown: (error) =>
      error instanceof HttpProblem && (error.status === 429 || error.status === 503),
  })
  let isDsvServer: boolean | undefined

  async function attempt<Result>(
    call: HttpCall,
    read: (reply: HttpReply) => Promise<Result>,
  ): Promise<Result> {
    call.onAttempt?.()
    return withStallWatch(address.location, options.stall ?? {}, async (watch) => {
      const message = await follow(call, watch)
      try {
        const reply = replyOf(message, watch)
        if (PASSING_STATUS.has(reply.status)) throw passing(message)
        // A proxy before it may answer now and then.
        isDsvServer ||= message.headers['dsv-protocol'] === '1'
        return await read(reply)
      } finally {
        // What was not read to its end would come before the next answer.
        if (!message.readableEnded) message.destroy()
      }
    })
  }
  async function follow(call: HttpCall, watch: StallWatch): Promise<IncomingMessage> {
    let url = new URL(call.target, address.base)
    for (let redirects = 0; ; redirects += 1) {
      const message = await open(url, call, watch)
      const next = redirectOf(message, url, call)
      if (next === undefined) return message
      message.destroy()
      if (redirects === MOST_REDIRECTS) throw new HttpProblem('It redirects too often')
      const isElsewhere = next.origin !== address.base.origin
      if (isElsewhere && options.token !== undefined) {
        throw new HttpProblem(`It redirects to ${next.origin}, which the token is not for`)
      }
      if (next.protocol !== 'https:' && (url.protocol === 'https:' || next.protocol !== 'http:')) {
        throw new HttpProblem(`It redirects to ${next.protocol}//, which is not encrypted`)
      }
      url = next
    }
  }
  async function open(url: URL, call: HttpCall, watch: StallWatch): Promise<IncomingMessage> {
    const isOwn = url.origin === address.base.origin
    return exchange(url, call, {
      watch,
      agent: url.protocol === 'https:' ? agents['https:'] : agents['http:'],
      token: isOwn ? options.token : undefined,
    })
  }

  return {
    get isDsvServer() {
      return isDsvServer
    },
    close: () => Object.values(agents).forEach((agent) => agent.destroy()),
    send: (call, read) => {
      let refusals = 0
      return withRetries(() => limit.run(() => attempt(call, read)), {
        ...options.retries,
        retryAfterMs: (error) => (error instanceof HttpProblem ? error.retryAfterMs : undefined),
        classify: (error) => {
          if (systemErrorCode(error) === 'ECONNREFUSED') {
            refusals += 1
            return refusals > REFUSALS ? 'fail' : 'retry'
          }
          return isPassing(error) ? 'retry' : 'fail'
        },
      })
    },
  }
}

/** Returns whether a request that failed so may have been carried out, or may succeed when repeated. */
export function isPassing(error: unknown): boolean {
  if (error instanceof HttpProblem) return error.isPassing
  if (isDsvError(error, 'DSV_REMOTE_STALLED')) return true
  return PASSING_CODES.has(systemErrorCode(error) ?? '')
}

function passing(message: IncomingMessage): HttpProblem {
  const status = message.statusCode ?? 0
  return new HttpProblem(describeStatus(message), {
    isPassing: true,
    status,
    retryAfterMs: parseRetryAfter(message.headers['retry-after'], Date.now()),
  })
}

function describeStatus({ statusCode, headers }: IncomingMessage): string {
  const id = headers['x-request-id']
  return `it answered ${statusCode}${typeof id === 'string' ? ` (request ${id.slice(0, 100)})` : ''}`
}

function redirectOf(message: IncomingMessage, url: URL, call: HttpCall): URL | undefined {
  const { statusCode = 0, headers } = message
  if (![301, 302, 303, 307, 308].includes(statusCode)) return undefined
  if (call.method !== 'GET' && call.method !== 'HEAD') {
    message.destroy()
    throw new HttpProblem('It redirects what is to be written')
  }
  if (headers.location === undefined || !URL.canParse(headers.location, url.href)) {
    message.destroy()
    throw new HttpProblem('It redirects to nowhere')
  }
  const next = new URL(headers.location, url)
  next.username = ''
  next.password = ''
  return next
}

interface Connection {
  readonly agent: http.Agent
  readonly token: string | undefined
  readonly watch: StallWatch
}

/** Sends a request and resolves with the head of its answer. */
async function exchange(
  url: URL,
  call: HttpCall,
  { agent, token, watch }: Connection,
): Promise<IncomingMessage> {
  const { method, body } = call
  const isExpecting = body !== undefined && body.length > EXPECT_BYTES
  return new Promise((resolve, reject) => {
    const request = (url.protocol === 'https:' ? https : http).request(url, {
      method,
      agent,
      signal: watch.signal,
      headers: {
        'accept-encoding': 'identity',
        'user-agent': 'dsv',
        ...(body !== undefined && { 'content-length': String(body.length) }),
        ...(isExpecting && { expect: '100-continue' }),
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
        ...call.headers,
      },
    })
    let isSending = false
    const send = (): void => {
      if (isSending || request.destroyed) return
      isSending = true
      if (body === undefined) request.end()
      else sendBody(request, body, watch)
    }
    // Not every proxy knows what is expected of it.
    const timer = setTimeout(send, isExpecting ? EXPECT_WAIT_MS : 0)
    request.once('continue', send)
    // A server that checks what it was sent has a reason to be silent.
    if (method === 'PUT') request.once('finish', () => allowSilence(request, watch))
    request.once('response', (message) => {
      clearTimeout(timer)
      isSending = true
      // The connection of a body that nobody wanted is of no use.
      if (!request.writableEnded) message.once('close', () => request.destroy())
      resolve(message)
    })
    request.once('error', (error) => {
      clearTimeout(timer)
      reject(error)
    })
    if (isExpecting) request.flushHeaders()
    else send()
  })
}

function allowSilence(request: http.ClientRequest, watch: StallWatch): void {
  const untilMs = Date.now() + SILENCE_MS
  const say = (): void => {
    if (Date.now() < untilMs) watch.moved(NOT_STALLED_BYTES)
  }
  say()
  const timer = setInterval(say, 1_000)
  request.once('response', () => clearInterval(timer))
  request.once('close', () => clearInterval(timer))
}

const PIECE_BYTES = 64 * 1024

function sendBody(request: http.ClientRequest, body: Uint8Array, watch: StallWatch): void {
  const sendFrom = (at: number): void => {
    if (request.destroyed) return
    if (at >= body.length) {
      request.end()
      return
    }
    const piece = body.subarray(at, at + PIECE_BYTES)
    request.write(piece, (error) => {
      if (error !== undefined && error !== null) return
      watch.moved(piece.length)
      sendFrom(at + PIECE_BYTES)
    })
  }
  sendFrom(0)
}

function replyOf(message: IncomingMessage, watch: StallWatch): HttpReply {
  return {
    status: message.statusCode ?? 0,
    headers: message.headers,
    async *pieces(most) {
      const encoding = message.headers['content-encoding'] ?? 'identity'
      if (encoding !== 'identity') {
        throw new HttpProblem('It compresses what should come as it is')
      }
      let sizeBytes = 0
      try {
        for await (const piece of message as AsyncIterable<Uint8Array>) {
          watch.moved(piece.length)
          sizeBytes += piece.length
          if (sizeBytes > most) throw new HttpProblem('It sends more than there should be')
          yield piece
        }
      } catch (error) {
        if (error instanceof HttpProblem || watch.signal.aborted) throw error
        throw new HttpProblem('Its answer is cut off', { isPassing: true })
      }
      if (!message.complete) throw new HttpProblem('Its answer is cut off', { isPassing: true })
    },
  }
}
