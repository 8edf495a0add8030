import { type Category, type Folder, isDsvError, type SourceItem } from '@dsv/core'
import { loadAdapter, openFolder, probeMedia, resolveFormatName } from '@dsv/formats'
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import path from 'node:path'
import { compareFact, type FactDifferences, type ReadDataset } from './compare-fact.ts'
import { assetPath, type Fact } from './facts.ts'

const DIFFERENCES = 'docs/formats/differences.md'

/** What became of one fact. */
export interface CheckedFact {
  readonly fact: Fact
  /** Ours, undefined when no adapter has the name. */
  readonly format: string | undefined
  /**
   * `equal` and `differs` in what {@link compareFact} compares; `unexplained` differs too, without a heading in
   * docs/formats/differences.md; `failed` could not be read; `skipped` for want of a program (FFmpeg).
   */
  readonly verdict: 'equal' | 'differs' | 'unexplained' | 'failed' | 'skipped' | 'no adapter'
  readonly differences?: FactDifferences
  /** Where the difference is argued: a page and a heading. */
  readonly link?: string
  readonly error?: string
}

/** Reads the sample of a fact with our adapter of the same name and compares. */
export async function checkFact(fact: Fact): Promise<CheckedFact> {
  const format = ourFormat(fact.format)
  if (format === undefined) return { fact, format, verdict: 'no adapter' }
  try {
    const read = await readFact(fact, format)
    const isPart = fact.format.startsWith('voc_')
    const differences = compareFact(fact, read, { isPart })
    if (Object.values(differences).every((list) => list.length === 0))
      return { fact, format, verdict: 'equal', differences }
    const link = explanationOf(format)
    const verdict = link === undefined ? 'unexplained' : 'differs'
    return { fact, format, verdict, differences, ...(link !== undefined && { link }) }
  } catch (error) {
    const said = isDsvError(error) ? `${error.code}: ${error.message}` : String(error)
    const verdict = isDsvError(error, 'DSV_TOOL_NOT_FOUND') ? 'skipped' : 'failed'
    return { fact, format, verdict, error: said }
  }
}

/** Returns our name of a format of Datumaro; undefined where we have none. */
export function ourFormat(name: string): string | undefined {
  try {
    return resolveFormatName(name)
  } catch (error) {
    if (isDsvError(error) && error.code === 'DSV_FORMAT_UNKNOWN') return undefined
    throw error
  }
}

/** The heading of a format among the argued differences. */
function explanationOf(format: string): string | undefined {
  const root = process.env['DSV_ROOT'] ?? path.join(import.meta.dirname, '../../..')
  const page = readFileSync(path.join(root, DIFFERENCES), 'utf8')
  for (const [, heading = ''] of page.matchAll(/^## (.+)$/gm))
    if (heading.split(', ').includes(format))
      return `${DIFFERENCES}#${heading.replaceAll(', ', '-')}`
  return undefined
}

/** Reads the sample of a fact with one of our adapters. */
export async function readFact(
  fact: Pick<Fact, 'asset' | 'options'>,
  format: string,
): Promise<ReadDataset> {
  const categories: Category[] = []
  const items: SourceItem[] = []
  const adapter = await loadAdapter(format)
  for (const place of placesOf(fact)) {
    const opened = await openFolder(place.path)
    try {
      const folder = place.only === undefined ? opened : onlyFiles(opened, place.only)
      const stream = await adapter.read(folder, {
        signal: new AbortController().signal,
        onLoss: () => {},
        onError: 'fail',
        onProblem: () => {},
        probe: async (file) => probeMedia(folder, file),
      })
      categories.push(...stream.schema.categories)
      for await (const item of stream.items) items.push(item)
    } finally {
      await opened.close()
    }
  }
  return { categories, items }
}

/** A folder or archive, and which of its files count. */
interface Place {
  readonly path: string
  readonly only?: (file: string) => boolean
}

/** Facts name a folder, one file of a folder, a folder of archives, or images and a table beside them. */
function placesOf({ asset, options }: Pick<Fact, 'asset' | 'options'>): readonly Place[] {
  const whole = assetPath(asset)
  const table = tableOf(options)
  if (table !== undefined) {
    const parent = path.dirname(assetPath(table))
    const name = path.basename(table)
    const only = (file: string): boolean => file.includes('/') || file === name
    return [{ path: parent, only }]
  }
  if (existsSync(whole) && statSync(whole).isFile()) {
    const name = path.basename(whole)
    return [{ path: path.dirname(whole), only: (file) => file === name }]
  }
  const names = readdirSync(whole)
  if (names.length > 0 && names.every((name) => name.endsWith('.zip')))
    return names.toSorted().map((name) => ({ path: path.join(whole, name) }))
  return [{ path: whole }]
}

function tableOf(options: unknown): string | undefined {
  if (typeof options !== 'object' || options === null || !('ann_file' in options)) return undefined
  return String(options.ann_file).replace(/^@A\//, '')
}

function onlyFiles(folder: Folder, only: (file: string) => boolean): Folder {
  return {
    list: async (under) => (await folder.list(under)).filter(only),
    has: async (file) => only(file) && folder.has(file),
    read: async (file) => folder.read(file),
    open: async (file) => folder.open(file),
  }
}
