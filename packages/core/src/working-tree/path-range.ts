import type { KeyRange } from '@dsv/store'
import { encodePath } from '../record/file-record.ts'

/**
 * Returns the keys of all files below a folder; the root is the empty string. `/` is followed by `0` in
 * byte order, so `a/` … `a0` holds exactly what lies in `a`.
 */
export function pathRange(folder: string): KeyRange {
  if (folder === '') return {}
  return { from: encodePath(`${folder}/`), to: encodePath(`${folder}0`) }
}

/** Returns whether `path` is `folder` itself or lies below it. */
export function isBelow(path: string, folder: string): boolean {
  return folder === '' || path === folder || path.startsWith(`${folder}/`)
}

/** Returns `path` relative to `folder`, which it lies below. */
export function relativeTo(folder: string, path: string): string {
  return folder === '' ? path : path.slice(folder.length + 1)
}

/** Returns the path of what is called `inside` within `folder`. */
export function joinPath(folder: string, inside: string): string {
  return folder === '' ? inside : `${folder}/${inside}`
}
