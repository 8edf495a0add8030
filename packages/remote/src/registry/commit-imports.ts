import { type Commit, fileIn, type Repository } from '@dsv/core'
import { type BlobId, isDsvError, type TreeRef } from '@dsv/store'
import { type Import, IMPORTS_FILE, parseImports } from './imports-file.ts'

/** What a commit brought here from another repository. */
export interface CommitImport {
  readonly import: Import
  /** The commit over there that was here before; undefined for what was not imported before. */
  readonly before: string | undefined
}

/**
 * Returns a function that tells which imports a commit made or brought up to date: what its `.dsvimports`
 * says and that of no parent does. A file that cannot be read, because somebody edited it, says nothing.
 */
export function commitImports(
  repository: Repository,
): (commit: Commit) => Promise<readonly CommitImport[]> {
  const { objects } = repository.store
  const known = new Map<BlobId, readonly Import[]>()
  return async (commit) => {
    const blob = await recordIn(commit.files)
    if (blob === undefined) return []
    const parents = await Promise.all(commit.parents.map((id) => repository.commit(id)))
    const blobs = await Promise.all(parents.map(({ files }) => recordIn(files)))
    if (blobs.includes(blob)) return []
    const before = (await Promise.all(blobs.map(read))).map(byPath)
    return (await read(blob)).flatMap((now) => {
      const old = before.flatMap((imports) => imports.get(now.path) ?? [])
      if (old.some((each) => textOf(each) === textOf(now))) return []
      return [{ import: now, before: old[0]?.commit }]
    })
  }

  async function recordIn(files: TreeRef): Promise<BlobId | undefined> {
    const record = await fileIn(objects, files, IMPORTS_FILE)
    return record !== undefined && 'blob' in record ? record.blob : undefined
  }

  async function read(blob: BlobId | undefined): Promise<readonly Import[]> {
    if (blob === undefined) return []
    const imports = known.get(blob) ?? parsed(Buffer.from(await objects.getBlob(blob)))
    known.set(blob, imports)
    return imports
  }
}

function parsed(bytes: Buffer): readonly Import[] {
  try {
    return parseImports(bytes.toString('utf8'))
  } catch (error) {
    if (isDsvError(error, 'DSV_IMPORTS_INVALID')) return []
    throw error
  }
}

function byPath(imports: readonly Import[]): ReadonlyMap<string, Import> {
  return new Map(imports.map((each) => [each.path, each]))
}

function textOf({ url, from, commit, where }: Import): string {
  return JSON.stringify([url, from, commit, where])
}
