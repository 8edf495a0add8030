import type { Folder, Json } from '@dsv/core'
import { isArray, isObject } from '../shared/json-reader.ts'
import type { DatumaroFile } from '../shared/read-datumaro-item.ts'

/** What every file begins with. */
export const SIGNATURE = 'signature:datumaro_binary'

/** Finds the files of a dataset by name: `annotations/<subset>.datum`. */
export async function findDatumFiles(folder: Folder): Promise<readonly DatumaroFile[]> {
  return (await folder.list())
    .filter((path) => path.endsWith('.datum'))
    .map((path) => {
      const start = path.lastIndexOf('/') + 1
      const root = path.slice(0, start).replace(/(^|\/)annotations\/$/u, '$1')
      return { path, root, subset: path.slice(start, -'.datum'.length) }
    })
}

/** Returns the files of a dataset as JSON. */
export function layoutToJson(files: readonly DatumaroFile[]): Json {
  return { version: 1, files: files.map((file) => ({ ...file })) }
}

/** Returns what {@link layoutToJson} was given; empty when `json` is something else. */
export function layoutFromJson(json: Json): readonly DatumaroFile[] {
  if (!isObject(json) || json['version'] !== 1 || !isArray(json['files'])) return []
  return json['files'].flatMap((file): DatumaroFile[] => {
    if (!isObject(file)) return []
    const { path, subset, root } = file
    return typeof path === 'string' && typeof subset === 'string' && typeof root === 'string'
      ? [{ path, subset, root }]
      : []
  })
}
