import fs from 'node:fs'
import type { IncomingMessage } from 'node:http'
import { Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { type StoragePath, systemErrorCode } from '@dsv/store'
import { withStallWatch } from '../driver/shared/stall.ts'
import {
  type Answer,
  etagOf,
  type Exchange,
  type FileContext,
  matches,
  problem,
  PROTOCOL,
} from './exchange.ts'
import { parseRange } from './parse-range.ts'

/** Answers `GET` and `HEAD`. */
export async function getFile(
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
