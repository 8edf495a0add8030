import type { ColumnMetaData, Compressors, PageHeader, RowGroup, SchemaTree } from 'hyparquet'
import { parquetHeader } from 'hyparquet/src/column.js'
import { decompressPage } from 'hyparquet/src/datapage.js'
import { getMaxDefinitionLevel, getMaxRepetitionLevel } from 'hyparquet/src/schema.js'

/** A column of a row group and its bytes. */
export interface ColumnChunkBytes {
  readonly column: ColumnMetaData
  readonly bytes: Uint8Array
  /** From the root of the schema to the column. */
  readonly schemaPath: SchemaTree[]
}

/** Values of a column of one row group: lists have several for a row. */
const MAX_VALUES = 2 ** 24
/** Runs may be filled up a little. */
const MAX_PADDING = 4096
/** Snappy says at most 64 bytes in 3. */
const MAX_SNAPPY_RATIO = 32

/**
 * Checks what the parser believes without looking: how many values a page holds and how often a run repeats
 * one. A damaged file could say billions, and reading it would not end.
 *
 * @throws Error with what is wrong
 */
export function checkPages(
  { column, bytes, schemaPath }: ColumnChunkBytes,
  compressors: Compressors,
): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const reader = { view, offset: 0 }
  const levels = {
    repetition: getMaxRepetitionLevel(schemaPath),
    definition: getMaxDefinitionLevel(schemaPath),
  }
  while (reader.offset < bytes.length - 1) {
    const header = parquetHeader(reader)
    const { compressed_page_size: size, uncompressed_page_size: whole } = header
    checkCount(size, bytes.length - reader.offset, 'size of a page')
    const isSnappy = column.codec === 'SNAPPY'
    checkCount(whole, isSnappy ? size * MAX_SNAPPY_RATIO + 1024 : 2 ** 31 - 1, 'size of a page')
    const page = bytes.subarray(reader.offset, reader.offset + size)
    reader.offset += size
    const { dictionary_page_header: dictionary } = header
    if (dictionary !== undefined) checkCount(dictionary.num_values, MAX_VALUES, 'number of values')
    if (header.data_page_header !== undefined)
      checkPage(header, page, { column, levels }, compressors)
    if (header.data_page_header_v2 !== undefined)
      checkPageV2(header, page, { column, levels }, compressors)
  }
}

/** Returns where the bytes of a column are. */
export function chunkRange(column: ColumnMetaData): readonly [start: number, end: number] {
  const start = Number(column.dictionary_page_offset ?? 0n) || Number(column.data_page_offset)
  return [start, start + Number(column.total_compressed_size)]
}

/** Returns the columns of a row group below the named ones. */
export function columnsIn(group: RowGroup, names: ReadonlySet<string>): readonly ColumnMetaData[] {
  return group.columns.flatMap(({ meta_data: column }) => {
    return column !== undefined && names.has(column.path_in_schema[0] ?? '') ? [column] : []
  })
}

interface PageColumn {
  readonly column: ColumnMetaData
  readonly levels: { readonly repetition: number; readonly definition: number }
}

function checkPage(
  header: PageHeader,
  compressed: Uint8Array,
  { column, levels }: PageColumn,
  compressors: Compressors,
): void {
  const { num_values: count = 0, encoding = 'PLAIN' } = header.data_page_header ?? {}
  checkCount(count, MAX_VALUES, 'number of values')
  const isPlain = encoding === 'PLAIN' && levels.repetition + levels.definition === 0
  if (isPlain) return
  const page = decompressPage(compressed, header.uncompressed_page_size, column.codec, compressors)
  let at = 0
  for (const level of [levels.repetition, levels.definition]) {
    if (level === 0) continue
    const end = at + 4 + viewOf(page).getUint32(at, true)
    checkRuns(page, [at + 4, end], bitWidth(level), count)
    at = end
  }
  checkValues(page, at, { encoding, column, count })
}

function checkPageV2(
  header: PageHeader,
  page: Uint8Array,
  { column, levels }: PageColumn,
  compressors: Compressors,
): void {
  const v2 = header.data_page_header_v2
  if (v2 === undefined) return
  const { num_values: count, num_nulls: nulls, num_rows: rows, encoding } = v2
  checkCount(count, MAX_VALUES, 'number of values')
  checkCount(nulls, count, 'number of nulls')
  checkCount(rows, count, 'number of rows')
  const [first, second] = [v2.repetition_levels_byte_length, v2.definition_levels_byte_length]
  checkCount(first, page.length, 'length of levels')
  checkCount(second, page.length - first, 'length of levels')
  checkRuns(page, [0, first], bitWidth(levels.repetition), count)
  checkRuns(page, [first, first + second], bitWidth(levels.definition), count)
  const rest = page.subarray(first + second)
  const size = header.uncompressed_page_size - first - second
  checkCount(size, 2 ** 31 - 1, 'size of a page')
  const isCompressed = v2.is_compressed !== false
  const values = isCompressed ? decompressPage(rest, size, column.codec, compressors) : rest
  checkValues(values, 0, { encoding, column, count })
}

/** Numbers of a dictionary and booleans are runs too. */
function checkValues(
  page: Uint8Array,
  at: number,
  values: { readonly encoding: string; readonly column: ColumnMetaData; readonly count: number },
): void {
  const { encoding, column, count } = values
  if (encoding === 'RLE' && column.type === 'BOOLEAN') {
    checkRuns(page, [at + 4, page.length], 1, count)
  } else if (encoding.endsWith('_DICTIONARY') || encoding === 'RLE') {
    const width = page[at] ?? 0
    checkCount(width, 32, 'width of a number')
    checkRuns(page, [at + 1, page.length], width, count)
  }
}

function checkRuns(
  page: Uint8Array,
  [start, end]: readonly [start: number, end: number],
  width: number,
  count: number,
): void {
  let seen = 0
  for (let at = start; at < Math.min(end, page.length) && seen < count;) {
    let header = 0
    for (let shift = 0; ; shift += 7) {
      const byte = page[at] ?? 0
      at += 1
      header += (byte & 0x7f) * 2 ** shift
      if ((byte & 0x80) === 0) break
      if (shift > 28) throw new Error('a run that is too long')
    }
    const isPacked = header % 2 === 1
    const length = Math.floor(header / 2) * (isPacked ? 8 : 1)
    checkCount(length, count + MAX_PADDING, 'length of a run')
    at += isPacked ? (length * width) / 8 : Math.ceil(width / 8)
    seen += length
  }
}

function checkCount(value: number, limit: number, what: string): void {
  if (Number.isInteger(value) && value >= 0 && value <= limit) return
  throw new Error(`a ${what} that cannot be: ${value}`)
}

function bitWidth(level: number): number {
  return level === 0 ? 0 : 32 - Math.clz32(level)
}

function viewOf(page: Uint8Array): DataView {
  return new DataView(page.buffer, page.byteOffset, page.byteLength)
}
