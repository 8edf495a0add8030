import type { AnnotatedItem, DatasetView, Json } from '@dsv/core'
import { withoutExtension } from '../media/media-kind.ts'
import { isArray, isObject } from './json-reader.ts'
import { safeMediaName } from './media-finder.ts'

/** An annotation file that says everything about one subset. */
export interface SubsetFile {
  readonly path: string
  readonly subset: string
}

/**
 * Returns which subset each file is of: the folder it is in, `default` at the root. Where a folder has
 * several, or folders have the same name, the path of the file says it.
 */
export function subsetsByFolder(paths: readonly string[]): readonly SubsetFile[] {
  const names = paths.map((path) => path.split('/').at(-2) ?? 'default')
  return paths.map((path, at) => {
    const name = names[at] ?? 'default'
    const isOnly = names.indexOf(name) === names.lastIndexOf(name)
    return { path, subset: isOnly ? name : withoutExtension(path) }
  })
}

/** Returns a layout of such files as JSON. */
export function subsetFilesToJson(files: readonly SubsetFile[]): Json {
  return { version: 1, files: files.map(({ path, subset }) => ({ path, subset })) }
}

/** Returns the files of a layout; none when it is another one. */
export function subsetFilesFrom(layout: Json): readonly SubsetFile[] {
  if (!isObject(layout) || layout['version'] !== 1 || !isArray(layout['files'])) return []
  return layout['files'].flatMap((file): readonly SubsetFile[] => {
    if (!isObject(file)) return []
    const { path, subset } = file
    return typeof path === 'string' && typeof subset === 'string' ? [{ path, subset }] : []
  })
}

/**
 * Returns the file to write for each subset: the one that was read, or one called `fileName` in a folder
 * of the subset, at the root for `default`.
 */
export function planSubsetFiles(
  { layout, subsets }: DatasetView,
  usualPath: (subset: string) => string,
): readonly SubsetFile[] {
  const before = subsetFilesFrom(layout)
  return (subsets.length === 0 ? ['default'] : subsets).map((subset) => {
    const known = before.find((file) => file.subset === subset)
    return known ?? { subset, path: usualPath(subset) }
  })
}

/** Returns the path of a file called `name` in a folder of its subset; at the root for `default`. */
export function inSubsetFolder(subset: string, name: string): string {
  return subset === 'default' ? name : `${safeMediaName(subset).replaceAll('/', '-')}/${name}`
}

/** Returns the folder of a file: empty or ending in `/`. */
export function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/') + 1)
}

/** Returns what a format keeps of an item that it read: the members of its `extra`. */
export function ownExtra(
  { extra }: Pick<AnnotatedItem, 'extra'>,
  format: string,
): { readonly [key: string]: Json } {
  const own = extra?.[format]
  return isObject(own) ? own : {}
}
