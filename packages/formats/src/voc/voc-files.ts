import type { ReadContext } from '@dsv/core'
import type { Folder } from '@dsv/core'
import { isDsvError } from '@dsv/store'
import { isImagePath, withoutExtension } from '../media/media-kind.ts'
import { type ClassSetName, parseClassSetName } from './class-sets.ts'
import { fileIdOf, itemIdOf } from './file-id.ts'
import { parseImageSet, type SetLine, subsetOf } from './image-sets.ts'
import { MASK_FOLDERS, SPLIT_NAMES, type VocLayout } from './voc-layout.ts'

/** The files and lists that speak about one image. */
export interface VocEntry {
  /** The path of its files within their folders, without extension. */
  readonly base: string
  xml?: string
  image?: string
  classMask?: string
  objectMask?: string
  /** The image sets it is in, with the object numbers that stand beside it. */
  sets: ReadonlyMap<string, readonly number[]>
  /** Classes of the whole image; false when only difficult objects are of the class. */
  labels: ReadonlyMap<string, boolean>
  /** What the lists of actions say: action and object number → flag. */
  actions: ReadonlyMap<string, number>
  subset: string
  id: string
  /** Whether its files are not where an item of this key is written. */
  isElsewhere: boolean
}

/** All files of a dataset, put together by image. */
export interface VocFiles {
  readonly layout: VocLayout
  readonly entries: readonly VocEntry[]
  readonly entryOfBase: ReadonlyMap<string, VocEntry>
  /** Paths of images by base. */
  readonly images: ReadonlyMap<string, string>
  /** Bases that several images have. */
  readonly twins: ReadonlySet<string>
  readonly paths: ReadonlySet<string>
}

/** Finds out which images there are, and what lists say of them; opens no XML file. */
export async function findFiles(
  folder: Folder,
  paths: readonly string[],
  layout: VocLayout,
  knownClasses: ReadonlySet<string>,
  context: ReadContext,
): Promise<VocFiles> {
  const entries = new Map<string, VocEntry>()
  const images = new Map<string, string>()
  const twins = new Set<string>()
  for (const path of paths) {
    const found = placeOf(path, layout)
    if (found === undefined) continue
    const isTwin = found.role === 'image' && images.has(found.base)
    // Two images that differ in their extension alone: the later one keeps it in its name.
    const base = isTwin ? found.base + path.slice(path.lastIndexOf('.')) : found.base
    if (isTwin) twins.add(found.base)
    if (found.role === 'image') images.set(base, path)
    entryAt(entries, base)[found.role] ??= path
  }
  const lists =
    layout.kind === 'devkit'
      ? await readLists(folder, paths, layout, entries, knownClasses, context)
      : { sets: [], classSets: [] }
  const sorted = [...entries.values()].toSorted((a, b) => (a.base < b.base ? -1 : 1))
  nameEntries(sorted, layout)
  return {
    layout: { ...layout, ...lists },
    entries: sorted,
    entryOfBase: entries,
    images,
    twins,
    paths: new Set(paths),
  }
}

/** Returns which image a file is about, and as what; undefined for files that are none of ours. */
export function placeOf(
  path: string,
  layout: VocLayout,
):
  | { readonly role: 'xml' | 'image' | 'classMask' | 'objectMask'; readonly base: string }
  | undefined {
  const { root, annotations, images } = layout
  if (!path.startsWith(root)) return undefined
  const inRoot = path.slice(root.length)
  const below = (folder: string): string | undefined =>
    inRoot.startsWith(folder) ? withoutExtension(inRoot.slice(folder.length)) : undefined
  const isPng = /\.png$/iu.test(path)
  if (layout.kind === 'flat') {
    const base = withoutExtension(inRoot).replace(FLAT_FOLDERS, '$1')
    if (path.endsWith('.xml')) return { role: 'xml', base }
    return isImagePath(path) ? { role: 'image', base } : undefined
  }
  const found = [
    ['xml', path.endsWith('.xml') ? below(annotations) : undefined],
    ['classMask', isPng ? below(MASK_FOLDERS.class) : undefined],
    ['objectMask', isPng ? below(MASK_FOLDERS.object) : undefined],
    ['image', isImagePath(path) ? below(images) : undefined],
  ] as const
  for (const [role, base] of found) if (base !== undefined) return { role, base }
  return undefined
}

/** Returns where the files of an item go that nothing is remembered of. */
export function usualBase(
  key: { readonly subset: string; readonly id: string },
  isShared: boolean,
  layout: VocLayout,
): string {
  if (layout.kind === 'devkit') return fileIdOf(key, isShared)
  const { subset, id } = key
  const [first = ''] = id.split('/', 1)
  return subset === 'default' && (first === id || !SPLIT_NAMES.has(first)) ? id : `${subset}/${id}`
}

/** Folders for one kind of file within a subset; what lies in them belongs together. */
const FLAT_FOLDERS = /(^|\/)(?:annotations|images|jpegimages)\//iu

function entryAt(entries: Map<string, VocEntry>, base: string): VocEntry {
  const entry = entries.get(base) ?? {
    base,
    sets: NO_SETS,
    labels: NO_LABELS,
    actions: NO_ACTIONS,
    subset: 'default',
    id: base,
    isElsewhere: false,
  }
  entries.set(base, entry)
  return entry
}

const NO_SETS: VocEntry['sets'] = new Map()
const NO_LABELS: VocEntry['labels'] = new Map()
const NO_ACTIONS: VocEntry['actions'] = new Map()

/** A file below `ImageSets`. */
interface ListFile {
  /** `Main/`, or empty. */
  readonly task: string
  readonly name: string
  readonly path: string
  readonly lines: readonly SetLine[]
}

async function readLists(
  folder: Folder,
  paths: readonly string[],
  layout: VocLayout,
  entries: Map<string, VocEntry>,
  knownClasses: ReadonlySet<string>,
  context: ReadContext,
): Promise<Pick<VocLayout, 'sets' | 'classSets'>> {
  const files = await readListFiles(folder, paths, layout, entries, context)
  const [sets, classSets]: [string[], string[]] = [[], []]
  for (const file of files) {
    const classSet = classSetOf(file, files, knownClasses)
    const set = file.task + file.name
    if (classSet === undefined) {
      sets.push(set)
      addToSet(set, file.lines, entries)
      continue
    }
    classSets.push(set)
    addClassLines(file, classSet, entries)
    const hasSet = files.some(({ task, name }) => task === file.task && name === classSet.subset)
    if (hasSet) continue
    if (!sets.includes(file.task + classSet.subset)) sets.push(file.task + classSet.subset)
    const members = file.lines.map(({ id }) => ({ id, numbers: [] }))
    addToSet(file.task + classSet.subset, members, entries)
  }
  return { sets, classSets }
}

async function readListFiles(
  folder: Folder,
  paths: readonly string[],
  layout: VocLayout,
  entries: ReadonlyMap<string, VocEntry>,
  context: ReadContext,
): Promise<readonly ListFile[]> {
  const prefix = `${layout.root}ImageSets/`
  const files: ListFile[] = []
  for (const path of paths) {
    if (!path.startsWith(prefix) || !path.endsWith('.txt')) continue
    context.signal.throwIfAborted()
    const [, task = '', name = ''] = /^(.*\/)?([^/]*)\.txt$/su.exec(path.slice(prefix.length)) ?? []
    try {
      const bytes = await folder.read(path)
      files.push({ task, name, path, lines: parseImageSet(bytes, path, (id) => entries.has(id)) })
    } catch (error) {
      reportOrThrow(error, path, context)
    }
  }
  return files
}

/** Reports a problem of ours when problems are skipped, throws all others. */
export function reportOrThrow(error: unknown, file: string, context: ReadContext): void {
  if (context.onError === 'fail' || !isDsvError(error)) throw error
  context.onProblem({ file, message: error.message })
}

function classSetOf(
  file: ListFile,
  files: readonly ListFile[],
  knownClasses: ReadonlySet<string>,
): ClassSetName | undefined {
  const hasFlags = file.lines.every(({ numbers }) => {
    const flag = numbers.at(-1)
    return flag !== undefined && flag >= -1 && flag <= 1
  })
  if (!hasFlags) return undefined
  const others = files.filter(({ task, name }) => task === file.task && name !== file.name)
  const names = new Set(others.map(({ name }) => name))
  const isKnown = (name: string): boolean => knownClasses.has(name)
  const found = parseClassSetName(file.name, names, isKnown)
  if (found !== undefined || file.lines.length === 0 || file.task !== 'Main/') return found
  const at = file.name.lastIndexOf('_')
  return at <= 0 ? undefined : { name: file.name.slice(0, at), subset: file.name.slice(at + 1) }
}

function addToSet(set: string, lines: readonly SetLine[], entries: Map<string, VocEntry>): void {
  const withMember = sharedAdditions<readonly number[]>()
  for (const { id, numbers } of lines) {
    const entry = entryAt(entries, resolveId(id, entries))
    const known = entry.sets.get(set) ?? []
    entry.sets = withMember(entry.sets, set, [...known, ...numbers])
  }
}

function addClassLines(
  { task, lines }: ListFile,
  { name }: ClassSetName,
  entries: Map<string, VocEntry>,
): void {
  const withLabel = sharedAdditions<boolean>()
  for (const { id, numbers } of lines) {
    const [flag = -1, object] = numbers.toReversed()
    if (task === 'Main/' && flag === -1) continue
    const entry = entryAt(entries, resolveId(id, entries))
    if (task === 'Main/')
      entry.labels = withLabel(entry.labels, name, flag === 1 || entry.labels.get(name) === true)
    else if (object !== undefined)
      entry.actions = new Map(entry.actions).set(`${object} ${name}`, flag)
  }
}

/**
 * Makes a function that returns a map with one more entry: the same map for the same map and entry, since most images
 * are in the lists that the one before them is in, and a map takes hundreds of bytes.
 */
function sharedAdditions<Value>(): (
  map: ReadonlyMap<string, Value>,
  key: string,
  value: Value,
) => ReadonlyMap<string, Value> {
  const made = new Map<ReadonlyMap<string, Value>, Map<string, ReadonlyMap<string, Value>>>()
  return (map, key, value) => {
    const next = made.get(map) ?? new Map<string, ReadonlyMap<string, Value>>()
    made.set(map, next)
    const name = `${key}\0${String(value)}`
    const added = next.get(name) ?? new Map(map).set(key, value)
    next.set(name, added)
    return added
  }
}

/** Some lists name files instead of images. */
function resolveId(id: string, entries: ReadonlyMap<string, VocEntry>): string {
  return entries.has(id) || !isImagePath(id) ? id : withoutExtension(id)
}

function nameEntries(entries: readonly VocEntry[], layout: VocLayout): void {
  const taken = new Set<string>()
  for (const entry of entries) {
    if (layout.kind === 'flat') nameFlat(entry)
    else entry.subset = subsetOf([...entry.sets.keys()]) ?? 'default'
    taken.add(`${entry.subset}\0${entry.id}`)
  }
  const subsetsOfId = new Map<string, number>()
  for (const entry of entries) {
    const id = layout.kind === 'flat' ? entry.id : itemIdOf(entry.base, entry.subset)
    const isTaken = id !== entry.id && taken.has(`${entry.subset}\0${id}`)
    if (!isTaken) entry.id = id
    subsetsOfId.set(entry.id, (subsetsOfId.get(entry.id) ?? 0) + 1)
  }
  for (const entry of entries) {
    const isShared = (subsetsOfId.get(entry.id) ?? 0) > 1
    entry.isElsewhere = usualBase(entry, isShared, layout) !== entry.base
  }
}

function nameFlat(entry: VocEntry): void {
  const slash = entry.base.indexOf('/')
  const first = entry.base.slice(0, Math.max(0, slash))
  if (!SPLIT_NAMES.has(first)) return
  entry.subset = first
  entry.id = entry.base.slice(slash + 1)
}
