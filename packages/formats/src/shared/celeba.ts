import {
  type AnnotationDraft,
  type Attributes,
  type Category,
  type DatasetStream,
  type Detection,
  type Folder,
  formatSyntax,
  GROUND_TRUTH,
  type ReadContext,
  type SourceItem,
} from '@dsv/core'
import { withoutExtension } from '../media/media-kind.ts'
import { parseNumber, parseNumbers } from './parse-number.ts'
import { readAhead } from './read-ahead.ts'
import { skipOrThrow } from './skip-or-throw.ts'
import { type StemFinder, stemFinder } from './stem-finder.ts'
import { decodeText, splitLines } from './text-reader.ts'

/** What tells the images of the web from those that are cut out and turned. */
export interface CelebaKind {
  /** The folder of the images, below `Img/`. */
  readonly images: string
  /** The list of landmarks, below `Anno/`. */
  readonly landmarks: string
  /** The list of boxes, below `Anno/`; undefined where boxes are those of other images. */
  readonly boxes: string | undefined
}

const FILES_AT_ONCE = 16
const SUBSETS: ReadonlyMap<string, string> = new Map([
  ['0', 'train'],
  ['1', 'val'],
  ['2', 'test'],
])
const POINTS = ['lefteye', 'righteye', 'nose', 'leftmouth', 'rightmouth']
/** People are numbered without gaps; a number far above has none before it. */
const MAX_NUMBERED = 100_000

/** Tells whether the lists of CelebA are there, and the ones of this kind of images. */
export async function detectCeleba(folder: Folder, kind: CelebaKind): Promise<Detection> {
  const paths = await folder.list()
  const list = paths.find((path) => /(?:^|\/)identity_CelebA\.txt$/u.test(path))
  const landmarks = paths.find((path) => path.endsWith(`Anno/${kind.landmarks}`))
  if (list === undefined && landmarks === undefined) {
    return { confidence: 0, reason: 'no Anno/identity_CelebA.txt' }
  }
  const hasImages = paths.some((path) => path.includes(`${kind.images}/`))
  if (landmarks === undefined && !hasImages) {
    return { confidence: 0.2, reason: `neither ${kind.landmarks} nor ${kind.images}` }
  }
  const reason = hasImages ? `images in ${kind.images}` : `${landmarks ?? ''} exists`
  return { confidence: hasImages ? 0.95 : 0.7, reason }
}

/** Reads the lists of CelebA; each holds one line for an image. @throws `DSV_FORMAT_SYNTAX` */
export async function readCeleba(
  folder: Folder,
  kind: CelebaKind,
  context: ReadContext,
): Promise<DatasetStream> {
  context.signal.throwIfAborted()
  const root = await rootOf(folder, kind)
  const lists = {
    identity: await readList(folder, `${root}Anno/identity_CelebA.txt`, false, context),
    partition: await readList(folder, `${root}Eval/list_eval_partition.txt`, false, context),
    landmarks: await readList(folder, `${root}Anno/${kind.landmarks}`, true, context),
    boxes:
      kind.boxes === undefined
        ? undefined
        : await readList(folder, `${root}Anno/${kind.boxes}`, true, context),
    attributes: await readList(folder, `${root}Anno/list_attr_celeba.txt`, true, context),
  }
  const stems = await stemFinder(folder)
  const reading: Reading = { lists, stems, context, images: `${root}Img/${kind.images}/` }
  return {
    schema: {
      categories: categoriesOf(lists.identity),
      attributes: [],
      info: {},
    },
    layout: null,
    items: readItems(reading),
  }
}

/** The folder that holds `Anno/`. */
async function rootOf(folder: Folder, { landmarks }: CelebaKind): Promise<string> {
  const names = ['identity_CelebA.txt', landmarks]
  const paths = await folder.list()
  const list = paths.find((path) => names.some((name) => path.endsWith(`Anno/${name}`))) ?? 'Anno/'
  return list.slice(0, list.lastIndexOf('Anno/'))
}

/** One list: what stands after the name of each image, and the names of its columns. */
interface List {
  readonly path: string
  readonly columns: readonly string[]
  readonly lines: ReadonlyMap<string, string>
}

async function readList(
  folder: Folder,
  path: string,
  hasHeader: boolean,
  context: ReadContext,
): Promise<List> {
  const lines = new Map<string, string>()
  if (!(await folder.has(path))) return { path, columns: [], lines }
  try {
    const all = splitLines(decodeText(await folder.read(path), path)).lines
    if (hasHeader && !/^\s*\d+\s*$/u.test(all[0] ?? '')) {
      throw formatSyntax(path, 'should begin with the number of images')
    }
    for (const line of all.slice(hasHeader ? 2 : 0)) {
      const [, name = '', rest = ''] = /^\s*(\S+)\s*(.*)$/u.exec(line) ?? []
      if (name === '') continue
      if (lines.has(name)) throw formatSyntax(path, `names ${name} twice`)
      lines.set(name, rest.trim())
    }
    return { path, columns: hasHeader ? fieldsOf(all[1] ?? '') : [], lines }
  } catch (error) {
    skipOrThrow(error, path, context)
    return { path, columns: [], lines }
  }
}

function fieldsOf(text: string): readonly string[] {
  return text.split(/\s+/u).filter((field) => field !== '')
}

function categoriesOf({ lines }: List): readonly Category[] {
  const numbers = new Set([...lines.values()].flatMap((text) => identityOf(text) ?? []))
  const last = [...numbers].reduce((a, b) => Math.max(a, b), -1)
  const all =
    last <= MAX_NUMBERED
      ? Array.from({ length: last + 1 }, (_, number) => number)
      : [...numbers].toSorted((a, b) => a - b)
  return all.map((number) => ({
    key: `class-${number}`,
    name: `class-${number}`,
    skeleton: { points: POINTS, edges: [] },
  }))
}

function identityOf(text: string): number | undefined {
  return /^\d{1,9}$/u.test(text) ? Number(text) : undefined
}

interface Reading {
  readonly lists: Readonly<Record<'identity' | 'partition' | 'landmarks' | 'attributes', List>> & {
    readonly boxes: List | undefined
  }
  readonly stems: StemFinder
  readonly context: ReadContext
  /** Where the images usually are. */
  readonly images: string
}

async function* readItems(reading: Reading): AsyncGenerator<SourceItem> {
  const { lists, context } = reading
  const names = new Set<string>()
  for (const list of [
    lists.identity,
    lists.partition,
    lists.landmarks,
    lists.boxes,
    lists.attributes,
  ]) {
    for (const name of list?.lines.keys() ?? []) names.add(name)
  }
  const items = readAhead(names, FILES_AT_ONCE, async (name) => {
    context.signal.throwIfAborted()
    try {
      return await readItem(reading, name)
    } catch (error) {
      skipOrThrow(error, lists.identity.path, context)
      return undefined
    }
  })
  for await (const item of items) if (item !== undefined) yield item
}

async function readItem(
  { lists, stems, context, images }: Reading,
  name: string,
): Promise<SourceItem> {
  const id = withoutExtension(name)
  const path = stems.find(id, [images])
  const info = path === undefined ? undefined : await context.probe(path)
  const attributes = attributesOf(lists.attributes, name)
  return {
    subset: subsetOf(lists.partition, name),
    id,
    media: [{ role: 'primary', path: path ?? `${images}${name}`, ...info, kind: 'image' }],
    ...(attributes !== undefined && { attributes }),
    layers: { [GROUND_TRUTH]: draftsOf(lists, name) },
  }
}

function subsetOf({ path, lines }: List, name: string): string {
  const text = lines.get(name)
  if (text === undefined) return 'default'
  const subset = SUBSETS.get(text)
  if (subset === undefined) {
    throw formatSyntax(path, `the part of ${name} should be 0, 1 or 2: ${text}`)
  }
  return subset
}

function attributesOf({ path, columns, lines }: List, name: string): Attributes | undefined {
  const text = lines.get(name)
  if (text === undefined) return undefined
  const fields = fieldsOf(text)
  if (fields.length !== columns.length) {
    throw formatSyntax(path, `${name} has ${fields.length} of ${columns.length} attributes`)
  }
  return Object.fromEntries(
    columns.map((column, at) => {
      const number = parseNumber(fields[at] ?? '')
      if (number === undefined) {
        throw formatSyntax(path, `${column} of ${name} should be 1 or -1: ${fields[at] ?? ''}`)
      }
      return [column, number > 0]
    }),
  )
}

function draftsOf(
  { identity, landmarks, boxes }: Reading['lists'],
  name: string,
): AnnotationDraft[] {
  const who = identity.lines.get(name)
  const number = who === undefined ? undefined : identityOf(who)
  if (who !== undefined && number === undefined) {
    throw formatSyntax(identity.path, `the identity of ${name} should be a number: ${who}`)
  }
  const category = number === undefined ? {} : { category: `class-${number}` }
  const drafts: AnnotationDraft[] = number === undefined ? [] : [{ type: 'label', ...category }]
  const points = numbersOf(landmarks, name, POINTS.length * 2)
  if (points !== undefined) {
    drafts.push({ type: 'points', ...category, points, visibility: POINTS.map(() => 2) })
  }
  const box = boxes === undefined ? undefined : numbersOf(boxes, name, 4)
  if (box !== undefined) {
    const [x = 0, y = 0, width = 0, height = 0] = box
    drafts.push({ type: 'box', ...category, x, y, width, height })
  }
  return drafts
}

function numbersOf(
  { path, lines }: List,
  name: string,
  length: number,
): readonly number[] | undefined {
  const text = lines.get(name)
  if (text === undefined) return undefined
  const numbers = parseNumbers(fieldsOf(text), path, `values of ${name}`)
  if (numbers.length !== length) {
    throw formatSyntax(path, `${name} has ${numbers.length} values; there should be ${length}`)
  }
  return numbers
}
