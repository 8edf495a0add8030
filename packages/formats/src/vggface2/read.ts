import {
  type AnnotationDraft,
  type Category,
  type DatasetStream,
  EMPTY_SCHEMA,
  type Folder,
  formatSyntax,
  GROUND_TRUTH,
  type ReadContext,
  type SourceItem,
} from '@dsv/core'
import { withoutExtension } from '../media/media-kind.ts'
import { type CsvIndex, indexCsv } from '../shared/csv-index.ts'
import { safeMediaName } from '../shared/media-finder.ts'
import { parseNumbers } from '../shared/parse-number.ts'
import { skipOrThrow } from '../shared/skip-or-throw.ts'
import { splitClass } from '../shared/split-class.ts'
import { type StemFinder, stemFinder } from '../shared/stem-finder.ts'
import { decodeText, splitLines } from '../shared/text-reader.ts'
import {
  findVggface2Files,
  NO_LABEL,
  type Vggface2Files,
  type Vggface2Table,
} from './find-files.ts'

/** Reads the tables of VGGFace2; each is looked through once. @throws `DSV_FORMAT_SYNTAX` */
export async function readVggface2(folder: Folder, context: ReadContext): Promise<DatasetStream> {
  context.signal.throwIfAborted()
  const files = await findVggface2Files(folder)
  const listed = await readLabels(folder, files, context)
  const subsets = new Map<string, ReadSubset>()
  for (const { kind, subset, path } of files.tables) {
    const known = subsets.get(subset) ?? { subset, tables: [], names: new Set<string>() }
    subsets.set(subset, known)
    try {
      const index = await openTable(folder, path, context)
      known.tables.push({ kind, index })
      for (const name of index.keys) if (name !== '') known.names.add(name)
    } catch (error) {
      skipOrThrow(error, path, context)
    }
  }
  for (const { subset, names } of subsets.values()) {
    const start = `${files.root}${subset}/`
    for (const path of files.images) {
      if (path.startsWith(start)) names.add(withoutExtension(path.slice(start.length)))
    }
  }
  const isListed = (name: string): boolean => listed.has(name)
  const classOf = (nameId: string): string | undefined =>
    (splitClass(nameId, isListed) ?? splitClass(nameId, isTopFolder))?.className
  const found = new Set<string>()
  for (const { names } of subsets.values()) {
    for (const name of names) found.add(classOf(name) ?? NO_LABEL)
  }
  found.delete(NO_LABEL)
  const others = [...found].filter((name) => !listed.has(name)).toSorted()
  const categories = [...listed.values(), ...others.map((name) => ({ key: name, name }))]
  const reading: Reading = { files, context, classOf, stems: await stemFinder(folder) }
  return {
    schema: { ...EMPTY_SCHEMA, categories },
    layout: { version: 1, root: files.root },
    items: readItems(reading, [...subsets.values()]),
  }
}

function isTopFolder(name: string): boolean {
  return !name.includes('/')
}

interface ReadSubset {
  readonly subset: string
  readonly tables: { readonly kind: Vggface2Table['kind']; readonly index: CsvIndex }[]
  /** What images are called in the tables, and the images that are in none. */
  readonly names: Set<string>
}

interface Reading {
  readonly files: Vggface2Files
  readonly context: ReadContext
  readonly classOf: (nameId: string) => string | undefined
  readonly stems: StemFinder
}

async function readLabels(
  folder: Folder,
  { labels: path }: Vggface2Files,
  context: ReadContext,
): Promise<ReadonlyMap<string, Category>> {
  const labels = new Map<string, Category>()
  if (path === undefined) return labels
  try {
    for (const line of splitLines(decodeText(await folder.read(path), path)).lines) {
      // A name with spaces ends with a tab.
      const at = line.includes('\t') ? line.indexOf('\t') : line.search(/ /u)
      const name = at < 0 ? line : line.slice(0, at)
      const rest = at < 0 ? '' : line.slice(at + 1).trim()
      if (name === '' || labels.has(name)) continue
      labels.set(name, { key: name, name, ...(rest !== '' && { supercategory: rest }) })
    }
  } catch (error) {
    skipOrThrow(error, path, context)
  }
  return labels
}

async function openTable(folder: Folder, path: string, context: ReadContext): Promise<CsvIndex> {
  const keyColumn = (columns: readonly string[]): number => {
    const at = columns.findIndex((name) => name.trim() === 'NAME_ID')
    if (at !== 0) throw formatSyntax(path, 'should have NAME_ID as its first column')
    return at
  }
  const onRow = ([name]: readonly string[], number: number): void => {
    if (name !== '') return
    skipOrThrow(formatSyntax(path, `row ${number} has no NAME_ID`), path, context)
  }
  return indexCsv(folder, path, { keyColumn, onRow }, context.signal)
}

async function* readItems(
  reading: Reading,
  subsets: readonly ReadSubset[],
): AsyncGenerator<SourceItem> {
  const { context, files } = reading
  try {
    for (const subset of subsets) {
      for (const name of subset.names) {
        context.signal.throwIfAborted()
        try {
          yield await readItem(reading, subset, name)
        } catch (error) {
          skipOrThrow(error, subset.tables[0]?.index.path ?? files.root, context)
        }
      }
    }
  } finally {
    for (const { index } of subsets.flatMap(({ tables }) => tables)) await index.close()
  }
}

async function readItem(
  { files, context, classOf, stems }: Reading,
  { subset, tables, names }: ReadSubset,
  nameId: string,
): Promise<SourceItem> {
  const { root } = files
  const className = classOf(nameId)
  const category = className === undefined || className === NO_LABEL ? {} : { category: className }
  const drafts: AnnotationDraft[] = []
  let isListed = false
  // Landmarks come first, as the label is among them.
  for (const kind of ['landmarks', 'boxes'] as const) {
    for (const { index } of tables.filter((table) => table.kind === kind)) {
      for (const [, ...fields] of await index.rowsOf(nameId)) {
        isListed = true
        drafts.push(...draftOf(kind, fields, category, { path: index.path, nameId }))
      }
    }
  }
  if (!isListed && category.category !== undefined) drafts.push({ type: 'label', ...category })
  const hints = [`${root}${subset}/`, `${root}data/${subset}/`, `${root}images/${subset}/`, root]
  const found = stems.find(nameId, hints)
  const info = found === undefined ? undefined : await context.probe(found)
  const path = found ?? `${root}${subset}/${safeMediaName(nameId)}.jpg`
  return {
    subset,
    id: idOf(nameId, names),
    media: [{ role: 'primary', path, ...info, kind: 'image' }],
    layers: { [GROUND_TRUTH]: drafts },
  }
}

/** The folder of images of nobody says nothing, unless another image would be called the same. */
function idOf(nameId: string, names: ReadonlySet<string>): string {
  const short = nameId.startsWith(`${NO_LABEL}/`) ? nameId.slice(NO_LABEL.length + 1) : nameId
  return short !== '' && short !== nameId && names.has(short) ? nameId : short || nameId
}

function draftOf(
  kind: Vggface2Table['kind'],
  fields: readonly string[],
  category: Pick<AnnotationDraft, 'category'>,
  { path, nameId }: { readonly path: string; readonly nameId: string },
): readonly AnnotationDraft[] {
  if (fields.every((field) => field.trim() === '')) {
    const isLabel = kind === 'landmarks' && category.category !== undefined
    return isLabel ? [{ type: 'label', ...category }] : []
  }
  const length = kind === 'landmarks' ? 10 : 4
  if (fields.length !== length) {
    throw formatSyntax(path, `${nameId} has ${fields.length} numbers; there should be ${length}`)
  }
  const texts = fields.map((field) => field.trim())
  const numbers = parseNumbers(texts, path, `values of ${nameId}`)
  if (kind === 'landmarks') {
    return [{ type: 'points', ...category, points: numbers, visibility: [2, 2, 2, 2, 2] }]
  }
  const [x = 0, y = 0, width = 0, height = 0] = numbers
  return [{ type: 'box', ...category, x, y, width, height }]
}
