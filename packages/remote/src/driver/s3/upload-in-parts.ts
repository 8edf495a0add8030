import { createHash } from 'node:crypto'
import type { CompletedPart, Part } from '@aws-sdk/client-s3'
import { s3AnswerOf } from './s3-answer.ts'
import type { S3Connection } from './s3-connection.ts'
import { isTransient, WrongAnswer } from './s3-errors.ts'

/** A file to be uploaded. */
export interface PartsUpload {
  readonly key: string
  readonly bytes: Uint8Array
  readonly partBytes: number
}

const MOST_PARTS = 10_000
/** Pages of a listing that are read at most: ten hold all parts that an upload can have. */
const MOST_PAGES = 100
/** An upload that vanishes under us is begun again this often. */
const ATTEMPTS = 3

/**
 * Uploads a file in parts, several at once, and returns whether it is there now: false when another
 * upload of the same key was faster.
 *
 * An upload that was killed is continued: of the newest one for this key those parts are kept whose size
 * and MD5 are right. (With encryption by key service an ETag is no MD5; then all parts are sent again.)
 */
export async function uploadInParts(
  connection: S3Connection,
  upload: PartsUpload,
): Promise<boolean> {
  const [newest, ...others] = await findUploads(connection, upload.key)
  let uploadId = newest
  for (let attempt = 1; ; attempt += 1) {
    const isContinued = uploadId !== undefined
    uploadId ??= await createUpload(connection, upload.key)
    try {
      const known = isContinued ? await listParts(connection, upload.key, uploadId) : NO_PARTS
      const parts = await sendParts(connection, upload, { uploadId, known })
      const isNew = await complete(connection, upload.key, { uploadId, parts })
      const left = isNew ? others : [uploadId, ...others]
      for (const each of left) await abortUpload(connection, upload.key, each)
      return isNew
    } catch (error) {
      const isGone = s3AnswerOf(error).code === 'NoSuchUpload'
      // What a later run can continue stays.
      const isHopeless = !isGone && !isTransient(error)
      if (isHopeless) await abortUpload(connection, upload.key, uploadId)
      // Another program may have begun it in a way that ours does not fit.
      const mayBeginAgain = isGone || (isHopeless && isContinued)
      if (!mayBeginAgain || attempt === ATTEMPTS) throw error
      if (isGone && (await connection.head(upload.key)) !== undefined) return false
      uploadId = undefined
    }
  }
}

const NO_PARTS: ReadonlyMap<number, Part> = new Map()

/** Returns the unfinished uploads of a key, newest first; none where that cannot be asked. */
async function findUploads(
  { sdk, address, request }: S3Connection,
  key: string,
): Promise<string[]> {
  try {
    const { Uploads: uploads = [] } = await request(({ client, options }) =>
      client.send(
        new sdk.ListMultipartUploadsCommand({ Bucket: address.bucket, Prefix: key }),
        options,
      ),
    )
    return uploads
      .filter((each) => each.Key === key)
      .toSorted((a, b) => (b.Initiated?.getTime() ?? 0) - (a.Initiated?.getTime() ?? 0))
      .flatMap(({ UploadId: id }) => (id === undefined ? [] : [id]))
  } catch (error) {
    // Uploading needs no right to list, and some servers cannot.
    const { status } = s3AnswerOf(error)
    if (status === 403 || status === 405 || status === 501) return []
    throw error
  }
}

async function createUpload(
  { sdk, address, request, hasChecksums }: S3Connection,
  key: string,
): Promise<string> {
  const input = { Bucket: address.bucket, Key: key }
  const create = hasChecksums ? { ...input, ChecksumAlgorithm: 'CRC32' as const } : input
  const { UploadId: uploadId } = await request(({ client, options }) =>
    client.send(new sdk.CreateMultipartUploadCommand(create), options),
  )
  if (uploadId === undefined) throw new WrongAnswer('the server gave the upload no id')
  return uploadId
}

async function listParts(
  { sdk, address, request }: S3Connection,
  key: string,
  uploadId: string,
): Promise<ReadonlyMap<number, Part>> {
  const known = new Map<number, Part>()
  let marker: string | undefined
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const output = await request(({ client, options }) =>
      client.send(
        new sdk.ListPartsCommand({
          Bucket: address.bucket,
          Key: key,
          UploadId: uploadId,
          ...(marker !== undefined && { PartNumberMarker: marker }),
        }),
        options,
      ),
    )
    for (const part of output.Parts ?? []) {
      if (part.PartNumber !== undefined) known.set(part.PartNumber, part)
    }
    const { IsTruncated: isTruncated, NextPartNumberMarker: next } = output
    if (isTruncated !== true || next === undefined || next === marker) break
    marker = next
  }
  return known
}

interface SendTo {
  readonly uploadId: string
  readonly known: ReadonlyMap<number, Part>
}

async function sendParts(
  connection: S3Connection,
  { key, bytes, partBytes }: PartsUpload,
  { uploadId, known }: SendTo,
): Promise<CompletedPart[]> {
  const size = Math.max(partBytes, Math.ceil(bytes.length / MOST_PARTS))
  const controller = new AbortController()
  const send = async (_: unknown, index: number): Promise<CompletedPart> => {
    const part = bytes.subarray(index * size, (index + 1) * size)
    const number = index + 1
    const there = known.get(number)
    if (there !== undefined && isSame(there, part)) return completed(number, there)
    const place = { key, uploadId, number }
    return sendPart(connection, place, { part, signal: controller.signal })
  }
  try {
    return await Promise.all(Array.from({ length: Math.ceil(bytes.length / size) }, send))
  } catch (error) {
    controller.abort(error)
    throw error
  }
}

/** Names a part. An upload that was begun with checksums wants them again. */
function completed(number: number, part: Omit<CompletedPart, 'PartNumber'>): CompletedPart {
  const { ETag, ChecksumCRC32, ChecksumCRC32C, ChecksumCRC64NVME, ChecksumSHA1, ChecksumSHA256 } =
    part
  return {
    PartNumber: number,
    ETag,
    ChecksumCRC32,
    ChecksumCRC32C,
    ChecksumCRC64NVME,
    ChecksumSHA1,
    ChecksumSHA256,
  }
}

function isSame(there: Part, part: Uint8Array): boolean {
  if (there.Size !== part.length) return false
  const md5 = createHash('md5').update(part).digest('hex')
  return there.ETag?.replaceAll('"', '').toLowerCase() === md5
}

async function sendPart(
  { sdk, address, request, hasChecksums }: S3Connection,
  place: { readonly key: string; readonly uploadId: string; readonly number: number },
  { part, signal }: { readonly part: Uint8Array; readonly signal: AbortSignal },
): Promise<CompletedPart> {
  const input = {
    Bucket: address.bucket,
    Key: place.key,
    UploadId: place.uploadId,
    PartNumber: place.number,
    Body: part,
    ...(!hasChecksums && { ContentMD5: md5Header(part) }),
  }
  const output = await request(
    ({ client, options }) => client.send(new sdk.UploadPartCommand(input), options),
    { signal },
  )
  if (output.ETag === undefined) throw new WrongAnswer('the server gave a part no ETag')
  return completed(place.number, output)
}

/** Returns the `Content-MD5` of a body, which every server checks. */
export function md5Header(bytes: Uint8Array): string {
  return createHash('md5').update(bytes).digest('base64')
}

/** Makes the file of its parts; false when there is one already. */
async function complete(
  { sdk, address, request }: S3Connection,
  key: string,
  { uploadId, parts }: { readonly uploadId: string; readonly parts: CompletedPart[] },
): Promise<boolean> {
  const input = {
    Bucket: address.bucket,
    Key: key,
    UploadId: uploadId,
    MultipartUpload: { Parts: parts },
    IfNoneMatch: '*',
  }
  try {
    await request(
      ({ client, options }) => client.send(new sdk.CompleteMultipartUploadCommand(input), options),
      { isSlow: true },
    )
    return true
  } catch (error) {
    const { status } = s3AnswerOf(error)
    if (status === 412 || status === 409) return false
    throw error
  }
}

/** Deletes the parts of an upload. That it fails changes nothing: buckets have rules for what is left. */
async function abortUpload(
  { sdk, address, request }: S3Connection,
  key: string,
  uploadId: string,
): Promise<void> {
  const input = {
    Bucket: address.bucket,
    Key: key,
    UploadId: uploadId,
  }
  try {
    await request(
      ({ client, options }) => client.send(new sdk.AbortMultipartUploadCommand(input), options),
      { mayRepeat: () => false },
    )
  } catch (error) {
    if (s3AnswerOf(error).code === '') throw error
  }
}
