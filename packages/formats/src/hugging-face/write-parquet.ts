import type { Json } from '@dsv/core'
import type { SchemaElement } from 'hyparquet'
import { ByteWriter, ParquetWriter } from 'hyparquet-writer'
import { JSON_SUFFIX } from './object-fields.ts'
import type { ColumnPlan, ValueKind } from './plan-columns.ts'
import type { PlainRow } from './write-row.ts'

/** A row of a Parquet file. */
export interface ParquetRow {
  readonly row: PlainRow
  readonly fileName: string
  /** Undefined for an image whose bytes are not there. */
  readonly bytes: Uint8Array | undefined
}

/** What is written into one file. */
export interface ParquetSource {
  readonly plan: ColumnPlan
  /** Names of the classes by number. */
  readonly names: readonly string[]
  readonly rows: AsyncIterable<ParquetRow>
}

const GROUP_BYTES = 64 * 2 ** 20
const GROUP_ROWS = 1000

/**
 * Returns the bytes of a Parquet file with images inside, a row group of up to 64 MiB at a time, with the
 * description of its columns that `datasets` reads.
 */
export async function* parquetBytes({
  plan,
  names,
  rows,
}: ParquetSource): AsyncGenerator<Uint8Array> {
  const columns = columnsOf(plan, names)
  const features = Object.fromEntries(columns.map(({ name, feature }) => [name, feature]))
  const writer = new ByteWriter()
  const parquet = new ParquetWriter({
    writer,
    schema: [
      { name: 'schema', num_children: columns.length },
      ...columns.flatMap(({ schema }) => schema),
    ],
    kvMetadata: [{ key: 'huggingface', value: JSON.stringify({ info: { features } }) }],
    createdBy: 'dsv',
  })
  const take = (): Uint8Array => {
    const bytes = writer.getBytes().slice()
    // The writer counts what is gone in `offset` and begins its buffer anew.
    writer.index = 0
    return bytes
  }
  let group: ParquetRow[] = []
  let sizeBytes = 0
  const write = async (): Promise<Uint8Array> => {
    await parquet.write({
      columnData: columns.map(({ name, valueOf, isImage }) => ({
        name,
        data: group.map(valueOf),
        ...(isImage && {
          codec: 'UNCOMPRESSED' as const,
          encoding: 'PLAIN' as const,
          statistics: false,
        }),
      })),
      rowGroupSize: group.length,
    })
    group = []
    sizeBytes = 0
    return take()
  }
  for await (const row of rows) {
    group.push(row)
    sizeBytes += (row.bytes?.length ?? 0) + 1000
    if (group.length >= GROUP_ROWS || sizeBytes >= GROUP_BYTES) yield await write()
  }
  if (group.length > 0) yield await write()
  await parquet.finish()
  yield take()
}

interface Column {
  readonly name: string
  readonly schema: readonly SchemaElement[]
  readonly feature: Json
  readonly valueOf: (row: ParquetRow) => unknown
  readonly isImage?: boolean
}

const KINDS: Readonly<Record<ValueKind, { readonly element: Leaf; readonly dtype: string }>> = {
  integer: { element: { type: 'INT64' }, dtype: 'int64' },
  number: { element: { type: 'DOUBLE' }, dtype: 'float64' },
  boolean: { element: { type: 'BOOLEAN' }, dtype: 'bool' },
  string: { element: { type: 'BYTE_ARRAY', converted_type: 'UTF8' }, dtype: 'string' },
  json: { element: { type: 'BYTE_ARRAY', converted_type: 'UTF8' }, dtype: 'string' },
}

type Leaf = Pick<SchemaElement, 'type' | 'converted_type'>

function columnsOf(plan: ColumnPlan, names: readonly string[]): readonly Column[] {
  const classLabel = { names, _type: 'ClassLabel' }
  const plain = (name: string, kind: ValueKind): Column =>
    fieldColumn(name, kind, (row) => row.row[name])
  const list = (name: string, kind: ValueKind, feature: Json): Column => ({
    name,
    schema: listSchema(name, [leaf('element', kind)]),
    feature: { feature, _type: 'Sequence' },
    valueOf: ({ row }) => listOf(row[name]).map((value) => cellOf(value, kind)),
  })
  return [
    imageColumn(),
    ...(plan.isNamed ? [plain('item_id', 'string')] : []),
    ...(plan.isSized ? [plain('width', 'integer'), plain('height', 'integer')] : []),
    ...(plan.labels === 1 ? [{ ...plain('label', 'integer'), feature: classLabel }] : []),
    ...(plan.labels > 1 ? [list('labels', 'integer', classLabel)] : []),
    ...(plan.captions === 1 ? [plain('text', 'string')] : []),
    ...(plan.captions > 1 ? [list('captions', 'string', valueFeature('string'))] : []),
    ...(plan.hasObjects ? [objectsColumn(plan, classLabel)] : []),
    ...(plan.hasTags ? [plain('tags', 'json')] : []),
    ...(plan.hasOtherAttributes ? [plain('attributes', 'json')] : []),
    ...[...plan.fields].map(([name, kind]) => plain(name, kind)),
  ]
}

function imageColumn(): Column {
  return {
    name: 'image',
    schema: [
      { name: 'image', repetition_type: 'OPTIONAL', num_children: 2 },
      { name: 'bytes', type: 'BYTE_ARRAY', repetition_type: 'OPTIONAL' },
      leaf('path', 'string'),
    ],
    feature: { _type: 'Image' },
    valueOf: ({ bytes, fileName }) => ({ bytes: bytes ?? null, path: fileName }),
    isImage: true,
  }
}

function fieldColumn(
  name: string,
  kind: ValueKind,
  valueOf: (row: ParquetRow) => Json | undefined,
): Column {
  const column = kind === 'json' ? `${name}${JSON_SUFFIX}` : name
  return {
    name: column,
    schema: [leaf(column, kind)],
    feature: valueFeature(KINDS[kind].dtype),
    valueOf: (row) => cellOf(valueOf(row), kind),
  }
}

/** A struct of lists, one for each field of objects. */
function objectsColumn(plan: ColumnPlan, classLabel: Json): Column {
  const fields: readonly (readonly [string, ValueKind])[] = [
    ...(plan.hasObjectCaptions ? [['caption', 'string'] as const] : []),
    ...plan.objectFields,
    ...(plan.hasObjectAttributes ? [['attributes', 'json'] as const] : []),
  ]
  const columnOf = (name: string, kind: ValueKind): string =>
    kind === 'json' ? `${name}${JSON_SUFFIX}` : name
  const schema: readonly SchemaElement[] = [
    { name: 'objects', repetition_type: 'OPTIONAL', num_children: fields.length + 2 },
    ...listSchema('bbox', listSchema('element', [leaf('element', 'number')])),
    ...listSchema('category', [leaf('element', 'integer')]),
    ...fields.flatMap(([name, kind]) => listSchema(columnOf(name, kind), [leaf('element', kind)])),
  ]
  const numbers = { feature: valueFeature('float64'), _type: 'Sequence' }
  const feature = {
    bbox: { feature: numbers, _type: 'Sequence' },
    category: { feature: classLabel, _type: 'Sequence' },
    ...Object.fromEntries(
      fields.map(([name, kind]) => [
        columnOf(name, kind),
        { feature: valueFeature(KINDS[kind].dtype), _type: 'Sequence' },
      ]),
    ),
  }
  return {
    name: 'objects',
    schema,
    feature,
    valueOf: ({ row }) => {
      const objects = recordOf(row['objects'])
      return {
        bbox: listOf(objects['bbox']),
        category: listOf(objects['category']).map((value) => cellOf(value, 'integer')),
        ...Object.fromEntries(
          fields.map(([name, kind]) => [
            columnOf(name, kind),
            listOf(objects[name]).map((value) => cellOf(value, kind)),
          ]),
        ),
      }
    },
  }
}

function leaf(name: string, kind: ValueKind): SchemaElement {
  return { name, ...KINDS[kind].element, repetition_type: 'OPTIONAL' }
}

function listSchema(name: string, element: readonly SchemaElement[]): readonly SchemaElement[] {
  return [
    { name, repetition_type: 'OPTIONAL', num_children: 1, converted_type: 'LIST' },
    { name: 'list', repetition_type: 'REPEATED', num_children: 1 },
    ...element,
  ]
}

function valueFeature(dtype: string): Json {
  return { dtype, _type: 'Value' }
}

function cellOf(value: Json | undefined, kind: ValueKind): unknown {
  if (value === undefined || (value === null && kind !== 'json')) return null
  if (kind === 'json') return value === null ? null : JSON.stringify(value)
  return kind === 'integer' && typeof value === 'number' ? BigInt(value) : value
}

function listOf(value: Json | undefined): readonly Json[] {
  return Array.isArray(value) ? value : []
}

function recordOf(value: Json | undefined): Readonly<Record<string, Json>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value))
    : {}
}
