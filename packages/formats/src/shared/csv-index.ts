import { type Folder, formatSyntax, type OpenFile } from '@dsv/core'
import { csvBlocks, parseCsv } from './csv-reader.ts'

/** A CSV file whose rows are found by the text in one column. */
export interface CsvIndex {
  readonly path: string
  /** Names of the columns. */
  readonly columns: readonly string[]
  /** The texts of the key column, in order of appearance. */
  readonly keys: Iterable<string>
  /** Reads the rows of a key, in order. */
  readonly rowsOf: (key: string) => Promise<readonly (readonly string[])[]>
  readonly close: () => Promise<void>
}

/** How a file is indexed. */
export interface CsvIndexOptions {
  /** The column of the key, by number from 0, chosen from the names of the columns. */
  readonly keyColumn: (columns: readonly string[]) => number
  /** What a row is found by, instead of the text in its key column. */
  readonly keyOf?: (row: readonly string[]) => string
  /** Called for each row, with its number from 1. */
  readonly onRow?: (row: readonly string[], number: number) => void
  /** Names of the columns where the first row is none. */
  readonly columns?: readonly string[]
  readonly delimiter?: string
}

/**
 * Reads through a CSV file and remembers where the rows of each key are: rows that follow one another
 * count once. Memory grows with the number of keys, not of rows.
 *
 * @throws `DSV_FORMAT_SYNTAX`
 */
export async function indexCsv(
  folder: Folder,
  path: string,
  options: CsvIndexOptions,
  signal: AbortSignal,
): Promise<CsvIndex> {
  const file = await folder.open(path)
  try {
    const spans = new Map<string, number[]>()
    let columns = options.columns
    let keyColumn = columns === undefined ? -1 : options.keyColumn(columns)
    let last = ''
    let lastSpan: number[] | undefined
    for await (const { rows, offsets, firstRow } of csvBlocks(file, path, options.delimiter)) {
      signal.throwIfAborted()
      for (const [at, row] of rows.entries()) {
        if (columns === undefined) {
          columns = row
          keyColumn = options.keyColumn(row)
          continue
        }
        const key = options.keyOf === undefined ? row[keyColumn] : options.keyOf(row)
        if (key === undefined) throw formatSyntax(path, `row ${firstRow + at} is too short`)
        options.onRow?.(row, firstRow + at)
        const [offset = 0, end = 0] = [offsets[at], offsets[at + 1]]
        if (lastSpan === undefined || key !== last) {
          last = key
          lastSpan = spans.get(key)
          if (lastSpan === undefined) spans.set(key, (lastSpan = [offset, end]))
          else if (lastSpan.at(-1) !== offset) lastSpan.push(offset, end)
        }
        lastSpan[lastSpan.length - 1] = end
      }
    }
    return {
      path,
      columns: columns ?? [],
      keys: spans.keys(),
      rowsOf: async (key) => readSpans(file, path, spans.get(key) ?? [], options.delimiter),
      close: async () => file.close(),
    }
  } catch (error) {
    await file.close()
    throw error
  }
}

async function readSpans(
  file: OpenFile,
  path: string,
  spans: readonly number[],
  delimiter: string | undefined,
): Promise<readonly (readonly string[])[]> {
  const rows: (readonly string[])[] = []
  for (let at = 0; at < spans.length; at += 2) {
    const [start = 0, end = 0] = [spans[at], spans[at + 1]]
    const read = parseCsv(await file.read(start, end - start), path, delimiter)
    for (const row of read) rows.push(row)
  }
  return rows
}
