import type { BlobDownloadResponseParsed } from '@azure/storage-blob'
import type { AzureConnection } from './azure-connection.ts'
import { azureAnswerOf, BrokenOff, isMissingBlob, WrongAnswer } from './azure-errors.ts'

/** Part of a file. */
export interface AzureRange {
  /** Not negative. */
  readonly offset: number
  /** At least 1. */
  readonly length: number
}

/** Bytes of a file and its ETag. */
export interface AzureBytes {
  readonly bytes: Buffer
  readonly etag: string | undefined
}

/** No file of a repository is larger: blobs are stored in chunks, packs and indexes have targets. */
const FILE_BYTES = 2 ** 31

/** Reads a file or a range of it, fewer bytes when the file ends before; undefined when there is none. */
export async function readAzure(
  connection: AzureConnection,
  name: string,
  range?: AzureRange,
): Promise<AzureBytes | undefined> {
  const blob = connection.container.getBlobClient(name)
  try {
    return await connection.request(async (abortSignal) => {
      const options = { abortSignal, maxRetryRequests: 0 }
      const answer =
        range === undefined
          ? await blob.download(0, undefined, options)
          : await blob.download(range.offset, range.length, options)
      return { bytes: await collect(answer, wantedOf(answer, range)), etag: answer.etag }
    })
  } catch (error) {
    // Nothing lies where the range begins.
    if (azureAnswerOf(error).status === 416) return { bytes: Buffer.alloc(0), etag: undefined }
    if (isMissingBlob(error)) return undefined
    throw error
  }
}

interface Wanted {
  /** Bytes of the answer before those that are wanted. */
  readonly skip: number
  readonly length: number
}

/** Finds out which bytes of an answer are those that were asked for. */
function wantedOf(answer: BlobDownloadResponseParsed, range: AzureRange | undefined): Wanted {
  const { contentLength: sent, contentRange } = answer
  if (sent === undefined || !Number.isSafeInteger(sent) || sent < 0) {
    throw new WrongAnswer('the server did not say how long the file is')
  }
  if (range === undefined) {
    if (sent > FILE_BYTES) throw new WrongAnswer(`the file has ${sent} bytes`)
    return { skip: 0, length: sent }
  }
  const match = /^bytes (\d{1,15})-(\d{1,15})\/(\d{1,15})$/.exec(contentRange ?? '')
  // An answer without a range brings the whole file.
  if (match === null) {
    return { skip: range.offset, length: Math.max(0, Math.min(range.length, sent - range.offset)) }
  }
  const [from, to, total] = [Number(match[1]), Number(match[2]), Number(match[3])]
  if (from !== range.offset || sent !== to - from + 1) {
    throw new WrongAnswer(
      `the server sent bytes ${from} to ${to} instead of those from ${range.offset} on`,
    )
  }
  const length = Math.min(range.length, sent)
  // Fewer than asked for is right only where the file ends.
  if (length < range.length && to + 1 !== total) throw new BrokenOff('the server sent too little')
  return { skip: 0, length }
}

/** Takes bytes until there are as many as wanted; more of them are not read. */
async function collect(answer: BlobDownloadResponseParsed, wanted: Wanted): Promise<Buffer> {
  const body = answer.readableStreamBody
  const chunks: Buffer[] = []
  let got = 0
  const end = wanted.skip + wanted.length
  if (body !== undefined) {
    const parts: AsyncIterable<unknown> = body
    for await (const part of parts) {
      if (!(part instanceof Uint8Array)) throw new BrokenOff('the answer is no bytes')
      const bytes = Buffer.from(part.buffer, part.byteOffset, part.byteLength)
      chunks.push(bytes.subarray(Math.max(0, wanted.skip - got), Math.max(0, end - got)))
      got += bytes.length
      // Stopping early costs the connection, so a body that ends by itself is read to its end.
      if (got >= end && (answer.contentLength ?? 0) > end) break
    }
  }
  if (got < end) throw new BrokenOff(`the answer broke off after ${got} of ${end} bytes`)
  return Buffer.concat(chunks)
}
