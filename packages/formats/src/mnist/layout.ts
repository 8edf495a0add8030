import type { Json } from '@dsv/core'
import { isObject } from '../shared/json-reader.ts'
import type { MnistFiles } from './find-files.ts'

/** How the files of a dataset are named. */
export interface MnistLayout {
  /** The folder of the files, with a slash at its end; empty for the root. */
  readonly root: string
  readonly isPacked: boolean
  /** Between the kind of a file and its dimensions: `images-idx3` or `images.idx3`. */
  readonly separator: '-' | '.'
}

const USUAL: MnistLayout = { root: '', isPacked: true, separator: '-' }

/** Returns the layout of files that were found, as far as all are alike. */
export function layoutOf(files: readonly MnistFiles[]): Json {
  const [path = ''] = files.flatMap(({ images, labels }) => images ?? labels ?? [])
  return {
    root: path.slice(0, path.lastIndexOf('/') + 1),
    isPacked: path === '' || path.endsWith('.gz'),
    separator: path.includes('.idx') ? '.' : '-',
  }
}

/** Returns what {@link layoutOf} gave; the usual layout when `json` is something else. */
export function layoutFromJson(json: Json): MnistLayout {
  if (!isObject(json)) return USUAL
  const { root, isPacked, separator } = json
  return {
    root: typeof root === 'string' ? root : '',
    isPacked: isPacked !== false,
    separator: separator === '.' ? '.' : '-',
  }
}
