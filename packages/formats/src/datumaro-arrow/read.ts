import {
  type DatasetStream,
  type Folder,
  formatSyntax,
  type ReadContext,
  type SourceItem,
} from '@dsv/core'
import { datumaroInfo } from '../shared/datumaro-info.ts'
import { parseJson } from '../shared/json-reader.ts'
import { mediaFinder } from '../shared/media-finder.ts'
import { readCategories } from '../shared/read-datumaro-categories.ts'
import { skipOrThrow } from '../shared/skip-or-throw.ts'
import { findArrowFiles } from './find-files.ts'
import { layoutOf } from './layout.ts'
import { arrowBatches, readArrowHead } from './read-batches.ts'
import { fieldsOf, readArrowRow } from './read-row.ts'

/**
 * Reads the Arrow files of Datumaro, a batch of rows at a time.
 *
 * @throws `DSV_FORMAT_SYNTAX`
 */
export async function readDatumaroArrow(
  folder: Folder,
  context: ReadContext,
): Promise<DatasetStream> {
  context.signal.throwIfAborted()
  const files = await findArrowFiles(folder)
  if (files.length === 0) {
    skipOrThrow(formatSyntax('*.arrow', 'is not in the folder'), '*.arrow', context)
  }
  const heads: Head[] = []
  for (const path of files) {
    try {
      const members = await readMembers(folder, path)
      readCategories([{ path, members }])
      heads.push({ path, members })
    } catch (error) {
      skipOrThrow(error, path, context)
    }
  }
  const { categories, keys } = readCategories(heads)
  const [first] = heads
  return {
    schema: {
      categories,
      attributes: [],
      info: first === undefined ? {} : { datumaro: { default: datumaroInfo(first.members) } },
    },
    layout: layoutOf(files),
    items: readItems(folder, heads, keys, context),
  }
}

type Members = Parameters<typeof datumaroInfo>[0]

interface Head {
  readonly path: string
  readonly members: Members
}

async function readMembers(folder: Folder, path: string): Promise<Members> {
  const file = await folder.open(path)
  try {
    const { infos, categories } = await readArrowHead(file, path)
    return {
      infos: parseJson(Buffer.from(infos), `${path} (infos)`),
      categories: parseJson(Buffer.from(categories), `${path} (categories)`),
    }
  } finally {
    await file.close()
  }
}

async function* readItems(
  folder: Folder,
  heads: readonly Head[],
  keys: readonly (readonly string[])[],
  context: ReadContext,
): AsyncGenerator<SourceItem> {
  const media = await mediaFinder(folder)
  const seen = new Set<string>()
  for (const [at, { path }] of heads.entries()) {
    const file = await folder.open(path)
    try {
      let number = 0
      for await (const batch of arrowBatches(file, path)) {
        for (const fields of rowsOf(batch, path)) {
          context.signal.throwIfAborted()
          const place = { file: path, path: `row ${number}` }
          number += 1
          try {
            const row = fields()
            const item = await readArrowRow(row, place, { keys: keys[at] ?? [], media, context })
            const key = `${item.subset}\0${item.id}`
            if (seen.has(key)) throw formatSyntax(path, `${place.path} has the id of another item`)
            seen.add(key)
            yield item
          } catch (error) {
            skipOrThrow(error, path, context)
          }
        }
      }
    } catch (error) {
      skipOrThrow(error, path, context)
    } finally {
      await file.close()
    }
  }
}

type Row = NonNullable<ReturnType<typeof fieldsOf>>

/** Rows are looked at one by one; what cannot be is wrong with the file. */
function* rowsOf(
  batch: { readonly numRows: number; readonly get: (index: number) => unknown },
  path: string,
): Generator<() => Row> {
  for (let index = 0; index < batch.numRows; index++) {
    yield () => {
      try {
        const row = fieldsOf(batch.get(index))
        if (row !== undefined) return row
      } catch (error) {
        throw formatSyntax(path, `row ${index} of a batch is damaged`, error)
      }
      throw formatSyntax(path, `row ${index} of a batch is empty`)
    }
  }
}
