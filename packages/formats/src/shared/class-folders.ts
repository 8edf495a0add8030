import {
  type Category,
  EMPTY_SCHEMA,
  GROUND_TRUTH,
  type ReadContext,
  type Schema,
  type SourceItem,
} from '@dsv/core'
import { extensionOf, isImagePath, withoutExtension } from '../media/media-kind.ts'
import { compareText } from './compare-text.ts'
import { readAhead } from './read-ahead.ts'

/** One image in a folder, and what its place says. */
export interface PlannedImage {
  readonly subset: string
  readonly id: string
  readonly path: string
  /** Name of the class; undefined where the folders are no classes, or above them. */
  readonly className?: string
}

/** How a folder of images is to be read, and why. */
export interface ClassFolderPlan {
  readonly variant: 'plain' | 'classes'
  readonly reason: string
  /** Names of the first-level folders that are subsets; empty when there are none. */
  readonly subsets: readonly string[]
  /** Names of the classes, sorted. */
  readonly classes: readonly string[]
  readonly images: readonly PlannedImage[]
}

/** First-level folders of these names are subsets, when no other folder with images is beside them. */
export const SUBSET_FOLDERS: ReadonlySet<string> = new Set([
  'train',
  'training',
  'val',
  'valid',
  'validation',
  'test',
  'testing',
  'default',
])
const GENERIC_FOLDERS: ReadonlySet<string> = new Set([
  'image',
  'images',
  'img',
  'imgs',
  'frames',
  'pictures',
  'photos',
  'data',
  'media',
  'jpegimages',
])
const FILES_AT_ONCE = 16

/**
 * Decides from names alone whether the folders of images are classes, and names the items.
 *
 * In `classes`, the class is the whole path of the folder below the subset, and the id is the name of
 * the file when it is unique in its subset: an image that moves to another class stays the same item.
 */
export function planClassFolders(
  paths: readonly string[],
  forced?: ClassFolderPlan['variant'],
): ClassFolderPlan {
  const images = paths.filter(isImagePath)
  const subsets = subsetFolders(images)
  const placed = images.map((path) => placeOf(path, subsets))
  const { variant, reason } =
    forced === undefined ? decide(placed, subsets.length > 0) : asAsked(forced)
  const planned = variant === 'plain' ? plainItems(placed) : classItems(placed)
  const classes = new Set(planned.flatMap(({ className }) => className ?? []))
  return {
    variant,
    reason,
    subsets,
    classes: [...classes].toSorted(compareText),
    images: planned,
  }
}

/** Reads the planned images; each class is a category, each image in one has a label. */
export function readClassFolders(
  plan: ClassFolderPlan,
  context: ReadContext,
): { readonly schema: Schema; readonly items: AsyncIterable<SourceItem> } {
  const categories = plan.classes.map((name): Category => ({ key: name, name }))
  const items = readAhead(plan.images, FILES_AT_ONCE, async (image) => readImage(image, context))
  return { schema: { ...EMPTY_SCHEMA, categories }, items }
}

/** Reads one planned image. */
export async function readImage(
  { subset, id, path, className }: PlannedImage,
  context: ReadContext,
): Promise<SourceItem> {
  context.signal.throwIfAborted()
  const info = await context.probe(path)
  const labels = className === undefined ? [] : [{ type: 'label', category: className } as const]
  return {
    subset,
    id,
    media: [{ role: 'primary', path, kind: 'image', ...info }],
    layers: { [GROUND_TRUTH]: labels },
  }
}

/** Returns the name of a file for an id: `/` would make a folder, which would be another class. */
export function fileNameOf(id: string): string {
  return id.replaceAll(/%(?=(?:25)*2F)/g, '%25').replaceAll('/', '%2F')
}

/** Only `%2F` means something: a name with other percent signs stays as it is. */
function idOf(fileName: string): string {
  return fileName.replaceAll('%2F', '/').replaceAll(/%25(?=(?:25)*2F)/g, '%')
}

interface PlacedImage {
  readonly path: string
  readonly subset: string
  /** Folder and file name below the subset. */
  readonly folder: string
  readonly name: string
}

function subsetFolders(images: readonly string[]): readonly string[] {
  const first = new Set<string>()
  for (const path of images) {
    const slash = path.indexOf('/')
    if (slash < 0) continue
    const name = path.slice(0, slash)
    if (!SUBSET_FOLDERS.has(name.toLowerCase())) return []
    first.add(name)
  }
  return [...first]
}

function placeOf(path: string, subsets: readonly string[]): PlacedImage {
  const start = subsets.length > 0 ? path.indexOf('/') + 1 : 0
  const slash = path.lastIndexOf('/')
  return {
    path,
    subset: start === 0 ? 'default' : path.slice(0, start - 1),
    folder: path.slice(start, Math.max(start, slash)),
    name: path.slice(slash + 1),
  }
}

function decide(
  images: readonly PlacedImage[],
  hasSubsets: boolean,
): Pick<ClassFolderPlan, 'variant' | 'reason'> {
  const counts = countOf(images.map(({ folder }) => folder))
  return decideByFolders(counts, hasSubsets)
}

/** Decides from the number of images in each folder below the subsets; `''` is the subset itself. */
export function decideByFolders(
  counts: ReadonlyMap<string, number>,
  hasSubsets: boolean,
): Pick<ClassFolderPlan, 'variant' | 'reason'> {
  const folders = [...counts.keys()].filter((folder) => folder !== '')
  const inFolders = folders.reduce((sum, folder) => sum + (counts.get(folder) ?? 0), 0)
  const generic = folders.find((folder) => GENERIC_FOLDERS.has(folder.toLowerCase()))
  if (folders.length === 0) return { variant: 'plain', reason: 'no folders that could be classes' }
  if (generic !== undefined) return { variant: 'plain', reason: `folder ${generic} is no class` }
  const atTop = folders.filter((folder) => !folder.includes('/')).length
  if (atTop < (hasSubsets ? 1 : 2)) {
    return { variant: 'plain', reason: 'too few folders for classes' }
  }
  if (inFolders < (counts.get('') ?? 0) && !hasSubsets) {
    return { variant: 'plain', reason: 'most images are in no folder that could be a class' }
  }
  return { variant: 'classes', reason: `${folders.length} folders of images, taken as classes` }
}

function asAsked(variant: ClassFolderPlan['variant']): Pick<ClassFolderPlan, 'variant' | 'reason'> {
  return { variant, reason: 'as asked' }
}

function plainItems(images: readonly PlacedImage[]): readonly PlannedImage[] {
  const below = images.map(({ folder, name }) => (folder === '' ? name : `${folder}/${name}`))
  const counts = countOf(
    images.map(({ subset }, at) => keyOf(subset, withoutExtension(below[at] ?? ''))),
  )
  return images.map(({ subset, path }, at) => {
    const full = below[at] ?? path
    const stem = withoutExtension(full)
    return { subset, path, id: idOf(counts.get(keyOf(subset, stem)) === 1 ? stem : full) }
  })
}

/** Shortest unique of: file name; class and file name; the same with the extension. */
function classItems(images: readonly PlacedImage[]): readonly PlannedImage[] {
  const stems = images.map(({ name }) => idOf(withoutExtension(name)))
  const prefixed = images.map(({ folder }, at) => {
    return folder === '' ? (stems[at] ?? '') : `${folder}/${stems[at] ?? ''}`
  })
  const stemCounts = countOf(images.map(({ subset }, at) => keyOf(subset, stems[at] ?? '')))
  const prefixedCounts = countOf(images.map(({ subset }, at) => keyOf(subset, prefixed[at] ?? '')))
  return images.map(({ subset, path, folder, name }, at) => {
    const [stem = '', long = ''] = [stems[at], prefixed[at]]
    const isLongUnique = prefixedCounts.get(keyOf(subset, long)) === 1
    const unique =
      isLongUnique && !stemCounts.has(keyOf(subset, long)) ? long : `${long}.${extensionOf(name)}`
    const id = stemCounts.get(keyOf(subset, stem)) === 1 ? stem : unique
    return { subset, id, path, ...(folder !== '' && { className: folder }) }
  })
}

function keyOf(subset: string, id: string): string {
  return `${subset}\0${id}`
}

function countOf(keys: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>()
  for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1)
  return counts
}
