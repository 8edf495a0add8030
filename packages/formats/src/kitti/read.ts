import {
  type AnnotationDraft,
  type Category,
  type DatasetStream,
  type Folder,
  GROUND_TRUTH,
  maskGeometry,
  type ReadContext,
  type SourceItem,
  type SourceMedia,
} from '@dsv/core'
import { BYTES, isCrowdValue } from '../shared/instance-values.ts'
import { decodeLabelPlane, planeMasks, UNLABELLED } from '../shared/label-plane.ts'
import { type LabelTable, readLabelTable } from '../shared/label-table.ts'
import { readAhead } from '../shared/read-ahead.ts'
import { skipOrThrow } from '../shared/skip-or-throw.ts'
import { decodeText } from '../shared/text-reader.ts'
import { categoryWords } from './box-names.ts'
import { findKittiFiles, type KittiItem, type KittiRole } from './find-files.ts'
import { parseLabelLine } from './label-line.ts'
import { layoutToJson } from './layout.ts'

const FILES_AT_ONCE = 8

/**
 * Reads KITTI. Files of objects are looked through once for the names of classes; memory grows with the
 * list of files.
 *
 * @throws `DSV_FORMAT_SYNTAX`
 */
export async function readKitti(folder: Folder, context: ReadContext): Promise<DatasetStream> {
  context.signal.throwIfAborted()
  const files = findKittiFiles(await folder.list())
  const { root, hasSubsets, items, labels } = files
  for (const where of files.others) context.onLoss({ what: 'folder', where })
  const hasMasks = items.some((item) => item.files.has('instance') || item.files.has('semantic'))
  const table =
    hasMasks || labels !== undefined
      ? await readLabelTable(folder, labels, 'kitti', context)
      : undefined
  const categories = new Map((table?.categories ?? []).map((each) => [each.name, each]))
  const reading: Reading = { folder, context, table, keyOf: keysByWord(table) }
  for await (const names of readAhead(items, FILES_AT_ONCE, async (item) =>
    namesIn(item, reading),
  )) {
    for (const word of names) {
      const name = reading.keyOf(word)
      const category: Category = { key: name, name }
      if (!categories.has(name)) categories.set(name, category)
    }
  }
  return {
    schema: { categories: [...categories.values()], attributes: [], info: {} },
    layout: layoutToJson({ root, hasSubsets, hasMasks, labels }),
    items: readAhead(items, FILES_AT_ONCE, async (item) => readItem(item, reading)),
  }
}

interface Reading {
  readonly folder: Folder
  readonly context: ReadContext
  readonly table: LabelTable | undefined
  /** The key of a category by its word in lines of objects. */
  readonly keyOf: (word: string) => string
}

function keysByWord(table: LabelTable | undefined): (word: string) => string {
  const words = categoryWords({ categories: table?.categories ?? [] })
  const keys = new Map([...words].map(([key, word]) => [word, key]))
  return (word) => keys.get(word) ?? word
}

async function namesIn({ files }: KittiItem, { folder, context }: Reading): Promise<Set<string>> {
  context.signal.throwIfAborted()
  const path = files.get('labels')
  const names = new Set<string>()
  if (path === undefined) return names
  const text = Buffer.from(await folder.read(path)).toString('utf8')
  for (const [name] of text.replace(/^\uFEFF/u, '').matchAll(/^[^\S\n]*\S+/gmu))
    names.add(name.trim())
  return names
}

async function readItem(item: KittiItem, reading: Reading): Promise<SourceItem> {
  const { subset, id, files } = item
  reading.context.signal.throwIfAborted()
  const masks = await orNone(readMasks(item, reading), files.get('instance'), reading.context)
  const boxes = await orNone(readBoxes(item, reading), files.get('labels'), reading.context)
  return {
    subset,
    id,
    media: await readMedia(item, reading.context),
    layers: { [GROUND_TRUTH]: [...masks, ...boxes] },
  }
}

async function orNone(
  drafts: Promise<readonly AnnotationDraft[]>,
  file: string | undefined,
  context: ReadContext,
): Promise<readonly AnnotationDraft[]> {
  try {
    return await drafts
  } catch (error) {
    skipOrThrow(error, file ?? '', context)
    return []
  }
}

async function readMasks(
  { files }: KittiItem,
  { folder, table }: Reading,
): Promise<readonly AnnotationDraft[]> {
  const instance = files.get('instance')
  const path = instance ?? files.get('semantic')
  if (path === undefined || table === undefined) return []
  const labelOf = (value: number): number =>
    instance === undefined ? value : BYTES.parse(value).label
  const plane = decodeLabelPlane(await folder.read(path), path, {
    ofIndex: (value) => {
      if (!table.byId.has(labelOf(value))) return undefined
      return table.byId.get(labelOf(value)) === undefined ? UNLABELLED : value
    },
    ofColor: () => undefined,
  })
  return [...planeMasks(plane)].map(([value, mask]): AnnotationDraft => {
    const category = table.byId.get(labelOf(value))
    const isCrowd =
      instance !== undefined && category !== undefined && isCrowdValue(category, value, BYTES)
    return {
      ...maskGeometry(mask),
      ...(category !== undefined && { category: category.key }),
      ...(isCrowd && { crowd: true }),
      ...(instance !== undefined && { sourceId: value }),
    }
  })
}

async function readBoxes(
  { files }: KittiItem,
  { folder, context, keyOf }: Reading,
): Promise<readonly AnnotationDraft[]> {
  const path = files.get('labels')
  if (path === undefined) return []
  const lines = decodeText(await folder.read(path), path).split(/\r?\n/u)
  return lines.flatMap((line, index) => {
    if (line.trim() === '') return []
    try {
      const draft = parseLabelLine(line, path, index + 1)
      return [{ ...draft, category: keyOf(draft.category ?? '') }]
    } catch (error) {
      skipOrThrow(error, path, context)
      return []
    }
  })
}

const BESIDE: readonly (readonly [KittiRole, SourceMedia['kind']])[] = [
  ['right', 'image'],
  ['velodyne', 'point-cloud'],
  ['calib', 'other'],
]

async function readMedia(
  { id, files }: KittiItem,
  context: ReadContext,
): Promise<readonly SourceMedia[]> {
  const image = files.get('image')
  const info = image === undefined ? undefined : await context.probe(image)
  const [first = ''] = files.values()
  const usual = first.replace(/[^/]+\/[^/]*$/u, '')
  const media: SourceMedia[] = [
    { role: 'primary', path: image ?? `${usual}image_2/${id}.png`, ...info, kind: 'image' },
  ]
  for (const [role, kind] of BESIDE) {
    const path = files.get(role)
    if (path === undefined) continue
    media.push({ role, path, ...(role === 'right' && (await context.probe(path))), kind })
  }
  return media
}
