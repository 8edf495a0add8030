import {
  checkStoragePath,
  checkStoragePrefix,
  storageConflict,
  type StorageDriver,
  type StorageEntry,
  storageNotFound,
  type StoragePath,
} from '@dsv/store'
import { listS3 } from './list-s3.ts'
import { parseS3Address } from './parse-s3-address.ts'
import { readS3, type S3Bytes, type S3Range } from './read-s3.ts'
import { s3AnswerOf } from './s3-answer.ts'
import { connectS3, type S3Connection, type S3Context } from './s3-connection.ts'
import { isOutcomeUnknown, isTransient, s3Error, WrongAnswer } from './s3-errors.ts'
import { md5Header, uploadInParts } from './upload-in-parts.ts'

const MIB = 1024 * 1024
/** Rounds of a write that finds a file which is gone when it looks. */
const ROUNDS = 5

/**
 * Returns the storage in a bucket of Amazon S3, or of a server that speaks its protocol. Sends nothing
 * yet.
 *
 * Keys come from the environment, from the files in `~/.aws`, or from the machine's role; so does the
 * endpoint when no option says it (`AWS_ENDPOINT_URL_S3`).
 *
 * @param address `s3://bucket/prefix`
 * @param options `endpoint`, `region`, `path-style`, `profile`, `unsigned`
 * @throws `DSV_REMOTE_URL_INVALID`, `DSV_REMOTE_OPTION_INVALID`
 */
export async function s3Driver(
  address: string,
  options: Readonly<Record<string, string>> = {},
  context: S3Context = {},
): Promise<StorageDriver> {
  const { env = process.env } = context
  const elsewhere = env['AWS_ENDPOINT_URL_S3'] ?? env['AWS_ENDPOINT_URL']
  const where = parseS3Address(address, { ...(elsewhere && { endpoint: elsewhere }), ...options })
  const connection = await connectS3(where, context)
  const { askFromBytes = MIB, inPartsFromBytes = 80 * MIB, partBytes = 8 * MIB } = context
  const { location } = where
  const keyOf = (path: StoragePath): string => where.prefix + path

  async function guarded<Result>(path: StoragePath, run: () => Promise<Result>): Promise<Result> {
    checkStoragePath(path)
    try {
      return await run()
    } catch (error) {
      throw s3Error(error, where, path)
    }
  }
  /** Undefined when there is no such file. */
  async function tryRead(path: StoragePath, range?: S3Range): Promise<S3Bytes | undefined> {
    try {
      return await readS3(connection, keyOf(path), range)
    } catch (error) {
      if (isMissingFile(error)) return undefined
      throw error
    }
  }
  async function sizeOf(path: StoragePath): Promise<number | undefined> {
    const found = await connection.head(keyOf(path))
    if (found === undefined) return undefined
    if (found.ContentLength === undefined)
      throw new WrongAnswer('the server did not say how long it is')
    return found.ContentLength
  }
  /** Returns false when there is another file of this name, as it seems. */
  async function writeNew(path: StoragePath, bytes: Uint8Array): Promise<boolean> {
    // A push that was broken off has left its packs.
    const isAsked = bytes.length >= Math.min(askFromBytes, inPartsFromBytes)
    if (isAsked && (await sizeOf(path)) === bytes.length) return true
    if (bytes.length < inPartsFromBytes) return putNew(connection, keyOf(path), bytes)
    return uploadInParts(connection, { key: keyOf(path), bytes, partBytes })
  }

  return {
    location,
    localFolder: undefined,
    packBelowBytes: 16 * MIB,
    read: (path) =>
      guarded(path, async () => {
        const found = await tryRead(path)
        if (found === undefined) throw storageNotFound(location, path)
        return found.bytes
      }),
    readRange: (path, offset, length) =>
      guarded(path, async () => {
        // No range of HTTP is empty.
        const found =
          length > 0
            ? await tryRead(path, { offset, length })
            : (await sizeOf(path)) === undefined
              ? undefined
              : { bytes: Buffer.alloc(0) }
        if (found === undefined) throw storageNotFound(location, path)
        return found.bytes
      }),
    sizeOf: (path) => guarded(path, () => sizeOf(path)),
    write: (path, bytes) =>
      guarded(path, async () => {
        for (let round = 1; round <= ROUNDS; round += 1) {
          if (await writeNew(path, bytes)) return
          const there = await sizeOf(path)
          if (there === bytes.length) return
          // A file is named by its content: one of another size is damaged.
          if (there !== undefined) await deleteKey(connection, keyOf(path))
        }
        throw storageConflict(location, path)
      }),
    list: (prefix) => guardedListing(connection, prefix),
    delete: (path) => guarded(path, () => deleteKey(connection, keyOf(path))),
    readVersioned: (path) =>
      guarded(path, async () => {
        const found = await tryRead(path)
        if (found === undefined) return undefined
        if (found.etag === undefined) throw new WrongAnswer('the server gave the file no ETag')
        return { bytes: found.bytes, version: found.etag }
      }),
    replaceIf: (path, expected, bytes) =>
      guarded(path, async () => {
        const version = await putIf(connection, keyOf(path), { expected, bytes })
        if (version === undefined) throw storageConflict(location, path)
        return version
      }),
    // A bucket has made durable what it has confirmed.
    flush: async () => {},
    close: async () => connection.close(),
  }
}

async function* guardedListing(
  connection: S3Connection,
  prefix: StoragePath,
): AsyncGenerator<StorageEntry> {
  checkStoragePrefix(prefix)
  try {
    yield* listS3(connection, prefix)
  } catch (error) {
    throw s3Error(error, connection.address, prefix)
  }
}

function isMissingFile(error: unknown): boolean {
  const { status, code } = s3AnswerOf(error)
  return status === 404 && code !== 'NoSuchBucket'
}

/** Writes a file in one request; false when there is one. */
async function putNew(
  { sdk, address, request, hasChecksums }: S3Connection,
  key: string,
  bytes: Uint8Array,
): Promise<boolean> {
  const input = {
    Bucket: address.bucket,
    Key: key,
    Body: bytes,
    IfNoneMatch: '*',
    ...(!hasChecksums && { ContentMD5: md5Header(bytes) }),
  }
  try {
    await request(({ client, options }) => client.send(new sdk.PutObjectCommand(input), options))
    return true
  } catch (error) {
    const { status } = s3AnswerOf(error)
    if (status === 412 || status === 409) return false
    throw error
  }
}

/** Compare-and-swap by ETag; undefined when somebody else was first. */
async function putIf(
  { sdk, address, request, hasChecksums }: S3Connection,
  key: string,
  { expected, bytes }: { readonly expected: string | undefined; readonly bytes: Uint8Array },
): Promise<string | undefined> {
  const input = {
    Bucket: address.bucket,
    Key: key,
    Body: bytes,
    ...(expected === undefined ? { IfNoneMatch: '*' } : { IfMatch: expected }),
    ...(!hasChecksums && { ContentMD5: md5Header(bytes) }),
  }
  try {
    // Sent twice, a request whose answer got lost would be refused because of itself.
    const mayRepeat = (error: unknown): boolean => isTransient(error) && !isOutcomeUnknown(error)
    const { ETag: version } = await request(
      ({ client, options }) => client.send(new sdk.PutObjectCommand(input), options),
      {
        mayRepeat,
      },
    )
    if (version === undefined) throw new WrongAnswer('the server gave the file no ETag')
    return version
  } catch (error) {
    const { status } = s3AnswerOf(error)
    if (status === 412 || status === 409) return undefined
    if (expected !== undefined && isMissingFile(error)) return undefined
    throw error
  }
}

async function deleteKey({ sdk, address, request }: S3Connection, key: string): Promise<void> {
  const input = { Bucket: address.bucket, Key: key }
  try {
    await request(({ client, options }) => client.send(new sdk.DeleteObjectCommand(input), options))
  } catch (error) {
    if (!isMissingFile(error)) throw error
  }
}
