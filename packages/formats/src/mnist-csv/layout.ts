import type { Json } from '@dsv/core'
import { isObject } from '../shared/json-reader.ts'
import type { MnistCsvFiles } from './find-files.ts'

/** How the files of a dataset are laid out. */
export interface MnistCsvLayout {
  /** The folder of the files, with a slash at its end; empty for the root. */
  readonly root: string
  /** The row of names that files begin with; empty when there is none. */
  readonly header: string
}

/** Returns the layout of files that were found. */
export function layoutOf([first]: readonly MnistCsvFiles[], header: string): Json {
  const path = first?.path ?? ''
  return { root: path.slice(0, path.lastIndexOf('/') + 1), header }
}

/** Returns what {@link layoutOf} gave; the usual layout when `json` is something else. */
export function layoutFromJson(json: Json): MnistCsvLayout {
  if (!isObject(json)) return { root: '', header: '' }
  const { root, header } = json
  return {
    root: typeof root === 'string' ? root : '',
    header: typeof header === 'string' ? header : '',
  }
}
