import { parseCsv } from '@dsv/formats'
import { isDsvError } from '@dsv/store'
import { fileUnreadable } from '../errors.ts'
import { parseParameters } from '../parameters/parse-parameters.ts'
import { renderText } from '../read/render-text.ts'
import { isList, isMap, type Value, type ValueMap } from '../read/value.ts'
import { endingOf } from './list-plots.ts'

/** Rows of what a plot file holds. */
export interface Table {
  readonly columns: readonly string[]
  readonly rows: readonly ReadonlyMap<string, Cell>[]
}

/** A number where it is one, else the text. */
export type Cell = number | string

/**
 * Reads a plot file: CSV and TSV with the names of columns in the first row, or JSON and YAML with a list of records,
 * which may lie below a key.
 *
 * @throws `DSV_PIPELINE_FILE_UNREADABLE`
 */
export function readTable(bytes: Uint8Array, file: string, hasHeader = true): Table {
  const ending = endingOf(file)
  if (ending === 'csv' || ending === 'tsv') return tableOfRows(readRows(bytes, file), hasHeader)
  const records = recordsIn(parseParameters(bytes, file))
  if (records === undefined) throw fileUnreadable(file, 'holds no list of records')
  const columns = new Set(records.flatMap((record) => [...record.keys()]))
  const rows = records.map(
    (record) => new Map([...record].map(([key, value]) => [key, cellOf(value)])),
  )
  return { columns: [...columns], rows }
}

function readRows(bytes: Uint8Array, file: string): readonly (readonly string[])[] {
  try {
    return parseCsv(bytes, file, endingOf(file) === 'tsv' ? '\t' : ',')
  } catch (error) {
    if (!isDsvError(error, 'DSV_FORMAT_SYNTAX')) throw error
    throw fileUnreadable(file, 'is no valid CSV')
  }
}

function tableOfRows(lines: readonly (readonly string[])[], hasHeader: boolean): Table {
  const [head = []] = lines
  const columns = hasHeader ? head : head.map((_, index) => String(index))
  const rows = lines
    .slice(hasHeader ? 1 : 0)
    .map((line) => new Map(columns.map((column, index) => [column, numberOr(line[index] ?? '')])))
  return { columns, rows }
}

function numberOr(text: string): Cell {
  const trimmed = text.trim()
  return /^[-+]?(?:\d|\.\d)/.test(trimmed) && Number.isFinite(Number(trimmed))
    ? Number(trimmed)
    : text
}

function cellOf(value: Value): Cell {
  if (typeof value === 'number') return value
  return typeof value === 'bigint' ? Number(value) : renderText(value)
}

/** The first list of mappings, looked for from the top down. */
function recordsIn(value: Value): readonly ValueMap[] | undefined {
  if (isList(value)) {
    const records = value.filter(isMap)
    return records.length === value.length ? records : undefined
  }
  if (!isMap(value)) return undefined
  for (const each of value.values()) {
    const records = recordsIn(each)
    if (records !== undefined && records.length > 0) return records
  }
  return undefined
}
