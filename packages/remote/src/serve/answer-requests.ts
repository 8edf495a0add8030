import type { IncomingMessage, ServerResponse } from 'node:http'
import { isDsvError, systemErrorCode } from '@dsv/store'
import { type Answer, type Exchange, problem, PROTOCOL, type ServedStorage } from './exchange.ts'
import { BodyCutOff, BodyTooLarge } from './receive-body.ts'
import { routeRequests, type Work } from './route-request.ts'
import type { StorageServerOptions } from './storage-server.ts'

/** The body of a request that is refused is read up to here, so that the answer arrives. */
const MOST_UNREAD_BYTES = 1024 * 1024
type Handler = (request: IncomingMessage, response: ServerResponse) => void

/** Returns what handles every request: asks for the answer, sends it, and logs. */
export function answerRequests(storage: ServedStorage, options: StorageServerOptions): Handler {
  const { onRequest } = options
  const work = routeRequests(storage, options)
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
    response.once('close', () => {
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
    answer(exchange, work).catch((error: unknown) => {
      exchange.problem ??= error
      response.destroy()
    })
  }
}

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
