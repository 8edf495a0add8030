import http from 'node:http'
import type { AddressInfo } from 'node:net'
import type { StallOptions } from '../driver/shared/stall.ts'
import { serveAddressUnavailable } from '../errors.ts'
import { answerRequests } from './answer-requests.ts'
import type { ServedStorage } from './exchange.ts'

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

const HEADER_BYTES = 16 * 1024
const IDLE_MS = 120_000

/**
 * Serves a storage over HTTP as `docs/remotes.md` says.
 *
 * @throws `DSV_SERVE_ADDRESS_UNAVAILABLE`
 */
export async function serveStorage(
  storage: ServedStorage,
  options: StorageServerOptions = {},
): Promise<RunningServer> {
  const { host = '127.0.0.1', port = 0, headersMs = 10_000, graceMs = 10_000 } = options
  const handle = answerRequests(storage, options)
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
    server.once('error', (error) => reject(serveAddressUnavailable(host, port, error)))
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
