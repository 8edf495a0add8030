import { type Folder, formatSyntax, isDsvError, type Json, type OpenFile } from '@dsv/core'
import {
  type AsyncBuffer,
  type Compressors,
  type FileMetaData,
  parquetMetadataAsync,
  parquetReadObjects,
  parquetSchema,
  type RowGroup,
  type SchemaTree,
} from 'hyparquet'
import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import { isObject, jsonOf } from '../shared/json-reader.ts'
import { checkPages, chunkRange, columnsIn } from './check-pages.ts'
import type { HubImage, HubRow } from './hub-rows.ts'

/** A row group is read as a whole: more than this is not. */
const MAX_GROUP_BYTES = 2 ** 31
const MAX_GROUP_ROWS = 2 ** 24

/** Reads the rows of a Parquet file, a row group at a time. @throws `DSV_FORMAT_SYNTAX` */
export async function* parquetRows(
  file: OpenFile,
  path: string,
  signal: AbortSignal,
  withImages: boolean,
): AsyncGenerator<HubRow> {
  const buffer = asyncBuffer(file)
  const metadata = await readMetadata(buffer, path)
  const all = columnsOf(metadata)
  const columns = withImages ? all : all.filter((name) => name !== 'image')
  if (columns.length === 0) return
  let start = 0
  for (const [at, group] of metadata.row_groups.entries()) {
    signal.throwIfAborted()
    const count = Number(group.num_rows)
    const sizeBytes = Number(group.total_byte_size)
    if (!(count >= 0 && count <= MAX_GROUP_ROWS && sizeBytes <= MAX_GROUP_BYTES)) {
      throw formatSyntax(path, `row group ${at} is too large: ${count} rows, ${sizeBytes} bytes`)
    }
    const names = new Set(columns)
    const rows = await asSyntax(path, async () => {
      await checkGroup(buffer, metadata, group, names)
      return parquetReadObjects({
        file: buffer,
        metadata,
        columns: [...columns],
        rowStart: start,
        rowEnd: start + count,
        utf8: false,
        compressors: COMPRESSORS,
      })
    })
    for (const [index, row] of rows.entries()) {
      signal.throwIfAborted()
      yield rowOf(row, start + index)
    }
    start += count
  }
}

async function checkGroup(
  buffer: AsyncBuffer,
  metadata: FileMetaData,
  group: RowGroup,
  names: ReadonlySet<string>,
): Promise<void> {
  const tree = parquetSchema(metadata)
  for (const column of columnsIn(group, names)) {
    const [start, end] = chunkRange(column)
    if (!(start >= 0 && end >= start && end <= buffer.byteLength)) {
      throw new Error('a column that is not in the file')
    }
    const bytes = new Uint8Array(await buffer.slice(start, end))
    const schemaPath = schemaPathOf(tree, column.path_in_schema)
    checkPages({ column, bytes, schemaPath }, COMPRESSORS)
  }
}

function schemaPathOf(tree: SchemaTree, names: readonly string[]): SchemaTree[] {
  const found = [tree]
  for (const name of names) {
    const next = found.at(-1)?.children.find(({ element }) => element.name === name)
    if (next === undefined) throw new Error(`no column ${names.join('.')}`)
    found.push(next)
  }
  return found
}

/** Returns the features that `datasets` describes in a Parquet file; null when it does not. */
export async function readFeatures(folder: Folder, path: string): Promise<Json> {
  const file = await folder.open(path)
  try {
    const { key_value_metadata: pairs = [] } = await readMetadata(asyncBuffer(file), path)
    const text = pairs.find(({ key }) => key === 'huggingface')?.value
    const json = text === undefined ? undefined : jsonOf(text)
    const info = isObject(json) ? json['info'] : undefined
    return isObject(info) ? (info['features'] ?? null) : null
  } finally {
    await file.close()
  }
}

/** Returns the names of the columns of a Parquet file. @throws `DSV_FORMAT_SYNTAX` */
export async function parquetColumns(file: OpenFile, path: string): Promise<readonly string[]> {
  return columnsOf(await readMetadata(asyncBuffer(file), path))
}

const COMPRESSORS: Compressors = {
  GZIP: (input, outputLength) => gunzipSync(input, { maxOutputLength: Math.max(1, outputLength) }),
  BROTLI: (input, outputLength) =>
    brotliDecompressSync(input, { maxOutputLength: Math.max(1, outputLength) }),
}

function asyncBuffer(file: OpenFile): AsyncBuffer {
  return {
    byteLength: file.sizeBytes,
    slice: async (from, to = file.sizeBytes) => {
      const start = Math.max(0, from < 0 ? file.sizeBytes + from : from)
      const end = Math.min(file.sizeBytes, to)
      const bytes = end <= start ? new Uint8Array() : await file.read(start, end - start)
      return new Uint8Array(bytes).buffer
    },
  }
}

async function readMetadata(buffer: AsyncBuffer, path: string): Promise<FileMetaData> {
  return asSyntax(path, async () => parquetMetadataAsync(buffer))
}

/** Whatever the parser stumbles over is a mistake of the file. */
async function asSyntax<Result>(path: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work()
  } catch (error) {
    if (isDsvError(error)) throw error
    const message = error instanceof Object && 'message' in error ? String(error.message) : ''
    throw formatSyntax(path, `is no Parquet that can be read (${message})`, error)
  }
}

function columnsOf({ schema }: FileMetaData): readonly string[] {
  const names: string[] = []
  let skip = 0
  for (const { name, num_children: count = 0 } of schema.slice(1)) {
    if (skip === 0) names.push(name)
    else skip -= 1
    skip += count
  }
  return names
}

function rowOf(row: Readonly<Record<string, unknown>>, number: number): HubRow {
  const { image, ...rest } = row
  const fields: Record<string, Json> = {}
  const unread: string[] = []
  const further: HubImage[] = []
  for (const [name, value] of Object.entries(rest)) {
    const picture = imageIn(value, name)
    const json = picture === undefined ? jsonValue(value) : undefined
    if (picture !== undefined) further.push(picture)
    else if (json === undefined) unread.push(name)
    else fields[name] = json
  }
  const plain = { fields, unread, further, where: `row ${number}`, number }
  if (image === undefined) return plain
  if (image instanceof Uint8Array) {
    return { ...plain, image: { role: 'primary', bytes: image, path: undefined } }
  }
  const named =
    typeof image === 'object' && image !== null && 'path' in image ? image.path : undefined
  const path = textOf(named)
  return {
    ...plain,
    image: imageIn(image, 'primary') ?? { role: 'primary', bytes: undefined, path },
  }
}

/** An image is a struct of bytes and name. */
function imageIn(value: unknown, role: string): HubImage | undefined {
  if (typeof value !== 'object' || value === null || !('bytes' in value)) return undefined
  if (!(value.bytes instanceof Uint8Array)) return undefined
  const path = 'path' in value ? textOf(value.path) : undefined
  return { role, bytes: value.bytes, path: path === '' ? undefined : path }
}

function textOf(value: unknown): string | undefined {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('utf8')
  return typeof value === 'string' ? value : undefined
}

/** Whole numbers of 64 bits are numbers where a float64 holds them, else text; times are ISO 8601. */
function jsonValue(value: unknown): Json | undefined {
  if (value === null || value === undefined) return null
  if (typeof value === 'bigint') {
    const number = Number(value)
    return Number.isSafeInteger(number) ? number : value.toString()
  }
  if (typeof value === 'number') return Number.isFinite(value) ? value : null
  if (typeof value === 'string' || typeof value === 'boolean') return value
  if (value instanceof Uint8Array) return textIn(value)
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString()
  if (Array.isArray(value)) return value.map((each) => jsonValue(each) ?? null)
  if (ArrayBuffer.isView(value) && 'length' in value) {
    return Array.from(Object.values(value), (each) => jsonValue(each) ?? null)
  }
  if (typeof value !== 'object') return undefined
  const entries = Object.entries(value).map(
    ([name, each]) => [name, jsonValue(each) ?? null] as const,
  )
  return Object.fromEntries(entries)
}

/** Bytes that are no text (masks, sounds) are not kept in attributes. */
function textIn(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return undefined
  }
}
