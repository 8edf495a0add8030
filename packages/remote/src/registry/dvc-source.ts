import {
  encodeFile,
  fileIn,
  type Loss,
  recognizePart,
  type Repository,
  type SnapshotPart,
} from '@dsv/core'
import { type BlobId, buildTree, type TreeEntry, type TreeRef, type WriteSession } from '@dsv/store'
import { md5Check } from '../dvc/dvc-md5.ts'
import type { DvcFile, DvcLeftOut, DvcRegistry } from '../dvc/dvc-registry.ts'
import { openDvcRegistry, type OpenDvcRegistryOptions } from '../dvc/open-dvc-registry.ts'
import { visitInParallel } from '../dvc/visit-in-parallel.ts'
import type { CopiedPart, ImportSource, PartRequest } from './import-source.ts'
import { selectPart } from './select-part.ts'

/** Bytes that are stored. */
interface StoredBytes {
  readonly blob: BlobId
  readonly sizeBytes: number
}

const PARALLEL = 8

/** Returns a Git repository with DVC as a source of imports. Folders in it are read as `add` does. */
export function dvcSource(address: string, options: OpenDvcRegistryOptions): ImportSource {
  const opened = new Map<string | undefined, Promise<DvcRegistry>>()
  /** By hash: two versions have most files in common. */
  const stored = new Map<string, StoredBytes>()
  async function open(rev: string | undefined): Promise<DvcRegistry> {
    const known = opened.get(rev)
    if (known !== undefined) return known
    const opening = openDvcRegistry(address, { ...options, rev })
    opened.set(rev, opening)
    const registry = await opening
    opened.set(registry.commitId, opening)
    return registry
  }
  return {
    kind: 'dvc',
    commitOf: async (revision) => (await open(revision)).commitId,
    copyPart: async (repository, session, request) =>
      copyPart({ repository, session, registry: await open(request.commit), stored }, request),
    files: (commit) => ({
      list: async () => (await open(commit)).gitFiles(),
      read: async (path) => (await open(commit)).readGit(path),
    }),
    async close() {
      for (const opening of new Set(opened.values())) {
        const registry = await opening.catch(() => undefined)
        await registry?.close()
      }
    },
  }
}

interface CopyContext {
  readonly repository: Repository
  readonly session: WriteSession
  readonly registry: DvcRegistry
  readonly stored: Map<string, StoredBytes>
}

/**
 * @throws `DSV_IMPORT_SELECTION_INVALID`, `DSV_QUERY_SYNTAX`, `DSV_FORMAT_AMBIGUOUS`,
 *   `DSV_FORMAT_UNKNOWN`, `DSV_FORMAT_SYNTAX`, `DSV_ITEM_DUPLICATE`, and what
 *   {@link DvcRegistry.resolve} throws
 */
async function copyPart(context: CopyContext, request: PartRequest): Promise<CopiedPart> {
  const { repository, session } = context
  const { path, where, format, like } = request
  const leftOut: DvcLeftOut[] = []
  const losses = new Map<string, Loss[]>()
  const part = await recognizePart(
    repository,
    session,
    await copyFiles(context, request, (each) => leftOut.push(each)),
    {
      name: path,
      before: like.datasets,
      onLoss: (dataset, loss) => losses.set(dataset, [...(losses.get(dataset) ?? []), loss]),
      ...(format !== undefined && { format }),
    },
  )
  const chosen =
    where === undefined ? part : await selectPart(repository, session, part, { path, where })
  return { ...chosen, leftOut, losses }
}

/** Stores the files of a path; returns their tree, in which a single file has the empty path. */
async function copyFiles(
  context: CopyContext,
  { path, like }: PartRequest,
  onLeftOut: (leftOut: DvcLeftOut) => void,
): Promise<TreeRef> {
  const { signal, onProgress } = context.repository.environment
  const entries: TreeEntry[] = []
  const files = context.registry.resolve(path, { onLeftOut })
  await visitInParallel(files, PARALLEL, async (file) => {
    signal.throwIfAborted()
    const inside = file.isWhole ? '' : file.path
    const bytes =
      (await storedBefore(context, file, { like, inside })) ?? (await store(context, file))
    if (file.md5 !== undefined) context.stored.set(keyOf(file), bytes)
    const type = file.isExecutable ? 'executable' : 'file'
    entries.push(encodeFile(inside, { type, ...bytes, role: 'none' }))
    onProgress({ task: 'importing', done: entries.length, unit: 'files' })
  })
  return buildTree(context.session, sortedByKey(entries))
}

async function store({ session, repository }: CopyContext, file: DvcFile): Promise<StoredBytes> {
  let sizeBytes = 0
  const { signal } = repository.environment
  async function* counted(): AsyncGenerator<Uint8Array> {
    for await (const piece of file.open()) {
      signal.throwIfAborted()
      sizeBytes += piece.length
      yield piece
    }
  }
  const blob = await session.putBlobStream(counted())
  return { blob, sizeBytes }
}

/** Returns the bytes of a file when they are stored already: in the other version or at its place. */
async function storedBefore(
  { session, stored }: CopyContext,
  file: DvcFile,
  { like, inside }: { readonly like: SnapshotPart; readonly inside: string },
): Promise<StoredBytes | undefined> {
  if (file.md5 === undefined) return undefined
  const known = stored.get(keyOf(file))
  if (known !== undefined && (await session.has(known.blob))) return known
  // Older releases hash without the line ends, which may have been edited here.
  if (file.hash !== 'md5') return undefined
  const there = await fileIn(session, like.files, inside)
  if (there === undefined || !('blob' in there)) return undefined
  const { blob, sizeBytes } = there
  if (file.sizeBytes !== undefined && file.sizeBytes !== sizeBytes) return undefined
  if (!(await session.has(blob))) return undefined
  const check = md5Check(file.hash, file.md5)
  for await (const piece of session.streamBlob(blob)) check.update(piece)
  return check.mismatch() === undefined ? { blob, sizeBytes } : undefined
}

function keyOf({ hash, md5 }: DvcFile): string {
  return `${hash}:${md5}`
}

async function* sortedByKey(entries: readonly TreeEntry[]): AsyncGenerator<TreeEntry> {
  yield* entries.toSorted((a, b) => Buffer.compare(a.key, b.key))
}
