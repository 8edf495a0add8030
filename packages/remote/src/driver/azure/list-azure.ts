import { checkStoragePath, isDsvError, type StorageEntry, type StoragePath } from '@dsv/store'
import type { AzureConnection } from './azure-connection.ts'
import { WrongAnswer } from './azure-errors.ts'

const PAGE_NAMES = 5000

/**
 * Lists the files below a prefix. Names that no storage has, and the folders of accounts with a
 * hierarchical namespace, are left out.
 */
export async function* listAzure(
  { container, address, request }: AzureConnection,
  prefix: StoragePath,
): AsyncGenerator<StorageEntry> {
  let token: string | undefined
  let before = ''
  do {
    const from = token
    const page = await request((abortSignal) =>
      onePage(container, address.prefix + prefix, from, abortSignal),
    )
    for (const { name, properties, metadata } of page.segment.blobItems) {
      if (!name.startsWith(address.prefix + prefix)) {
        throw new WrongAnswer('the server listed a name that was not asked for')
      }
      const path = name.slice(address.prefix.length)
      const sizeBytes = properties.contentLength
      if (metadata?.['hdi_isfolder'] === 'true' || !isPath(path)) continue
      if (sizeBytes === undefined)
        throw new WrongAnswer('the server listed a file without its size')
      if (path <= before) throw new WrongAnswer('the server listed names out of their order')
      before = path
      yield { path, sizeBytes, modifiedMs: properties.lastModified.getTime() }
    }
    token = page.continuationToken === '' ? undefined : page.continuationToken
    if (token !== undefined && token === from) throw new WrongAnswer('the listing has no end')
  } while (token !== undefined)
}

type Container = AzureConnection['container']
type Page = Awaited<
  ReturnType<ReturnType<ReturnType<Container['listBlobsFlat']>['byPage']>['next']>
>['value']

async function onePage(
  container: Container,
  prefix: string,
  from: string | undefined,
  abortSignal: AbortSignal,
): Promise<Page> {
  const pages = container
    .listBlobsFlat({ prefix, includeMetadata: true, abortSignal })
    .byPage({ maxPageSize: PAGE_NAMES, ...(from !== undefined && { continuationToken: from }) })
  const { value, done } = await pages.next()
  if (done === true || value === undefined) throw new WrongAnswer('the server sent no page')
  return value
}

function isPath(path: string): boolean {
  try {
    checkStoragePath(path)
    return true
  } catch (error) {
    if (isDsvError(error, 'DSV_STORAGE_PATH_INVALID')) return false
    throw error
  }
}
