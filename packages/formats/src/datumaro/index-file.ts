import { type Folder, formatSyntax, type Json, type ReadContext } from '@dsv/core'
import { parseJson, type JsonObject } from '../shared/json-reader.ts'
import { scanJson } from '../shared/json-scanner.ts'
import type { DatumaroFile } from '../shared/read-datumaro-item.ts'

/** Where the items of a file are, and all else that it says. */
export interface DatumaroIndex {
  readonly file: DatumaroFile
  /** Byte offset and length of each item, in turn. */
  readonly spans: readonly number[]
  /** The members of the file besides `items`. */
  readonly members: JsonObject
}

/** Looks through a file: 16 bytes are kept for each item. @throws `DSV_FORMAT_SYNTAX` */
export async function indexFile(
  folder: Folder,
  file: DatumaroFile,
  { signal }: ReadContext,
): Promise<DatumaroIndex> {
  const spans: number[] = []
  const members = new Map<string, Json>()
  const lists = new Map<string, Json[]>()
  let hasItems = false
  const open = await folder.open(file.path)
  try {
    const visitor = {
      list: (key: string): void => {
        if (key === 'items') hasItems = true
        else lists.set(key, [])
      },
      element: (element: {
        readonly key: string
        readonly buffer: Buffer
        readonly start: number
        readonly end: number
        readonly offset: number
      }): void => {
        const { key, buffer, start, end, offset } = element
        if (key === 'items') spans.push(offset, end - start)
        else lists.get(key)?.push(parseJson(buffer.subarray(start, end), file.path))
      },
      member: (key: string, text: string): void => {
        members.set(key, parseJson(Buffer.from(text), `${file.path} (${key})`))
      },
    }
    await scanJson(open, file.path, visitor, signal)
  } finally {
    await open.close()
  }
  if (!hasItems) throw formatSyntax(file.path, 'should have a list called items')
  return { file, spans, members: Object.fromEntries([...members, ...lists]) }
}
