import type { ItemKey, MediaSource } from '@dsv/core'
import { isUnionOf, subsetOf, TASKS } from './image-sets.ts'
import type { VocLayout } from './voc-layout.ts'

/** Returns where the image of an item is written, below the root: its base and its own extension. */
export function usualImagePath(layout: VocLayout, base: string, mediaPath: string): string {
  const extension = /\.[^./]*$/u.exec(mediaPath)?.[0] ?? '.jpg'
  return `${layout.root}${layout.images}${base}${extension}`
}

/** Returns what `<filename>` says of an image: its path in the folder of images, or its name. */
export function filenameOf(layout: VocLayout, imagePath: string): string {
  const folder = layout.root + layout.images
  if (layout.kind === 'devkit' && imagePath.startsWith(folder)) {
    return imagePath.slice(folder.length)
  }
  return imagePath.slice(imagePath.lastIndexOf('/') + 1)
}

/** Returns the numbers that `<size>` is written from; undefined when they are not known. */
export function sizeOf(
  medium: MediaSource | undefined,
): readonly [number, number, number | undefined] | undefined {
  const { width, height, channels } = medium ?? {}
  return width === undefined || height === undefined ? undefined : [width, height, channels]
}

/** Returns the image sets of an item that remembers none: of its subset, and unions that are there. */
export function usualSets({ subset }: ItemKey, hasMasks: boolean, layout: VocLayout): string[] {
  if (layout.kind === 'flat') return []
  const [first = 'Main'] = TASKS.filter((task) => layout.sets.some((set) => isOf(set, task)))
  const base = layout.sets.length > 0 && layout.sets.every((set) => !set.includes('/')) ? '' : first
  const tasks = new Set([base, ...(hasMasks ? ['Segmentation'] : [])])
  return [...tasks].flatMap((task) => {
    const prefix = task === '' ? '' : `${task}/`
    const unions = layout.sets.filter((set) => {
      const isHere = set.startsWith(prefix) && set.lastIndexOf('/') === prefix.length - 1
      return isHere && isUnionOf(set.slice(prefix.length), subset)
    })
    return [`${prefix}${subset}`, ...unions]
  })
}

/** Returns the sets that an item remembers, moved along when its subset has changed since. */
export function movedSets(
  sets: ReadonlyMap<string, readonly number[]>,
  subset: string,
): ReadonlyMap<string, readonly number[]> | undefined {
  const before = subsetOf([...sets.keys()]) ?? 'default'
  if (before === subset) return sets
  const moved = new Map<string, readonly number[]>()
  for (const [set, numbers] of sets) {
    const at = set.indexOf('/') + 1
    const name = set.slice(at)
    if (name === before) moved.set(set.slice(0, at) + subset, numbers)
    else if (isUnionOf(name, subset)) moved.set(set, numbers)
  }
  return moved.size === 0 || subsetOf([...moved.keys()]) !== subset ? undefined : moved
}

function isOf(set: string, task: string): boolean {
  return set.startsWith(`${task}/`)
}
