import {
  type DatasetStream,
  type Folder,
  formatSyntax,
  type Json,
  type ReadContext,
  type SourceItem,
} from '@dsv/core'
import { parseJson } from '../shared/json-reader.ts'
import { datumaroInfo } from '../shared/datumaro-info.ts'
import { readSpans } from '../shared/json-spans.ts'
import { mediaFinder } from '../shared/media-finder.ts'
import { noneFound } from '../shared/none-found.ts'
import { skipOrThrow } from '../shared/skip-or-throw.ts'
import { findDatumaroFiles } from './find-files.ts'
import { type DatumaroIndex, indexFile } from './index-file.ts'
import { layoutToJson } from './layout.ts'
import { readCategories } from '../shared/read-datumaro-categories.ts'
import { type ItemSource, readItem } from '../shared/read-datumaro-item.ts'

/**
 * Reads Datumaro JSON, of version 1.0 and of those before that have none. Each file is looked through
 * once to find its items and categories; then items are read as a stream.
 *
 * @throws `DSV_FORMAT_SYNTAX`
 */
export async function readDatumaro(folder: Folder, context: ReadContext): Promise<DatasetStream> {
  context.signal.throwIfAborted()
  const files = await findDatumaroFiles(folder)
  if (files.length === 0) {
    const wanted = {
      usual: 'annotations/default.json',
      suffixes: ['.json'],
      problem: 'holds no categories and items',
    }
    const error = await noneFound(folder, wanted)
    skipOrThrow(error, String(error.details['file']), context)
  }
  const indexes: DatumaroIndex[] = []
  for (const file of files) {
    try {
      const index = await indexFile(folder, file, context)
      // Categories that are malformed make the whole file unreadable.
      readCategories([{ path: file.path, members: index.members }])
      indexes.push(index)
    } catch (error) {
      skipOrThrow(error, file.path, context)
    }
  }
  const sources = indexes.map(({ file, members }) => ({ path: file.path, members }))
  const { categories, keys } = readCategories(sources)
  const info = indexes.map(({ file, members }): [string, Json] => [
    file.subset,
    datumaroInfo(members),
  ])
  return {
    schema: {
      categories,
      attributes: [],
      info: info.length === 0 ? {} : { datumaro: Object.fromEntries(info) },
    },
    layout: indexes.length === 0 ? null : layoutToJson(indexes.map(({ file }) => file)),
    items: readItems(folder, indexes, keys, context),
  }
}

async function* readItems(
  folder: Folder,
  indexes: readonly DatumaroIndex[],
  keys: readonly (readonly string[])[],
  context: ReadContext,
): AsyncGenerator<SourceItem> {
  const media = await mediaFinder(folder)
  const seen = new Set<string>()
  for (const [at, index] of indexes.entries()) {
    const { path } = index.file
    const source: ItemSource = { file: index.file, keys: keys[at] ?? [], media, context }
    const file = await folder.open(path)
    try {
      let number = 0
      for await (const bytes of readSpans(file, index.spans)) {
        context.signal.throwIfAborted()
        const place = { file: path, path: `items[${number}]` }
        number += 1
        try {
          const json = parseJson(bytes, `${path} (${place.path})`)
          const item = await readItem(json, place, source)
          const key = `${item.subset}\0${item.id}`
          if (seen.has(key)) throw formatSyntax(path, `${place.path} has the id of another item`)
          seen.add(key)
          yield item
        } catch (error) {
          skipOrThrow(error, path, context)
        }
      }
    } finally {
      await file.close()
    }
  }
}
