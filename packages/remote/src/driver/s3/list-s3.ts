import type { _Object as ListedObject, ListObjectsV2CommandOutput } from '@aws-sdk/client-s3'
import { checkStoragePath, isDsvError, type StorageEntry } from '@dsv/store'
import type { S3Connection } from './s3-connection.ts'
import { WrongAnswer } from './s3-errors.ts'

/** Pages without any key in a row that a listing may have. */
const EMPTY_PAGES = 100

/**
 * Lists the files whose key begins with the prefix of the connection and then `prefix`, page by page.
 * Keys that no repository has (the folders that consoles make) are passed over. Throws what the SDK
 * throws, and at a listing that goes round or is not sorted.
 *
 * @yields one entry for each file, sorted by path
 */
export async function* listS3(
  connection: S3Connection,
  prefix: string,
): AsyncGenerator<StorageEntry> {
  const start = connection.address.prefix
  let token: string | undefined
  let previous = ''
  let empty = 0
  do {
    const page = await readPage(connection, start + prefix, token)
    const keys = page.Contents ?? []
    for (const object of keys) {
      const key = keyOf(object, page)
      if (!key.startsWith(start + prefix)) {
        throw new WrongAnswer(`the listing of ${start + prefix} has the key ${JSON.stringify(key)}`)
      }
      // By the bytes of UTF-8, which is another order than that of strings.
      if (Buffer.compare(Buffer.from(key), Buffer.from(previous)) <= 0)
        throw new WrongAnswer('the listing is not sorted')
      previous = key
      const path = key.slice(start.length)
      if (isStoragePath(path)) yield entryOf(path, object)
    }
    empty = keys.length === 0 ? empty + 1 : 0
    if (page.IsTruncated !== true) return
    const next = page.NextContinuationToken
    if (next === undefined || next === token || empty > EMPTY_PAGES) {
      throw new WrongAnswer('the listing has no end')
    }
    token = next
  } while (token !== undefined)
}

async function readPage(
  { sdk, address, request }: S3Connection,
  prefix: string,
  token: string | undefined,
): Promise<ListObjectsV2CommandOutput> {
  return request(({ client, options }) =>
    client.send(
      new sdk.ListObjectsV2Command({
        Bucket: address.bucket,
        Prefix: prefix,
        // XML cannot hold all keys as they are.
        EncodingType: 'url',
        ...(token !== undefined && { ContinuationToken: token }),
      }),
      options,
    ),
  )
}

function keyOf({ Key: key = '' }: ListedObject, page: ListObjectsV2CommandOutput): string {
  if (page.EncodingType !== 'url') return key
  try {
    return decodeURIComponent(key.replaceAll('+', ' '))
  } catch (error) {
    throw new WrongAnswer(`the listing has the key ${JSON.stringify(key)}`, { cause: error })
  }
}

function isStoragePath(path: string): boolean {
  try {
    checkStoragePath(path)
    return true
  } catch (error) {
    if (isDsvError(error, 'DSV_STORAGE_PATH_INVALID')) return false
    throw error
  }
}

function entryOf(
  path: string,
  { Size: sizeBytes, LastModified: modified }: ListedObject,
): StorageEntry {
  const modifiedMs = modified?.getTime()
  if (sizeBytes === undefined || !Number.isSafeInteger(sizeBytes) || sizeBytes < 0) {
    throw new WrongAnswer(`the listing does not say how large ${path} is`)
  }
  // Garbage collection goes by this time.
  if (modifiedMs === undefined || Number.isNaN(modifiedMs)) {
    throw new WrongAnswer(`the listing does not say how old ${path} is`)
  }
  return { path, sizeBytes, modifiedMs }
}
