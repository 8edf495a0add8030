import { getEntry, scanTree } from '@dsv/store'
import { decodeFile, decodePath, encodePath, type FileRecord } from '../record/file-record.ts'
import type { Repository } from '../repository/repository.ts'
import { pathRange } from '../working-tree/path-range.ts'
import { snapshotAt, STAGE } from './snapshot-at.ts'

/** A file of a snapshot. */
export interface ListedFile {
  /** Relative to the working tree; an empty folder ends with `/`. */
  readonly path: string
  readonly file: FileRecord
}

/**
 * Lists the files of a snapshot in path order.
 *
 * @yields each file that is `under` or below it; the empty string, the default, is all
 * @throws `DSV_REVISION_UNKNOWN`
 */
export async function* listFiles(
  repository: Repository,
  { at = STAGE, under = '' }: { readonly at?: string; readonly under?: string } = {},
): AsyncGenerator<ListedFile, void, undefined> {
  const { objects } = repository.store
  const { files } = await snapshotAt(repository, at)
  const entry = under === '' ? undefined : await getEntry(objects, files, encodePath(under))
  if (entry !== undefined) yield { path: under, file: decodeFile(entry) }
  for await (const each of scanTree(objects, files, pathRange(under)))
    yield { path: decodePath(each.key), file: decodeFile(each) }
}
