import { type Folder, formatSyntax, type ReadContext } from '@dsv/core'
import { type CsvIndex, indexCsv } from '../shared/csv-index.ts'
import { skipOrThrow } from '../shared/skip-or-throw.ts'
import { NEEDED_COLUMNS } from './columns.ts'
import type { OpenImagesFile } from './find-files.ts'

/** A row by the names of its columns; empty fields are left out. */
export type TableRow = ReadonlyMap<string, string>

/** A CSV file of a dataset, open: its rows are found by image. */
export interface Table extends OpenImagesFile {
  readonly columns: readonly string[]
  readonly imageIds: Iterable<string>
  readonly rowsOf: (imageId: string) => Promise<readonly TableRow[]>
  readonly close: () => Promise<void>
}

/** Opens a table and looks through it; `onLabel` is told each class, `onImage` subset and id. */
export async function openTable(
  folder: Folder,
  file: OpenImagesFile,
  context: ReadContext,
  on: {
    readonly onLabel: (machineName: string) => void
    readonly onImage: (subset: string, id: string) => void
  },
): Promise<Table> {
  let [label, subset, id] = [-1, -1, -1]
  const index = await indexCsv(
    folder,
    file.path,
    {
      keyColumn: (columns) => {
        const names = columns.map((name) => name.trim())
        const missing = NEEDED_COLUMNS[file.kind].find((name) => !names.includes(name))
        if (missing !== undefined) throw formatSyntax(file.path, `has no column ${missing}`)
        label = names.indexOf('LabelName')
        subset = names.indexOf('Subset')
        id = names.indexOf('ImageID')
        return id
      },
      onRow: (row, number) => {
        const name = row[label]
        if (name !== undefined) on.onLabel(name)
        const image = row[id] ?? ''
        if (image === '') {
          skipOrThrow(formatSyntax(file.path, `row ${number} has no ImageID`), file.path, context)
          return
        }
        on.onImage(file.subset ?? row[subset] ?? 'default', image)
      },
    },
    context.signal,
  )
  return asTable(file, index)
}

function asTable(file: OpenImagesFile, { columns, keys, rowsOf, close }: CsvIndex): Table {
  const names = columns.map((name) => name.trim())
  return {
    ...file,
    columns: names,
    imageIds: keys,
    close,
    rowsOf: async (imageId) =>
      (await rowsOf(imageId)).map(
        (row) =>
          new Map(
            names.flatMap((name, at) => {
              const value = row[at]?.trim() ?? ''
              return value === '' ? [] : [[name, value] as const]
            }),
          ),
      ),
  }
}

/** Returns the number in a column; undefined where it is empty. @throws `DSV_FORMAT_SYNTAX` */
export function numberIn(
  row: TableRow,
  column: string,
  place: { readonly file: string; readonly imageId: string },
): number | undefined {
  const text = row.get(column)
  if (text === undefined) return undefined
  const number = Number(text)
  if (Number.isFinite(number) && /^[-+.\d]/u.test(text)) return number
  throw formatSyntax(place.file, `${column} of image ${place.imageId} should be a number: ${text}`)
}
