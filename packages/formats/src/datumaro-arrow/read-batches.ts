import { formatSyntax, isDsvError, type OpenFile } from '@dsv/core'
import { type RecordBatch, RecordBatchReader, type Schema } from 'apache-arrow'
import { readWhole } from '../folder/open-file.ts'
import { metadataJson } from './arrow-schema.ts'
import { checkArrowLengths } from './check-lengths.ts'
import { SIGNATURE } from './find-files.ts'

const MAGIC = 'ARROW1'
const PADDED_MAGIC = Buffer.from(`${MAGIC}\0\0`)
/** Lists and dictionaries have lengths, however little they hold. */
const MIN_ROW_BYTES = 8
/** The length of the footer, and the magic again. */
const END_BYTES = 4 + MAGIC.length

/** What the metadata of a file say, as texts of JSON. */
export interface ArrowHead {
  readonly infos: string
  readonly categories: string
}

/**
 * Reads the metadata in the footer of a file.
 *
 * @throws `DSV_FORMAT_SYNTAX` when it is none of Datumaro's
 */
export async function readArrowHead(file: OpenFile, path: string): Promise<ArrowHead> {
  const start = Buffer.from(await file.read(0, MAGIC.length)).toString('latin1')
  const end = Buffer.from(await file.read(Math.max(0, file.sizeBytes - END_BYTES), END_BYTES))
  if (start !== MAGIC || end.toString('latin1', 4) !== MAGIC) {
    throw formatSyntax(path, 'is no Arrow file, or is cut off')
  }
  const length = end.readInt32LE(0)
  const offset = file.sizeBytes - END_BYTES - length
  if (length <= 0 || offset < PADDED_MAGIC.length) {
    throw formatSyntax(path, `says that its footer has ${length} bytes`)
  }
  // A file of nothing but its footer has the same schema.
  const content = await file.read(offset, length)
  checkArrowLengths(await file.read(0, file.sizeBytes), content, path)
  const footer = Buffer.concat([PADDED_MAGIC, content, end])
  const schema = guarded(path, () => RecordBatchReader.from(footer).open().schema)
  checkSchema(schema, path)
  return {
    infos: metadataJson(schema.metadata.get('infos')),
    categories: metadataJson(schema.metadata.get('categories')),
  }
}

/**
 * Yields the batches of rows of a file, which is held in memory: Datumaro writes at most 1000 items into
 * one.
 *
 * @throws `DSV_FORMAT_SYNTAX`, `DSV_FILE_TOO_LARGE`
 */
export async function* arrowBatches(file: OpenFile, path: string): AsyncGenerator<RecordBatch> {
  const bytes = await readWhole(file, path)
  const footerBytes = Buffer.from(bytes.slice(-END_BYTES)).readInt32LE(0)
  const footer = bytes.subarray(bytes.length - END_BYTES - footerBytes, bytes.length - END_BYTES)
  checkArrowLengths(bytes, footer, path)
  const batches = guarded(path, () => RecordBatchReader.from(bytes).open()[Symbol.iterator]())
  for (;;) {
    const next = guarded(path, () => batches.next())
    if (next.done === true) return
    const { numRows } = next.value
    if (!(numRows >= 0 && numRows * MIN_ROW_BYTES <= bytes.length)) {
      throw formatSyntax(path, `says that it has ${numRows} rows`)
    }
    yield next.value
  }
}

function checkSchema({ fields, metadata }: Schema, path: string): void {
  if (metadata.get('signature') !== SIGNATURE) {
    throw formatSyntax(path, 'has no signature of Datumaro in its metadata')
  }
  const names = new Set(fields.map(({ name }) => name))
  for (const name of ['id', 'subset', 'media', 'annotations', 'attributes']) {
    if (!names.has(name)) throw formatSyntax(path, `has no column ${name}`)
  }
}

/** What a library says of bytes that it cannot read is wrong with the file. */
function guarded<Result>(path: string, read: () => Result): Result {
  try {
    return read()
  } catch (error) {
    if (isDsvError(error)) throw error
    throw formatSyntax(path, 'is damaged: Arrow cannot read it', error)
  }
}
