import { HttpProblem, type HttpReply } from './http-client.ts'

/** Which part of a file is wanted; a negative offset counts from its end. */
export interface WantedRange {
  readonly offset: number
  readonly length: number
}

/** A server without ranges sends all that lies before too; more than this is not waited for. */
const MOST_SKIPPED_BYTES = 256 * 1024 * 1024

/** Reads a body of at most `most` bytes. */
export async function readWhole(reply: HttpReply, most: number): Promise<Buffer> {
  const pieces: Uint8Array[] = []
  for await (const piece of reply.pieces(most)) pieces.push(piece)
  return Buffer.concat(pieces)
}

/** Returns the header that asks for a range. */
export function rangeHeader({ offset, length }: WantedRange): string {
  return offset < 0 ? `bytes=${offset}` : `bytes=${offset}-${offset + length - 1}`
}

/**
 * Reads the answer to a request with {@link rangeHeader}: the range, or the whole file from a server that
 * does not know ranges. A range that was not asked for is refused.
 */
export async function readPart(reply: HttpReply, wanted: WantedRange): Promise<Uint8Array> {
  return reply.status === 206 ? readRange(reply, wanted) : cutFromWhole(reply, wanted)
}

async function readRange(reply: HttpReply, wanted: WantedRange): Promise<Uint8Array> {
  const got = contentRange(reply)
  if (got === undefined || !isAnswerTo(got, wanted)) {
    throw new HttpProblem('It sends another range than it was asked for')
  }
  const bytes = await readWhole(reply, got.last - got.first + 1)
  if (bytes.length !== got.last - got.first + 1) {
    throw new HttpProblem('Its answer is cut off', { isPassing: true })
  }
  return bytes.subarray(0, wanted.length)
}

interface ContentRange {
  readonly first: number
  readonly last: number
  readonly sizeBytes: number
}

function contentRange({ headers }: HttpReply): ContentRange | undefined {
  const header = headers['content-range'] ?? ''
  const [, first, last, size] = /^bytes (\d{1,15})-(\d{1,15})\/(\d{1,15})$/.exec(header) ?? []
  if (first === undefined || last === undefined || size === undefined) return undefined
  const range = { first: Number(first), last: Number(last), sizeBytes: Number(size) }
  return range.first <= range.last && range.last < range.sizeBytes ? range : undefined
}

function isAnswerTo({ first, last, sizeBytes }: ContentRange, wanted: WantedRange): boolean {
  const { offset, length } = wanted
  if (offset < 0) return first === Math.max(0, sizeBytes + offset) && last === sizeBytes - 1
  return first === offset && last === Math.min(offset + length, sizeBytes) - 1
}

/** Returns the size of a file that an answer `416` or one to a single byte tells. */
export function sizeInRange({ headers }: HttpReply): number | undefined {
  const [, size] = /^bytes (?:\*|\d+-\d+)\/(\d{1,15})$/.exec(headers['content-range'] ?? '') ?? []
  return size === undefined ? undefined : Number(size)
}

/** Returns the size that an answer announces, when it does. */
export function contentLength({ headers }: HttpReply): number | undefined {
  const header = headers['content-length'] ?? ''
  return /^\d{1,15}$/.test(header) ? Number(header) : undefined
}

async function cutFromWhole(
  reply: HttpReply,
  { offset, length }: WantedRange,
): Promise<Uint8Array> {
  if (offset >= 0) return cutFrom(reply, offset, length)
  const sizeBytes = contentLength(reply)
  if (sizeBytes !== undefined) return cutFrom(reply, Math.max(0, sizeBytes + offset), length)
  const whole = await readWhole(reply, MOST_SKIPPED_BYTES)
  const start = Math.max(0, whole.length + offset)
  return whole.subarray(start, start + length)
}

async function cutFrom(reply: HttpReply, start: number, length: number): Promise<Uint8Array> {
  if (start > MOST_SKIPPED_BYTES) throw new HttpProblem('It does not send parts of large files')
  const taken: Uint8Array[] = []
  let at = 0
  for await (const piece of reply.pieces(Number.POSITIVE_INFINITY)) {
    const from = Math.max(0, start - at)
    const to = Math.min(piece.length, start + length - at)
    if (from < to) taken.push(piece.subarray(from, to))
    at += piece.length
    if (at >= start + length) break
  }
  return Buffer.concat(taken)
}
