import { type AdapterContext, type Folder, formatSyntax } from '@dsv/core'
import { withoutExtension } from '../media/media-kind.ts'
import { pathsBelow } from '../folder/path-list.ts'
import { decodeText, splitLines } from '../shared/text-reader.ts'
import type { YoloLayout, YoloSubset } from './layout.ts'
import { longestKnownEnd, MAX_PATH, type PathIndex, plainPath } from './path-index.ts'
import { isYoloImage, labelFolderOf, labelPathOf, withLabelExtension } from './yolo-image.ts'

/** One item to read: an image, its label file, or both. */
export interface PlannedItem {
  readonly subset: string
  readonly id: string
  /** Undefined for a label file without image. */
  readonly image?: string
  /** Undefined when there is no label file: an image without annotations. */
  readonly label?: string
}

/** What the planner needs to know. */
export interface PlanContext extends Pick<AdapterContext, 'signal'> {
  readonly onProblem: (problem: { readonly file: string; readonly message: string }) => void
}

/**
 * Returns the items of all subsets, from names alone (and from the lists of images, where there are).
 * An image that two subsets name is read once, for the first.
 */
export async function planItems(
  folder: Folder,
  layout: YoloLayout,
  index: PathIndex,
  context: PlanContext,
): Promise<readonly PlannedItem[]> {
  const paths = await folder.list()
  const claimed = new Set<string>()
  const planned: PlannedItem[] = []
  for (const subset of layout.subsets) {
    context.signal.throwIfAborted()
    const images = await imagesOf(folder, subset, paths, index)
    const own = images.filter((image) => !claimed.has(image))
    if (own.length < images.length) {
      context.onProblem({
        file: layout.file,
        message: sharedImages(subset, images.length - own.length),
      })
    }
    for (const image of own) claimed.add(image)
    for (const each of withLabels(own, subset, index)) planned.push(each)
  }
  const used = new Set(planned.flatMap(({ label }) => label ?? []))
  for (const subset of layout.subsets)
    for (const each of lonelyLabels(subset, layout, paths, used)) planned.push(each)
  return planned
}

function sharedImages(subset: YoloSubset, count: number): string {
  return `${subset.name} names ${count} images that an earlier subset has; they are read once`
}

async function imagesOf(
  folder: Folder,
  subset: YoloSubset,
  paths: readonly string[],
  index: PathIndex,
): Promise<readonly string[]> {
  const images = new Set<string>()
  for (const root of subset.folders) {
    for (const path of pathsBelow(paths, root)) if (isYoloImage(path)) images.add(path)
  }
  for (const list of subset.lists) {
    const { lines } = splitLines(decodeText(await folder.read(list), list))
    for (const line of lines)
      if (line.trim() !== '') images.add(listedImage(line.trim(), list, index))
  }
  return [...images]
}

/** An image that is not there keeps the name that its label file gives away, or that the list has. */
function listedImage(line: string, list: string, index: PathIndex): string {
  const beside = line.startsWith('./') ? plainPath(`${list}/../${line}`) : plainPath(line)
  if (beside === '' || beside.length > MAX_PATH)
    throw formatSyntax(list, `names the image "${line.slice(0, 80)}"`)
  const image = longestKnownEnd(beside, index.files)
  if (image !== undefined) return image
  for (const label of [labelPathOf(beside), withLabelExtension(beside)]) {
    const known = longestKnownEnd(label, index.files)
    if (known !== undefined) return beside.slice(label.length - known.length)
  }
  return beside.replace(/^data\//, '')
}

function withLabels(
  images: readonly string[],
  subset: YoloSubset,
  index: PathIndex,
): readonly PlannedItem[] {
  const ids = images.map((image) => imageId(image, subset))
  const counts = new Map<string, number>()
  for (const id of ids) {
    const stem = withoutExtension(id)
    counts.set(stem, (counts.get(stem) ?? 0) + 1)
  }
  return images.map((image, at) => {
    const id = ids[at] ?? image
    const stem = withoutExtension(id)
    const label = [labelPathOf(image), withLabelExtension(image)].find((path) =>
      index.files.has(path),
    )
    const isAlone = counts.get(stem) === 1
    return {
      subset: subset.name,
      id: isAlone ? stem : id,
      image,
      ...(label !== undefined && { label }),
    }
  })
}

/** Returns the id of an image, its extension included: its path below the folder of its subset. */
export function imageId(image: string, subset: YoloSubset): string {
  const [only] = subset.folders
  if (subset.folders.length === 1 && subset.lists.length === 0 && only !== undefined) {
    return only === '' ? image : image.slice(only.length + 1)
  }
  const darknet = `obj_${subset.name}_data/`
  if (image.startsWith(darknet)) return image.slice(darknet.length)
  return image.replace(/^(?:.*\/)?images\//, '').replace(new RegExp(`^${escape(subset.name)}/`), '')
}

function escape(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')
}

function lonelyLabels(
  subset: YoloSubset,
  layout: YoloLayout,
  paths: readonly string[],
  used: Set<string>,
): readonly PlannedItem[] {
  const lonely: PlannedItem[] = []
  for (const root of subset.folders) {
    const labels = labelFolderOf(root)
    if (labels === root) continue
    for (const path of pathsBelow(paths, labels)) {
      if (!path.endsWith('.txt') || used.has(path) || path === layout.namesFile) continue
      if (path.endsWith('/classes.txt')) continue
      used.add(path)
      const stem = path.slice(labels.length + 1, -'.txt'.length)
      lonely.push({ subset: subset.name, id: stem, label: path })
    }
  }
  return lonely
}
