import {
  type DatasetStream,
  EMPTY_SCHEMA,
  type Folder,
  formatSyntax,
  GROUND_TRUTH,
  isDsvError,
  type ReadContext,
  type SourceItem,
} from '@dsv/core'
import { nestedZipFolder } from '../folder/zip-folder.ts'
import { isImagePath, withoutExtension } from '../media/media-kind.ts'
import { probeBytes } from '../media/probe-media.ts'
import { planClassFolders, readClassFolders } from '../shared/class-folders.ts'
import { freeId } from '../shared/image-name.ts'
import { skipOrThrow } from '../shared/skip-or-throw.ts'
import { type SubsetFile, subsetFilesToJson } from '../shared/subset-files.ts'
import { findZipFiles } from './find-files.ts'

/**
 * Reads the images in zip files, one at a time.
 *
 * @throws `DSV_FORMAT_SYNTAX` where an archive is damaged, claims too much or leaves its folder
 */
export async function readImageZip(folder: Folder, context: ReadContext): Promise<DatasetStream> {
  context.signal.throwIfAborted()
  const files = await findZipFiles(folder)
  if (files.length === 0) {
    // A zip file that is opened as a dataset is a folder already.
    const plan = planClassFolders(await folder.list(), 'plain')
    return { layout: subsetFilesToJson([]), ...readClassFolders(plan, context) }
  }
  return {
    schema: EMPTY_SCHEMA,
    layout: subsetFilesToJson(files),
    items: readItems(folder, files, context),
  }
}

async function* readItems(
  folder: Folder,
  files: readonly SubsetFile[],
  context: ReadContext,
): AsyncGenerator<SourceItem> {
  const used = new Map<string, Set<string>>()
  for (const file of files) {
    const ids = used.get(file.subset) ?? new Set()
    used.set(file.subset, ids)
    try {
      yield* readArchive(folder, file, ids, context)
    } catch (error) {
      skipOrThrow(asSyntax(error, file.path), file.path, context)
    }
  }
}

/** What is wrong with an archive is wrong with a file of the dataset. */
function asSyntax(error: unknown, path: string): unknown {
  const isOfArchive =
    isDsvError(error, 'DSV_ARCHIVE_INVALID') ||
    isDsvError(error, 'DSV_PATH_UNSAFE') ||
    isDsvError(error, 'DSV_FILE_TOO_LARGE')
  if (!isOfArchive) return error
  return formatSyntax(path, error.message.replace(/\.$/u, ''), error)
}

async function* readArchive(
  folder: Folder,
  { path, subset }: SubsetFile,
  ids: Set<string>,
  context: ReadContext,
): AsyncGenerator<SourceItem> {
  const file = await folder.open(path)
  try {
    const zip = await nestedZipFolder(file, path)
    try {
      for (const name of await zip.list()) {
        context.signal.throwIfAborted()
        if (!isImagePath(name)) {
          context.onLoss({ what: 'file', where: `${path}: ${name}` })
          continue
        }
        try {
          const bytes = await zip.read(name)
          const short = withoutExtension(name)
          const id = freeId(ids.has(short) ? name : short, ids)
          const info = await probeBytes(bytes, name)
          const media = { role: 'primary', path: `${withoutExtension(path)}/${name}`, ...info }
          yield {
            subset,
            id,
            media: [{ ...media, kind: 'image', content: async () => bytes }],
            layers: { [GROUND_TRUTH]: [] },
          }
        } catch (error) {
          skipOrThrow(asSyntax(error, path), path, context)
        }
      }
    } finally {
      await zip.close()
    }
  } finally {
    await file.close()
  }
}
