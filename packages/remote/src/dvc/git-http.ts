import { Buffer } from 'node:buffer'
import type { GitHttpRequest, GitHttpResponse, HttpClient } from 'isomorphic-git'
import { type StallOptions, withStallWatch } from '../driver/shared/stall.ts'
import { gitFailed } from '../errors.ts'

/** Who asks a Git host, and which host may know. */
export interface GitCredentials {
  /** Sent to this host and port only (`example.org`, `example.org:8443`), and only over https. */
  readonly host: string
  readonly username: string
  readonly token: string
}

/** Settings of {@link gitHttp}. */
export interface GitHttpOptions {
  readonly credentials?: GitCredentials | undefined
  /** How many bytes all answers together may have; 4 GiB by default. */
  readonly maxBytes?: number
  /** When a request is given up. */
  readonly stall?: StallOptions
}

const MAX_REDIRECTS = 5
/** While a host collects what it will send, it only sends some bytes now and then to say that it lives. */
const PATIENCE = { bytesPerSecond: 0.1, windowMs: 60_000 }
const LONGEST_MS = 3_600_000

/**
 * Returns what isomorphic-git asks hosts with: answers are bounded, slow ones are given up, and
 * credentials go to their own host only, whatever a redirect says.
 */
export function gitHttp(location: string, options: GitHttpOptions = {}): HttpClient {
  const { credentials, maxBytes = 4 * 2 ** 30, stall = {} } = options
  let left = maxBytes
  // A host that moved a repository says so once; what follows goes to the new place.
  let moved: readonly [from: string, to: string] | undefined

  async function request({
    url,
    method = 'GET',
    headers = {},
    body,
  }: GitHttpRequest): Promise<GitHttpResponse> {
    const sent = method === 'POST' ? await collectBody(body) : undefined
    let target = new URL(
      moved !== undefined && url.startsWith(moved[0]) ? moved[1] + url.slice(moved[0].length) : url,
    )
    const patience = { ...PATIENCE, ...stall, signal: AbortSignal.timeout(LONGEST_MS) }
    return withStallWatch(location, patience, async ({ signal, moved: count }) => {
      for (let hop = 0; hop <= MAX_REDIRECTS; hop += 1) {
        const response = await fetch(target, {
          method,
          headers: { ...headers, ...authorization(target, credentials) },
          redirect: 'manual',
          signal,
          ...(sent === undefined ? {} : { body: sent }),
        })
        const next = response.headers.get('location')
        if (response.status < 300 || response.status > 399 || next === null) {
          const received = await collect(response, count)
          return {
            url: target.href,
            method,
            statusCode: response.status,
            statusMessage: response.statusText,
            headers: Object.fromEntries(response.headers),
            body: oneChunk(received),
          }
        }
        await response.body?.cancel()
        const to = new URL(next, target)
        if (to.protocol !== target.protocol && to.protocol !== 'https:') {
          throw gitFailed(location, `it redirects to ${to.origin}, which is no https://`)
        }
        if (method !== 'GET') throw gitFailed(location, 'it redirects what cannot be sent twice')
        noteMove(url, to.href)
        target = to
      }
      throw gitFailed(location, 'it redirects too often')
    })
  }
  function noteMove(from: string, to: string): void {
    const suffix = '/info/refs?service=git-upload-pack'
    if (!from.endsWith(suffix) || !to.endsWith(suffix)) return
    moved = [from.slice(0, -suffix.length), to.slice(0, -suffix.length)]
  }
  async function collect(response: Response, count: (bytes: number) => void): Promise<Buffer> {
    const chunks: Uint8Array[] = []
    for await (const chunk of response.body ?? []) {
      const bytes: Uint8Array = chunk
      count(bytes.length)
      left -= bytes.length
      if (left < 0) throw gitFailed(location, 'it sends too much')
      chunks.push(bytes)
    }
    return Buffer.concat(chunks)
  }
  return { request }
}

function authorization(
  target: URL,
  credentials: GitCredentials | undefined,
): Readonly<Record<string, string>> {
  if (credentials === undefined || target.host !== credentials.host) return {}
  const isLoopback = ['127.0.0.1', '[::1]', 'localhost'].includes(target.hostname)
  if (target.protocol !== 'https:' && !isLoopback) return {}
  const { username, token } = credentials
  return { authorization: `Basic ${Buffer.from(`${username}:${token}`).toString('base64')}` }
}

async function collectBody(body: GitHttpRequest['body']): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  for await (const chunk of body ?? []) chunks.push(chunk)
  return Buffer.concat(chunks)
}

async function* oneChunk(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes
}
