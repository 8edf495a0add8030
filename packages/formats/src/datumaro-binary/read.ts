import {
  type DatasetStream,
  type Folder,
  formatSyntax,
  type Json,
  type ReadContext,
  type SourceItem,
} from '@dsv/core'
import { datumaroReading } from '../shared/datumaro-bytes.ts'
import { datumaroInfo } from '../shared/datumaro-info.ts'
import { mediaFinder } from '../shared/media-finder.ts'
import { readCategories } from '../shared/read-datumaro-categories.ts'
import { type DatumaroFile, type ItemSource, readItem } from '../shared/read-datumaro-item.ts'
import { skipOrThrow } from '../shared/skip-or-throw.ts'
import { findDatumFiles, layoutToJson } from './find-files.ts'
import { unpackItem } from './packed-item.ts'
import { type DatumHead, readDatumHead } from './read-file.ts'

/**
 * Reads the binary files of Datumaro, about a mebibyte at a time.
 *
 * @throws `DSV_FORMAT_SYNTAX`
 */
export async function readDatumaroBinary(
  folder: Folder,
  context: ReadContext,
): Promise<DatasetStream> {
  context.signal.throwIfAborted()
  const files = await findDatumFiles(folder)
  if (files.length === 0) {
    skipOrThrow(formatSyntax('*.datum', 'is not in the folder'), '*.datum', context)
  }
  const heads: (DatumHead & { readonly file: DatumaroFile })[] = []
  for (const file of files) {
    try {
      const head = { file, ...(await readHead(folder, file.path)) }
      readCategories([{ path: file.path, members: { categories: head.categories } }])
      heads.push(head)
    } catch (error) {
      skipOrThrow(error, file.path, context)
    }
  }
  const { categories, keys } = readCategories(
    heads.map(({ file, categories: members }) => ({
      path: file.path,
      members: { categories: members },
    })),
  )
  const info = heads.map(({ file, infos, categories: members }): [string, Json] => [
    file.subset,
    datumaroInfo({ infos, categories: members }),
  ])
  return {
    schema: {
      categories,
      attributes: [],
      info: info.length === 0 ? {} : { datumaro: Object.fromEntries(info) },
    },
    layout: layoutToJson(heads.map(({ file }) => file)),
    items: readItems(folder, heads, keys, context),
  }
}

async function readHead(folder: Folder, path: string): Promise<DatumHead> {
  const file = await folder.open(path)
  try {
    return await readDatumHead(file, path)
  } finally {
    await file.close()
  }
}

async function* readItems(
  folder: Folder,
  heads: readonly (DatumHead & { readonly file: DatumaroFile })[],
  keys: readonly (readonly string[])[],
  context: ReadContext,
): AsyncGenerator<SourceItem> {
  const media = await mediaFinder(folder)
  const seen = new Set<string>()
  for (const [at, { file, blobs }] of heads.entries()) {
    const { path } = file
    const open = await folder.open(path)
    try {
      for (const { offset, sizeBytes } of blobs) {
        const reading = datumaroReading(await open.read(offset, sizeBytes), path)
        try {
          while (!reading.isAtEnd()) {
            context.signal.throwIfAborted()
            const { subset, record } = unpackItem(reading, path)
            const source: ItemSource = {
              file: { ...file, subset: subset === '' ? file.subset : subset },
              keys: keys[at] ?? [],
              media,
              context,
            }
            const item = await readItem(record, { file: path, path: `item ${seen.size}` }, source)
            const key = `${item.subset}\0${item.id}`
            if (seen.has(key)) throw formatSyntax(path, `has two items called ${item.id}`)
            seen.add(key)
            yield item
          }
        } catch (error) {
          // Where the next item begins is not known.
          skipOrThrow(error, path, context)
        }
      }
    } finally {
      await open.close()
    }
  }
}
