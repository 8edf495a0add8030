import { type Folder, isDsvError } from '@dsv/core'
import { parseCsv } from './csv-reader.ts'

const HEAD_BYTES = 65_536

/** Returns the first line of a table, without a byte-order mark; a newline in quotes does not end it. */
export async function firstLineOf(folder: Folder, path: string): Promise<string> {
  const file = await folder.open(path)
  try {
    const text = Buffer.from(await file.read(0, HEAD_BYTES)).toString('utf8')
    return (/^\ufeff?[\r\n]*((?:"(?:[^"]|"")*"|[^"\r\n])*)/u.exec(text) ?? [])[1] ?? ''
  } finally {
    await file.close()
  }
}

/** Returns the fields of a line; undefined when it is none of a table. */
export function fieldsOf(
  line: string,
  path: string,
  delimiter: string,
): readonly string[] | undefined {
  try {
    return parseCsv(Buffer.from(line), path, delimiter)[0]
  } catch (error) {
    if (isDsvError(error, 'DSV_FORMAT_SYNTAX')) return undefined
    throw error
  }
}

/** Returns the names in the first row of a table with commas; none when it is no table. */
export async function tableColumns(folder: Folder, path: string): Promise<readonly string[]> {
  const fields = fieldsOf(await firstLineOf(folder, path), path, ',') ?? []
  return fields.map((name) => name.trim())
}
