import type { Folder } from '@dsv/core'
import { readHead } from './read-head.ts'

/** What the annotations of a file are about. */
export const COCO_TASKS = [
  'instances',
  'keypoints',
  'captions',
  'panoptic',
  'stuff',
  'labels',
  'image_info',
  'results',
] as const

/** One of {@link COCO_TASKS}. */
export type CocoTask = (typeof COCO_TASKS)[number]

/** An annotation file, by what its path says. */
export interface CocoFile {
  readonly path: string
  readonly task: CocoTask
  /** The subset of its images; for results, a guess. */
  readonly subset: string
}

/** The prefixes of file names by task; `labels` is what Datumaro calls classes of whole images. */
const PREFIXES: ReadonlyMap<string, CocoTask> = new Map<string, CocoTask>([
  ['instances', 'instances'],
  ['person_keypoints', 'keypoints'],
  ['keypoints', 'keypoints'],
  ['captions', 'captions'],
  ['panoptic', 'panoptic'],
  ['stuff', 'stuff'],
  ['labels', 'labels'],
  ['image_info', 'image_info'],
])

const NAMED = new RegExp(`^(${[...PREFIXES.keys()].join('|')})_(.+)\\.json$`)
const SUBSET = /(?:^|[_.-])((?:train|val|valid|validation|test|minival|trainval)\w*)$/
/** Files of unknown name that are looked into; a folder with more of them is in another format. */
const MAX_LOOKED_INTO = 64

/**
 * Finds the annotation files of a folder, sorted by path: by name where the name says it, else by a
 * look at the first and last bytes of `.json` files.
 */
export async function findCocoFiles(folder: Folder): Promise<readonly CocoFile[]> {
  const paths = (await folder.list()).filter((path) => path.toLowerCase().endsWith('.json'))
  const found: CocoFile[] = []
  let lookedInto = 0
  for (const path of paths) {
    const named = fileByName(path)
    if (named === undefined && (lookedInto += 1) > MAX_LOOKED_INTO) continue
    const head = named === undefined || paths.length <= 64 ? await readHead(folder, path) : 'coco'
    if (head === 'results') found.push({ path, task: 'results', subset: subsetOf(path) })
    else if (head === 'coco')
      found.push(named ?? { path, task: 'instances', subset: subsetOf(path) })
  }
  return distinctSubsets(found)
}

/** Returns the annotation file of a path whose name says what it is, undefined for every other. */
export function fileByName(path: string): CocoFile | undefined {
  const name = path.slice(path.lastIndexOf('/') + 1)
  const [, prefix, subset] = NAMED.exec(name) ?? []
  const task = prefix === undefined ? undefined : PREFIXES.get(prefix)
  if (task !== undefined && subset !== undefined) return { path, task, subset }
  if (!name.endsWith('_annotations.coco.json')) return undefined
  return { path, task: 'instances', subset: subsetOf(path) }
}

/** `train` of `a/instances_train.json`, of `train/labels.json` and of `train/_annotations.coco.json`. */
function subsetOf(path: string): string {
  const segments = path.split('/')
  const stem = segments.pop()?.replace(/\.[^.]*$/, '') ?? ''
  const [, fromName] = SUBSET.exec(stem) ?? []
  if (fromName !== undefined) return fromName
  const parent = segments.at(-1) ?? ''
  return SUBSET.test(parent) ? parent : 'default'
}

/** Two files of one task in one subset hold different images: the name of the file keeps them apart. */
function distinctSubsets(files: readonly CocoFile[]): readonly CocoFile[] {
  const counts = new Map<string, number>()
  const keyOf = ({ task, subset }: CocoFile): string => `${task}/${subset}`
  for (const file of files) counts.set(keyOf(file), (counts.get(keyOf(file)) ?? 0) + 1)
  return files.map((file) => {
    if (file.task === 'results' || (counts.get(keyOf(file)) ?? 0) < 2) return file
    return { ...file, subset: file.path.replace(/\.json$/i, '').replaceAll('/', '-') }
  })
}
