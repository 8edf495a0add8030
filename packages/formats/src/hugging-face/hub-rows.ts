import { type Folder, formatSyntax, isAttributes, type Json, type ReadContext } from '@dsv/core'
import { cellValue } from '../shared/cell-value.ts'
import { csvBlocks } from '../shared/csv-reader.ts'
import { jsonLines } from '../shared/json-lines.ts'
import { isObject, type JsonObject, jsonOf } from '../shared/json-reader.ts'
import { skipOrThrow } from '../shared/skip-or-throw.ts'
import type { HubFile } from './find-files.ts'

/** An image in a row. */
export interface HubImage {
  readonly role: string
  readonly bytes: Uint8Array | undefined
  readonly path: string | undefined
}

/** One row of a table. */
export interface HubRow {
  readonly fields: JsonObject
  /** The image in the row itself. */
  readonly image?: HubImage
  /** Images in other columns. */
  readonly further?: readonly HubImage[]
  /** Columns whose bytes are neither text nor an image. */
  readonly unread?: readonly string[]
  /** For messages. */
  readonly where: string
  /** From 0. */
  readonly number: number
}

/** Reads the rows of a table. @throws `DSV_FORMAT_SYNTAX` */
export async function* hubRows(
  folder: Folder,
  { path, kind }: Pick<HubFile, 'path' | 'kind'>,
  context: ReadContext,
  withImages = true,
): AsyncGenerator<HubRow> {
  const file = await folder.open(path)
  try {
    if (kind === 'parquet') {
      // The parser is loaded for those who have such files.
      const { parquetRows } = await import('./parquet-rows.ts')
      yield* parquetRows(file, path, context.signal, withImages)
    } else if (kind === 'csv') {
      let columns: readonly string[] | undefined
      for await (const { rows, firstRow } of csvBlocks(file, path)) {
        for (const [at, row] of rows.entries()) {
          context.signal.throwIfAborted()
          if (columns === undefined) columns = row.map((name) => name.trim())
          else {
            const number = firstRow + at
            yield { fields: csvFields(columns, row), where: `row ${number}`, number: number - 2 }
          }
        }
      }
    } else {
      let count = 0
      for await (const line of jsonLines(file, path)) {
        context.signal.throwIfAborted()
        try {
          const fields = line.value()
          const where = `line ${line.number}`
          if (!isObject(fields)) throw formatSyntax(path, `${where} should be an object`)
          yield { fields, where, number: count }
        } catch (error) {
          skipOrThrow(error, path, context)
        }
        count += 1
      }
    }
  } finally {
    await file.close()
  }
}

/** Cells of objects are JSON; the names of files and texts are text whatever they look like. */
function csvFields(columns: readonly string[], row: readonly string[]): JsonObject {
  const entries = columns.flatMap((name, at): readonly (readonly [string, Json])[] => {
    const cell = row[at] ?? ''
    if (cell === '' || name === '') return []
    if (TEXTS.has(name)) return [[name, cell]]
    const object = /^\s*[[{]/u.test(cell) ? storedJsonOf(cell) : undefined
    return [[name, object ?? jsonValue(cellValue(cell))]]
  })
  return Object.fromEntries(entries)
}

const TEXTS: ReadonlySet<string> = new Set(['file_name', 'text', 'caption', 'item_id'])

function jsonValue(value: ReturnType<typeof cellValue>): Json {
  return value ?? null
}

function storedJsonOf(cell: string): Json | undefined {
  const value = jsonOf(cell)
  if (value === undefined) return undefined
  return isObject(value) || isAttributes({ value }) || Array.isArray(value) ? value : undefined
}
