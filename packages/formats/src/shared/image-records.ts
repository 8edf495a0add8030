import { type Folder, type Json, type ReadContext } from '@dsv/core'
import { isObject, type JsonObject, parseJson } from './json-reader.ts'
import { scanJson } from './json-scanner.ts'
import { readSpans } from './json-spans.ts'
import { skipOrThrow } from './skip-or-throw.ts'

/** Where in a JSON file the records are that say something about images. */
export interface RecordIndex {
  readonly path: string
  /** Offset and length in turn of the first record of each image. */
  readonly spans: readonly number[]
  /** Further records of an image, by the place of its first one among `spans`. */
  readonly more: ReadonlyMap<number, readonly number[]>
}

/** What {@link indexRecords} asks of a format. */
export interface RecordVisitor {
  /** The list or map that the records are in; empty when it is the file itself. */
  readonly list: string
  /** Whether it is a map. Default false. */
  readonly isMap?: boolean
  /** Returns the name of the image that a record is about; records without one are left out. */
  readonly imageOf: (record: JsonObject, index: number) => string | undefined
  /** Members beside the list. */
  readonly member?: (key: string, value: Json) => void
  /** Elements of other lists, by the key of the list. */
  readonly elements?: Readonly<Record<string, (element: Json) => void>>
}

/**
 * Looks through a file of records once, and remembers where they are.
 *
 * @throws `DSV_FORMAT_SYNTAX`
 */
export async function indexRecords(
  folder: Folder,
  path: string,
  visitor: RecordVisitor,
  context: ReadContext,
): Promise<RecordIndex> {
  const spans: number[] = []
  const more = new Map<number, number[]>()
  const places = new Map<string, number>()
  const others = visitor.elements ?? {}
  const file = await folder.open(path)
  try {
    await scanJson(
      file,
      path,
      {
        isMap: (key) => visitor.isMap === true && key === visitor.list,
        element: ({ key, index, buffer, start, end, offset }) => {
          try {
            if (key !== visitor.list) {
              const visit = Object.hasOwn(others, key) ? others[key] : undefined
              visit?.(parseJson(buffer.subarray(start, end), placeText(path, key, index)))
              return
            }
            const record = parseRecord(buffer.subarray(start, end), placeText(path, key, index))
            const image = isObject(record) ? visitor.imageOf(record, index) : undefined
            if (image === undefined) return
            const place = places.get(image)
            if (place === undefined) {
              places.set(image, spans.length)
              spans.push(offset, end - start)
            } else {
              const further = more.get(place)
              if (further === undefined) more.set(place, [offset, end - start])
              else further.push(offset, end - start)
            }
          } catch (error) {
            skipOrThrow(error, path, context)
          }
        },
        member: (key, text) => visitor.member?.(key, parseJson(Buffer.from(text), path)),
      },
      context.signal,
    )
  } finally {
    await file.close()
  }
  return { path, spans, more }
}

/**
 * Reads the records of a file again, those of one image together.
 *
 * @yields the records of each image, in the order of the file
 */
export async function* readRecords(
  folder: Folder,
  { path, spans, more }: RecordIndex,
  { signal }: ReadContext,
): AsyncGenerator<readonly JsonObject[]> {
  const file = await folder.open(path)
  try {
    let place = 0
    for await (const bytes of readSpans(file, spans)) {
      signal.throwIfAborted()
      const records = [parseRecord(bytes, path)]
      const further = more.get(place) ?? []
      for (let at = 0; at < further.length; at += 2) {
        records.push(parseRecord(await file.read(further[at] ?? 0, further[at + 1] ?? 0), path))
      }
      yield records.filter(isObject)
      place += 2
    }
  } finally {
    await file.close()
  }
}

/** Python writes numbers that JSON does not have; they are nothing. */
function parseRecord(bytes: Uint8Array, place: string): Json {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (!buffer.includes('NaN') && !buffer.includes('Infinity')) return parseJson(bytes, place)
  const text = buffer.toString('utf8').replaceAll(NUMBERS_OF_PYTHON, (token) => {
    return token.startsWith('"') ? token : 'null'
  })
  return parseJson(Buffer.from(text), place)
}

const NUMBERS_OF_PYTHON = /"(?:[^"\\]|\\.)*"|-?\b(?:NaN|Infinity)\b/gsu

function placeText(path: string, key: string, index: number): string {
  return `${path} (${key}[${index}])`
}
