import {
  checkStoragePath,
  checkStoragePrefix,
  storageConflict,
  type StorageDriver,
  type StorageEntry,
  storageNotFound,
  type StoragePath,
} from '@dsv/store'
import { type AzureConnection, type AzureContext, connectAzure } from './azure-connection.ts'
import {
  azureError,
  isConditionFailed,
  isMissingBlob,
  isOutcomeUnknown,
  isTransient,
  WrongAnswer,
} from './azure-errors.ts'
import { listAzure } from './list-azure.ts'
import { parseAzureAddress } from './parse-azure-address.ts'
import { type AzureBytes, readAzure } from './read-azure.ts'
import { slicedBody } from './sliced-body.ts'
import { uploadInBlocks } from './upload-in-blocks.ts'

const MIB = 1024 * 1024
/** Rounds of a write that finds a file which is gone when it looks. */
const ROUNDS = 5

/**
 * Returns the storage in a container of Azure Blob Storage. Sends nothing yet.
 *
 * @param address `azure://account/container/prefix`
 * @param options `endpoint`, `unsigned`
 * @throws `DSV_REMOTE_URL_INVALID`, `DSV_REMOTE_OPTION_INVALID`, `DSV_REMOTE_CREDENTIALS_MISSING`
 */
export async function azureDriver(
  address: string,
  options: Readonly<Record<string, string>> = {},
  context: AzureContext = {},
): Promise<StorageDriver> {
  const where = parseAzureAddress(address, options)
  const connection = await connectAzure(where, context)
  const { inBlocksAboveBytes = 64 * MIB, blockBytes = 8 * MIB } = context
  const { location } = where
  const nameOf = (path: StoragePath): string => where.prefix + path

  async function guarded<Result>(path: StoragePath, run: () => Promise<Result>): Promise<Result> {
    checkStoragePath(path)
    try {
      return await run()
    } catch (error) {
      throw azureError(error, where, connection.credentials, path)
    }
  }
  async function sizeOf(path: StoragePath): Promise<number | undefined> {
    try {
      const { contentLength } = await connection.request((abortSignal) =>
        connection.container.getBlobClient(nameOf(path)).getProperties({ abortSignal }),
      )
      if (contentLength === undefined) throw new WrongAnswer('the server gave the file no size')
      return contentLength
    } catch (error) {
      // An answer to HEAD has no body; without a reason in its headers it is the file that is missing.
      if (isMissingBlob(error)) return undefined
      throw error
    }
  }
  /** Azure has no ranges from the end, and none that are empty. */
  async function readRange(
    path: StoragePath,
    offset: number,
    length: number,
  ): Promise<AzureBytes | undefined> {
    if (offset >= 0 && length > 0) return readAzure(connection, nameOf(path), { offset, length })
    const sizeBytes = await sizeOf(path)
    if (sizeBytes === undefined) return undefined
    const from = offset < 0 ? Math.max(0, sizeBytes + offset) : offset
    const within = Math.min(length, sizeBytes - from)
    if (within <= 0) return { bytes: Buffer.alloc(0), etag: undefined }
    return readAzure(connection, nameOf(path), { offset: from, length: within })
  }
  /** Returns false when there is a file of this name. */
  async function writeNew(path: StoragePath, bytes: Uint8Array): Promise<boolean> {
    if (bytes.length > inBlocksAboveBytes) {
      if ((await sizeOf(path)) === bytes.length) return false
      return uploadInBlocks(connection, { name: nameOf(path), bytes, blockBytes })
    }
    return (await put(connection, nameOf(path), { bytes })) !== undefined
  }

  return {
    location,
    localFolder: undefined,
    packBelowBytes: 16 * MIB,
    read: (path) =>
      guarded(path, async () => {
        const found = await readAzure(connection, nameOf(path))
        if (found === undefined) throw storageNotFound(location, path)
        return found.bytes
      }),
    readRange: (path, offset, length) =>
      guarded(path, async () => {
        const found = await readRange(path, offset, length)
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
          if (there !== undefined) await deleteBlob(connection, nameOf(path))
        }
        throw storageConflict(location, path)
      }),
    list: (prefix) => guardedListing(connection, prefix),
    delete: (path) => guarded(path, () => deleteBlob(connection, nameOf(path))),
    readVersioned: (path) =>
      guarded(path, async () => {
        const found = await readAzure(connection, nameOf(path))
        if (found === undefined) return undefined
        if (found.etag === undefined) throw new WrongAnswer('the server gave the file no ETag')
        return { bytes: found.bytes, version: found.etag }
      }),
    replaceIf: (path, expected, bytes) =>
      guarded(path, async () => {
        const version = await put(connection, nameOf(path), { bytes, expected, isSwap: true })
        if (version === undefined) throw storageConflict(location, path)
        return version
      }),
    // Azure has made durable what it has confirmed.
    flush: async () => {},
  }
}

async function* guardedListing(
  connection: AzureConnection,
  prefix: StoragePath,
): AsyncGenerator<StorageEntry> {
  checkStoragePrefix(prefix)
  try {
    yield* listAzure(connection, prefix)
  } catch (error) {
    throw azureError(error, connection.address, connection.credentials, prefix)
  }
}

interface Put {
  readonly bytes: Uint8Array
  /** The ETag that the file must have; undefined when there must be none. */
  readonly expected?: string | undefined
  /** Whether it matters who was first. */
  readonly isSwap?: boolean
}

/** Writes a file in one request and returns its ETag; undefined when the condition does not hold. */
async function put(
  { container, request }: AzureConnection,
  name: string,
  { bytes, expected, isSwap = false }: Put,
): Promise<string | undefined> {
  const conditions = expected === undefined ? { ifNoneMatch: '*' } : { ifMatch: expected }
  const body = slicedBody(bytes)
  // Sent twice, a request whose answer got lost would be refused because of itself.
  const mayRepeat = (error: unknown): boolean =>
    isTransient(error) && !(isSwap && isOutcomeUnknown(error))
  try {
    const { etag } = await request(
      (abortSignal) =>
        container.getBlockBlobClient(name).upload(body, bytes.length, { abortSignal, conditions }),
      { mayRepeat },
    )
    if (etag === undefined) throw new WrongAnswer('the server gave the file no ETag')
    return etag
  } catch (error) {
    if (isConditionFailed(error) || (expected !== undefined && isMissingBlob(error))) {
      return undefined
    }
    throw error
  }
}

async function deleteBlob({ container, request }: AzureConnection, name: string): Promise<void> {
  try {
    await request((abortSignal) => container.getBlobClient(name).delete({ abortSignal }))
  } catch (error) {
    if (!isMissingBlob(error)) throw error
  }
}
