import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { remember } from '../../serve/open-storage.ts'

/** A server of a test. */
export interface TinyServer {
  readonly url: string
  /** What it was asked, as `GET /root`. */
  readonly asked: readonly string[]
  /** What was sent as `Authorization`, in the same order. */
  readonly tokens: readonly (string | undefined)[]
}

/** Starts a server that answers as a test wants it. */
export async function tinyServer(answer: http.RequestListener): Promise<TinyServer> {
  const asked: string[] = []
  const tokens: (string | undefined)[] = []
  const server = http.createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`)
    tokens.push(request.headers.authorization)
    request.resume()
    answer(request, response)
  })
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const url = `http://127.0.0.1:${port}/`
  const close = async (): Promise<void> => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
  remember({ url, close })
  return { url, asked, tokens }
}

/** What a server of files knows. */
export interface StaticServerOptions {
  readonly hasRanges?: boolean
  readonly hasHead?: boolean
  readonly hasLength?: boolean
  readonly hasEtag?: boolean
}

/** Starts a server that gives files and takes none. */
export async function staticServer(
  files: ReadonlyMap<string, Uint8Array>,
  options: StaticServerOptions = {},
): Promise<TinyServer> {
  const { hasRanges = true, hasHead = true, hasLength = true, hasEtag = true } = options
  return tinyServer((request, response) => {
    const bytes = files.get(decodeURIComponent((request.url ?? '').slice(1)))
    const isRead = request.method === 'GET' || (hasHead && request.method === 'HEAD')
    if (!isRead) return void response.writeHead(405).end()
    if (bytes === undefined) return void response.writeHead(404).end('no such file')
    if (hasEtag) response.setHeader('etag', `"${bytes.length}"`)
    const [, first, last] = /^bytes=(\d*)-(\d*)$/.exec(request.headers.range ?? '') ?? []
    if (!hasRanges || first === undefined || last === undefined) {
      if (hasLength) response.setHeader('content-length', bytes.length)
      return void response.end(request.method === 'HEAD' ? undefined : bytes)
    }
    const start = first === '' ? Math.max(0, bytes.length - Number(last)) : Number(first)
    const end = first === '' || last === '' ? bytes.length : Number(last) + 1
    if (start >= bytes.length) {
      return void response.writeHead(416, { 'content-range': `bytes */${bytes.length}` }).end()
    }
    const part = bytes.subarray(start, end)
    const range = `bytes ${start}-${start + part.length - 1}/${bytes.length}`
    response.writeHead(206, { 'content-range': range, 'content-length': part.length })
    response.end(part)
  })
}
