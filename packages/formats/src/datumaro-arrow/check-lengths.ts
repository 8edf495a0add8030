import { formatSyntax } from '@dsv/core'

/** Footers and messages are tables of FlatBuffers; these are the fields that hold lists. */
const FOOTER = { schema: 1, dictionaries: 2, batches: 3, metadata: 4 } as const
const BLOCK_BYTES = 24
const STRUCT_BYTES = 16
const MAX_DEPTH = 8
/** The kind of messages that are batches of rows: the library would look for one for ever. */
const BATCH = 3

/**
 * Checks that the lists of a file are no longer than the file, before a library makes them: the footer,
 * its schema, and the messages of its batches.
 *
 * @throws `DSV_FORMAT_SYNTAX`
 * @see https://github.com/apache/arrow/blob/main/format/File.fbs
 */
export function checkArrowLengths(bytes: Uint8Array, footer: Uint8Array, path: string): void {
  const tables = flatTables(footer, path)
  const root = tables.root(0)
  tables.list(root, FOOTER.metadata, 4)
  if (tables.list(root, FOOTER.dictionaries, BLOCK_BYTES).length > 0) {
    throw formatSyntax(path, 'has dictionaries, which are not read')
  }
  const schema = tables.child(root, FOOTER.schema)
  if (schema === undefined) throw formatSyntax(path, 'has no schema')
  checkMetadata(tables, schema, 2)
  checkFields(tables, schema, 1, 0, path)
  for (const block of tables.list(root, FOOTER.batches, BLOCK_BYTES)) {
    const [offset, length] = tables.block(block)
    if (offset < 8 || length < 8 || offset + length > bytes.length) {
      throw formatSyntax(path, `says that a batch lies at byte ${offset}`)
    }
    checkMessage(bytes.subarray(offset, offset + length), bytes.length, path)
  }
}

function checkMessage(message: Uint8Array, fileBytes: number, path: string): void {
  const tables = flatTables(message, path)
  const start = tables.unsigned(0) === 0xffffffff ? 8 : 4
  const sizeBytes = tables.unsigned(start - 4)
  if (sizeBytes === 0 || sizeBytes > message.length - start) {
    throw formatSyntax(path, `has a message that says it has ${sizeBytes} bytes`)
  }
  const root = tables.root(start)
  checkMetadata(tables, root, 4)
  const batch = tables.child(root, 2)
  if (batch === undefined || tables.byte(root, 1) !== BATCH) {
    throw formatSyntax(path, 'has a message without a batch')
  }
  const limit = fileBytes
  const rows = tables.long(batch, 0)
  const numbers = [
    rows,
    ...tables.list(batch, 1, STRUCT_BYTES).flatMap((at) => tables.pair(at)),
    ...tables.list(batch, 2, STRUCT_BYTES).flatMap((at) => tables.pair(at)),
  ]
  if (numbers.some((number) => !(number >= 0 && number <= limit))) {
    throw formatSyntax(path, 'has a batch of more than there is')
  }
  tables.list(batch, 4, 8)
}

function checkMetadata(tables: FlatTables, table: number, field: number): void {
  for (const at of tables.list(table, field, 4)) {
    const pair = tables.follow(at)
    tables.list(pair, 0, 1)
    tables.list(pair, 1, 1)
  }
}

function checkFields(
  tables: FlatTables,
  table: number,
  field: number,
  depth: number,
  path: string,
): void {
  if (depth > MAX_DEPTH) throw formatSyntax(path, 'has columns within columns without end')
  for (const at of tables.list(table, field, 4)) {
    const column = tables.follow(at)
    tables.list(column, 0, 1)
    checkMetadata(tables, column, 6)
    checkFields(tables, column, 5, depth + 1, path)
  }
}

interface FlatTables {
  readonly unsigned: (at: number) => number
  readonly root: (at: number) => number
  readonly follow: (at: number) => number
  readonly child: (table: number, field: number) => number | undefined
  /** Where the elements of a list lie; none where the field is absent. */
  readonly list: (table: number, field: number, elementBytes: number) => readonly number[]
  readonly byte: (table: number, field: number) => number
  /** A number of 64 bits; 0 where the field is absent. */
  readonly long: (table: number, field: number) => number
  /** Two numbers of 64 bits. */
  readonly pair: (at: number) => readonly number[]
  /** Offset and length of the metadata of a block. */
  readonly block: (at: number) => readonly [offset: number, length: number]
}

function flatTables(bytes: Uint8Array, path: string): FlatTables {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const checked = (at: number, length: number): number => {
    if (at >= 0 && at + length <= buffer.length) return at
    throw formatSyntax(path, 'is damaged: it refers to what is not there')
  }
  const unsigned = (at: number): number => buffer.readUInt32LE(checked(at, 4))
  const follow = (at: number): number => checked(at + unsigned(at), 4)
  const placeOf = (table: number, field: number): number | undefined => {
    const vtable = table - buffer.readInt32LE(checked(table, 4))
    const size = buffer.readUInt16LE(checked(vtable, 2))
    const entry = 4 + field * 2
    if (entry + 2 > size) return undefined
    const offset = buffer.readUInt16LE(checked(vtable + entry, 2))
    return offset === 0 ? undefined : table + offset
  }
  return {
    unsigned,
    root: follow,
    follow,
    child: (table, field) => {
      const at = placeOf(table, field)
      return at === undefined ? undefined : follow(at)
    },
    list: (table, field, elementBytes) => {
      const at = placeOf(table, field)
      if (at === undefined) return []
      const start = follow(at)
      const length = unsigned(start)
      checked(start + 4, length * elementBytes)
      // Texts need no more than to be there.
      if (elementBytes === 1) return []
      return Array.from({ length }, (_, index) => start + 4 + index * elementBytes)
    },
    byte: (table, field) => {
      const at = placeOf(table, field)
      return at === undefined ? 0 : buffer.readUInt8(checked(at, 1))
    },
    long: (table, field) => {
      const at = placeOf(table, field)
      return at === undefined ? 0 : Number(buffer.readBigInt64LE(checked(at, 8)))
    },
    pair: (at) => [
      Number(buffer.readBigInt64LE(checked(at, 8))),
      Number(buffer.readBigInt64LE(checked(at + 8, 8))),
    ],
    block: (at) => [
      Number(buffer.readBigInt64LE(checked(at, 8))),
      buffer.readInt32LE(checked(at + 8, 4)),
    ],
  }
}
