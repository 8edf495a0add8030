import path from 'node:path'
import { formatAmbiguous } from '../errors.ts'
import type { DetectedFormat, Folder } from '../format/format-adapter.ts'
import { comparePaths } from '../record/compare-paths.ts'
import type { FormatProvider } from '../repository/environment.ts'
import { isBelow, joinPath } from '../working-tree/path-range.ts'
import type { TrackedPaths } from '../working-tree/working-folder.ts'
import { previewFiles } from './preview-files.ts'

/** From here on a folder that nobody asked about is taken for a dataset. */
const SURE = 0.8

/** Closer than this two formats are as good as each other. */
const MARGIN = 0.05

/** Folders in folders are looked at this far down. */
const MAX_DEPTH = 4

/** A folder with more sub-folders than this is a collection of something else than datasets. */
const MAX_FOLDERS = 32

/** Sub-folders of these names are the parts of one dataset, not datasets themselves. */
const SUBSET = /^(train|training|trainval|val|valid|validation|dev|test|testing)$/i

/** A folder that is in a known format. */
export interface DiscoveredDataset {
  /** Relative to the working tree. */
  readonly path: string
  readonly format: string
}

/** Where datasets are looked for. */
export interface DiscoverySource {
  readonly formats: FormatProvider
  /** Returns the files of a folder that are shown to the formats. */
  readonly folderAt: (path: string, shown: TrackedPaths) => Folder
}

/**
 * Finds the datasets in a folder: the folder itself, or folders inside it when it holds several, or
 * when it only wraps one.
 *
 * @param files - The tracked files below the folder, relative to it, sorted
 * @param known - Folders that are datasets already; nothing is found in them or around them
 * @throws `DSV_FORMAT_AMBIGUOUS`
 */
export async function discoverDatasets(
  source: DiscoverySource,
  folder: string,
  files: readonly string[],
  known: readonly string[],
): Promise<readonly DiscoveredDataset[]> {
  return discover({ source, known }, { path: folder, files }, 0)
}

interface Search {
  readonly source: DiscoverySource
  readonly known: readonly string[]
}

interface Place {
  readonly path: string
  readonly files: readonly string[]
}

async function discover(
  search: Search,
  place: Place,
  depth: number,
): Promise<readonly DiscoveredDataset[]> {
  if (search.known.some((other) => isBelow(place.path, other))) return []
  const wrapsKnown = search.known.some((other) => isBelow(other, place.path))
  const answers = wrapsKnown ? [] : await detect(search.source, place)
  const format = chosenFormat(answers)
  const inner = depth < MAX_DEPTH ? subFolders(place) : []
  if (format !== undefined && !(await isOnlyAround(search.source, inner, format)))
    return [{ path: place.path, format }]
  const found: DiscoveredDataset[] = []
  if (inner.length <= MAX_FOLDERS)
    for (const each of inner) found.push(...(await discover(search, each, depth + 1)))
  const [best, second] = answers
  if (found.length === 0 && format === undefined && best && second && best.confidence >= SURE)
    throw formatAmbiguous(place.path, [best, second])
  return found
}

async function detect(
  { formats, folderAt }: DiscoverySource,
  { path: inside, files }: Place,
): Promise<readonly DetectedFormat[]> {
  const shown = previewFiles(files)
  const folder = folderAt(inside, {
    list: async () => shown,
    has: async (file) => isListed(files, file),
  })
  return formats.detect(folder)
}

function chosenFormat([best, second]: readonly DetectedFormat[]): string | undefined {
  if (best === undefined || best.confidence < SURE) return undefined
  const isClear = second === undefined || best.confidence - second.confidence >= MARGIN
  return isClear ? best.format : undefined
}

/**
 * Returns whether a folder in a known format only holds the dataset, or several: then its sub-folders
 * are in a known format themselves and are no subsets.
 */
async function isOnlyAround(
  source: DiscoverySource,
  inner: readonly Place[],
  format: string,
): Promise<boolean> {
  if (inner.length === 0 || inner.length > MAX_FOLDERS) return false
  if (inner.every(({ path: each }) => SUBSET.test(path.posix.basename(each)))) return false
  for (const each of inner) {
    const found = chosenFormat(await detect(source, each))
    if (found === undefined || (inner.length === 1 && found !== format)) return false
  }
  return true
}

/** The folders right below a place, each with its files. */
function subFolders({ path: above, files }: Place): readonly Place[] {
  const byName = new Map<string, string[]>()
  for (const file of files) {
    const slash = file.indexOf('/')
    if (slash < 0) continue
    const name = file.slice(0, slash)
    const known = byName.get(name)
    if (known === undefined) byName.set(name, [file.slice(slash + 1)])
    else known.push(file.slice(slash + 1))
    if (byName.size > MAX_FOLDERS) return []
  }
  return [...byName].map(([name, inside]) => ({ path: joinPath(above, name), files: inside }))
}

function isListed(files: readonly string[], file: string): boolean {
  let [low, high] = [0, files.length]
  while (low < high) {
    const middle = (low + high) >>> 1
    const order = comparePaths(files[middle] ?? '', file)
    if (order === 0) return true
    if (order < 0) low = middle + 1
    else high = middle
  }
  return false
}
