import type { GetObjectCommandOutput } from '@aws-sdk/client-s3'
import type { S3Attempt, S3Connection } from './s3-connection.ts'
import { s3AnswerOf } from './s3-answer.ts'
import { BrokenOff, WrongAnswer } from './s3-errors.ts'

/** Part of a file; a negative offset counts from the end. */
export interface S3Range {
  readonly offset: number
  /** At least 1. */
  readonly length: number
}

/** Bytes of a file and its ETag. */
export interface S3Bytes {
  readonly bytes: Buffer
  readonly etag: string | undefined
}

/** No file of a repository is larger: blobs are stored in chunks, packs and indexes have targets. */
const FILE_BYTES = 2 ** 31
/** Less than this is read again from its start when an answer breaks off. */
const RESUME_BYTES = 256 * 1024

/** What has arrived of a file so far; an answer that breaks off is continued where it did. */
interface Progress {
  chunks: Buffer[]
  got: number
  /** Known from the first answer on: where the bytes begin, how many are wanted, of which version. */
  place: Place | undefined
}

interface Place {
  readonly start: number
  readonly length: number
  readonly etag: string | undefined
}

/**
 * Reads a file or a range of it; fewer bytes when the file ends before. Throws what the SDK throws.
 */
export async function readS3(
  connection: S3Connection,
  key: string,
  range?: S3Range,
): Promise<S3Bytes> {
  const progress: Progress = { chunks: [], got: 0, place: undefined }
  try {
    await connection.request((attempt) => readOnce(connection, { key, range, progress }, attempt), {
      isFile: true,
    })
  } catch (error) {
    // Nothing lies where the range begins.
    if (range !== undefined && s3AnswerOf(error).status === 416) {
      return { bytes: Buffer.alloc(0), etag: undefined }
    }
    throw error
  }
  return { bytes: Buffer.concat(progress.chunks, progress.got), etag: progress.place?.etag }
}

interface Read {
  readonly key: string
  readonly range: S3Range | undefined
  readonly progress: Progress
}

async function readOnce(
  { sdk, address }: S3Connection,
  { key, range, progress }: Read,
  { client, options }: S3Attempt,
): Promise<void> {
  const rest = restOf(progress)
  const header = rest === undefined ? rangeHeader(range) : `bytes=${rest.from}-${rest.to}`
  let output: GetObjectCommandOutput
  try {
    const command = new sdk.GetObjectCommand({
      Bucket: address.bucket,
      Key: key,
      ...(header !== undefined && { Range: header }),
      ...(rest?.etag !== undefined && { IfMatch: rest.etag }),
    })
    output = await client.send(command, options)
  } catch (error) {
    if (rest === undefined || s3AnswerOf(error).status !== 412) throw error
    forget(progress)
    throw new BrokenOff('the file changed while it was read', { cause: error })
  }
  if (rest === undefined) progress.place = placeOf(output, range)
  else checkContinues(output, rest)
  await collect(output, progress)
}

/** What is still to be read; undefined when that is everything. Forgets what is not worth keeping. */
function restOf(progress: Progress): { from: number; to: number; etag: string } | undefined {
  const { place, got } = progress
  if (place?.etag === undefined || got < RESUME_BYTES) {
    forget(progress)
    return undefined
  }
  return { from: place.start + got, to: place.start + place.length - 1, etag: place.etag }
}

function forget(progress: Progress): void {
  progress.chunks = []
  progress.got = 0
  progress.place = undefined
}

function rangeHeader(range: S3Range | undefined): string | undefined {
  if (range === undefined) return undefined
  const { offset, length } = range
  return offset < 0 ? `bytes=${offset}` : `bytes=${offset}-${offset + length - 1}`
}

/** Finds out from an answer which bytes it brings, and how many of them were asked for. */
function placeOf(output: GetObjectCommandOutput, range: S3Range | undefined): Place {
  const { ContentLength: sent, ETag: etag } = output
  if (sent === undefined || !Number.isSafeInteger(sent) || sent < 0) {
    throw new WrongAnswer('the server did not say how long the file is')
  }
  if (range === undefined) {
    if (sent > FILE_BYTES) throw new WrongAnswer(`the file has ${sent} bytes`)
    return { start: 0, length: sent, etag }
  }
  const { from, to, total } = partOf(output, sent)
  const start = range.offset < 0 ? Math.max(0, total + range.offset) : range.offset
  if (from !== start || sent !== to - from + 1) {
    throw new WrongAnswer(
      `the server sent bytes ${from} to ${to} instead of those from ${start} on`,
    )
  }
  const length = Math.min(range.length, sent)
  // Fewer than asked for is right only where the file ends.
  if (length < range.length && to + 1 !== total) throw new BrokenOff('the server sent too little')
  return { start, length, etag }
}

/** Which bytes an answer brings. One without a range brings the whole file. */
function partOf(
  { ContentRange: header = '' }: GetObjectCommandOutput,
  sent: number,
): { readonly from: number; readonly to: number; readonly total: number } {
  const match = /^bytes (\d{1,15})-(\d{1,15})\/(\d{1,15})$/.exec(header)
  if (match === null) return { from: 0, to: sent - 1, total: sent }
  return { from: Number(match[1]), to: Number(match[2]), total: Number(match[3]) }
}

function checkContinues(output: GetObjectCommandOutput, rest: { from: number; to: number }): void {
  const { from, to } = partOf(output, output.ContentLength ?? 0)
  if (from !== rest.from || to !== rest.to) {
    throw new WrongAnswer(
      `the server sent bytes ${from} to ${to} instead of those from ${rest.from} on`,
    )
  }
}

/** Takes bytes until there are as many as wanted; more of them are not read. */
async function collect(output: GetObjectCommandOutput, progress: Progress): Promise<void> {
  const { Body: body } = output
  const wanted = progress.place?.length ?? 0
  if (body === undefined || !(Symbol.asyncIterator in body)) {
    if (progress.got < wanted) throw new BrokenOff('the answer had no body')
    return
  }
  const hasMore = (output.ContentLength ?? 0) > wanted - progress.got
  const chunks: AsyncIterable<unknown> = body
  for await (const chunk of chunks) {
    if (!(chunk instanceof Uint8Array)) throw new BrokenOff('the answer is no bytes')
    const taken = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
    progress.chunks.push(taken.subarray(0, wanted - progress.got))
    progress.got = Math.min(wanted, progress.got + taken.length)
    // Stopping early costs the connection.
    if (hasMore && progress.got === wanted) break
  }
  if (progress.got < wanted) {
    throw new BrokenOff(`the answer broke off after ${progress.got} of ${wanted} bytes`)
  }
}
