import {
  decodeCommit,
  decodeDataset,
  decodeFile,
  decodePath,
  fileIn,
  partDatasets,
  partFiles,
  renderSelection,
  type Repository,
  selectItems,
  type SnapshotPart,
} from '@dsv/core'
import {
  type AnyId,
  buildTree,
  type ObjectId,
  scanBatches,
  toObjectId,
  type TreeEntry,
  type TreeRef,
  type WriteSession,
} from '@dsv/store'
import { importNotFound, importSelectionInvalid } from '../errors.ts'
import { copyBlobs } from '../transfer/copy-blobs.ts'
import { planTransfer, type TransferContext } from '../transfer/copy-commits.ts'
import { missingBelow, type MissingObject } from '../transfer/missing-objects.ts'
import type { RemoteRepository } from '../transfer/remote-repository.ts'
import { sessionReader, storeSource } from '../transfer/store-source.ts'
import type { ImportSource, PartRequest, SourceFiles } from './import-source.ts'
import { joinPieces } from './join-pieces.ts'
import { remoteRevision } from './remote-revision.ts'

/** Returns a repository of ours as a source of imports. */
export function dsvSource(remote: RemoteRepository): ImportSource {
  return {
    kind: 'dsv',
    commitOf: async (revision) => remoteRevision(remote, revision),
    copyPart: async (repository, session, request) => ({
      ...(await copyPart(repository, session, remote, request)),
      leftOut: [],
      losses: new Map(),
    }),
    files: (commit) => filesOf(remote, commit),
    close: async () => remote.close(),
  }
}

function filesOf({ store: { objects } }: RemoteRepository, commit: string): SourceFiles {
  const tree = async (): Promise<TreeRef> =>
    decodeCommit(await objects.getObject('commit', toObjectId(commit))).files
  return {
    list: async () => {
      const paths: string[] = []
      for await (const entries of scanBatches(objects, await tree()))
        for (const entry of entries)
          if ('blob' in decodeFile(entry)) paths.push(decodePath(entry.key))
      return paths
    },
    read: async (path) => {
      const file = await fileIn(objects, await tree(), path)
      if (file === undefined || !('blob' in file)) return undefined
      return joinPieces(objects.streamBlob(file.blob), path)
    },
  }
}

/**
 * @throws `DSV_IMPORT_NOT_FOUND`, `DSV_IMPORT_SELECTION_INVALID`, `DSV_QUERY_SYNTAX`, and what the
 *   storages throw
 */
async function copyPart(
  repository: Repository,
  session: WriteSession,
  remote: RemoteRepository,
  { commit, path, where, like }: PartRequest,
): Promise<SnapshotPart> {
  const { objects } = remote.store
  const snapshot = decodeCommit(await objects.getObject('commit', toObjectId(commit)))
  const datasets = partDatasets(snapshot, path)
  const context = transferContext(repository, session, remote)
  if (where !== undefined) {
    const datasetId = datasets.get('')
    if (datasetId === undefined) throw importSelectionInvalid(path)
    return copySelection(repository, session, context, { datasetId, where })
  }
  const fileBlobs: AnyId[] = []
  const files = await buildTree(session, noted(partFiles(objects, snapshot.files, path), fileBlobs))
  if (files.count === 0 && datasets.size === 0)
    throw importNotFound(remote.name, path, [...snapshot.datasets.keys()])
  const known = [...like.datasets.values()]
  const missing = joined(missingBelow([...datasets.values()], known, context), fileBlobs)
  await bring(missing, session, context)
  return { files, datasets }
}

async function copySelection(
  repository: Repository,
  session: WriteSession,
  context: TransferContext,
  { datasetId, where }: { readonly datasetId: ObjectId; readonly where: string },
): Promise<SnapshotPart> {
  const { source } = context
  const dataset = decodeDataset(await source.getObject('dataset', datasetId))
  const chosen = await selectItems(session, context.reader, dataset, { where })
  await bring(blobsOf(session, chosen.items), session, context)
  return renderSelection(repository, session, chosen)
}

async function bring(
  missing: AsyncIterable<MissingObject>,
  session: WriteSession,
  context: TransferContext,
): Promise<void> {
  const isThere = async (id: AnyId): Promise<boolean> => session.has(id)
  const plan = await planTransfer(missing, { isThere, session }, context)
  await copyBlobs(plan, session, context)
}

function transferContext(
  { environment, store }: Repository,
  session: WriteSession,
  remote: RemoteRepository,
): TransferContext {
  const { objects } = remote.store
  return {
    source: storeSource(objects, remote.driver),
    reader: objects,
    ahead: remote.ahead,
    known: storeSource(sessionReader(session, store.objects), store.driver),
    signal: environment.signal,
    onProgress: environment.onProgress,
  }
}

async function* noted(
  entries: AsyncIterable<TreeEntry>,
  links: AnyId[],
): AsyncGenerator<TreeEntry, void, undefined> {
  for await (const entry of entries) {
    links.push(...entry.links)
    yield entry
  }
}

async function* joined(
  missing: AsyncIterable<MissingObject>,
  blobs: readonly AnyId[],
): AsyncGenerator<MissingObject, void, undefined> {
  yield* missing
  for (const id of blobs) yield { kind: 'blob', id }
}

async function* blobsOf(
  session: WriteSession,
  items: Parameters<typeof scanBatches>[1],
): AsyncGenerator<MissingObject, void, undefined> {
  for await (const entries of scanBatches(session, items))
    for (const { links } of entries) for (const id of links) yield { kind: 'blob', id }
}
