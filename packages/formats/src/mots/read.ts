import {
  type AnnotationDraft,
  type DatasetStream,
  type Folder,
  GROUND_TRUTH,
  maskGeometry,
  type ReadContext,
  type SourceItem,
} from '@dsv/core'
import { decodeLabelPlane, planeMasks, UNLABELLED } from '../shared/label-plane.ts'
import { categoriesInOrder, readNameList } from '../shared/name-list.ts'
import { readAhead } from '../shared/read-ahead.ts'
import { skipOrThrow } from '../shared/skip-or-throw.ts'
import { type StemFinder, stemFinder } from '../shared/stem-finder.ts'
import { subsetRootsToJson } from '../shared/subset-roots.ts'
import { classesOf, INSTANCES, isRegion, MOTS_CLASSES } from './classes.ts'
import { findMotsRoots, type MotsItem, planItems } from './find-files.ts'

const FILES_AT_ONCE = 4

/** Reads the PNG files of MOTS, some at a time. @throws `DSV_FORMAT_SYNTAX` */
export async function readMots(folder: Folder, context: ReadContext): Promise<DatasetStream> {
  context.signal.throwIfAborted()
  const paths = await folder.list()
  const known = new Set(paths)
  const roots = findMotsRoots(paths)
  const classes = new Map<string, ReadonlyMap<number, string>>()
  for (const { root } of roots) {
    const names = await readNames(folder, root, known, context)
    const own = names === undefined ? MOTS_CLASSES : classesOf(names)
    classes.set(root, new Map(own.map(({ number, name }) => [number, name])))
  }
  const reading: Reading = { folder, classes, stems: await stemFinder(folder), context }
  const names = [...classes.values()].flatMap((each) => [...each.values()])
  return {
    schema: { categories: categoriesInOrder(names), attributes: [], info: {} },
    layout: subsetRootsToJson(roots),
    items: readAhead(planItems(paths, roots), FILES_AT_ONCE, async (item) =>
      readItem(item, reading),
    ),
  }
}

/** What the items are read with. */
interface Reading {
  readonly folder: Folder
  /** Names of the classes by root and number. */
  readonly classes: ReadonlyMap<string, ReadonlyMap<number, string>>
  readonly stems: StemFinder
  readonly context: ReadContext
}

async function readNames(
  folder: Folder,
  root: string,
  known: ReadonlySet<string>,
  context: ReadContext,
): Promise<readonly string[] | undefined> {
  const path = `${root}instances/labels.txt`
  if (!known.has(path)) return undefined
  try {
    return await readNameList(folder, path)
  } catch (error) {
    skipOrThrow(error, path, context)
    return undefined
  }
}

async function readItem(
  { subset, root, id, instances }: MotsItem,
  { folder, classes, stems, context }: Reading,
): Promise<SourceItem> {
  context.signal.throwIfAborted()
  const images = `${root}images/`
  const found = stems.find(id, [images])
  const image = found === instances ? undefined : found
  const info = image === undefined ? undefined : await context.probe(image)
  let drafts: readonly AnnotationDraft[] = []
  try {
    if (instances !== undefined) {
      const bytes = await folder.read(instances)
      drafts = readMasks(bytes, instances, classes.get(root) ?? new Map<number, string>())
    }
  } catch (error) {
    skipOrThrow(error, instances ?? '', context)
  }
  return {
    subset,
    id,
    media: [{ role: 'primary', path: image ?? `${images}${id}.jpg`, ...info, kind: 'image' }],
    layers: { [GROUND_TRUTH]: drafts },
  }
}

function readMasks(
  bytes: Uint8Array,
  file: string,
  names: ReadonlyMap<number, string>,
): readonly AnnotationDraft[] {
  const plane = decodeLabelPlane(bytes, file, {
    ofColor: () => undefined,
    ofIndex: (value) => {
      if (value < INSTANCES) return UNLABELLED
      return names.has(Math.floor(value / INSTANCES)) ? value : undefined
    },
  })
  return [...planeMasks(plane)].map(([value, mask]) => {
    const category = names.get(Math.floor(value / INSTANCES)) ?? ''
    const instance = value % INSTANCES
    return {
      ...maskGeometry(mask),
      category,
      ...(!isRegion(category, instance) && { track: instance }),
    }
  })
}
