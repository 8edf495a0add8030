import type { Json } from '@dsv/core'
import { withoutExtension } from '../media/media-kind.ts'
import { isArray, isObject } from './json-reader.ts'
import { safeMediaName } from './media-finder.ts'
import { suffixOf } from './suffix-of.ts'

/** A folder that has all files of one subset. */
export interface SubsetRoot {
  readonly subset: string
  /** Empty or ending in `/`. */
  readonly root: string
}

/** Returns the subset of each folder: its name, or its path where two have the same name. */
export function subsetRoots(roots: readonly string[]): readonly SubsetRoot[] {
  const names = roots.map((root) => root.split('/').at(-2) ?? 'default')
  return roots.map((root, at) => {
    const name = names[at] ?? 'default'
    const isOnly = names.indexOf(name) === names.lastIndexOf(name)
    return { subset: isOnly ? name : root.slice(0, -1) || name, root }
  })
}

/** Returns where a subset is written: where it was read, else in a folder of its name. */
export function rootOfSubset(subset: string, before: readonly SubsetRoot[]): SubsetRoot {
  return before.find((each) => each.subset === subset) ?? { subset, root: `${subset}/` }
}

/** Returns the layout of such folders as JSON. */
export function subsetRootsToJson(roots: readonly SubsetRoot[]): Json {
  return { version: 1, roots: roots.map(({ subset, root }) => ({ subset, root })) }
}

/** Returns what {@link subsetRootsToJson} was given; nothing when `json` is something else. */
export function subsetRootsFromJson(json: Json): readonly SubsetRoot[] {
  if (!isObject(json) || json['version'] !== 1 || !isArray(json['roots'])) return []
  return json['roots'].flatMap((each): readonly SubsetRoot[] => {
    if (!isObject(each)) return []
    const { subset, root } = each
    return typeof subset === 'string' && typeof root === 'string' ? [{ subset, root }] : []
  })
}

/** Returns where the image of an item goes in a folder: it stays where it was, when its name says the id. */
export function imageInFolder(id: string, path: string, folder: string, suffix: string): string {
  const stem = folder + safeMediaName(id)
  return withoutExtension(path) === stem ? path : stem + suffixOf(path, suffix)
}
