import type {
  AnnotatedItem,
  DatasetView,
  Json,
  Media,
  WritableFolder,
  WriteContext,
} from '@dsv/core'
import { extensionOf } from '../media/media-kind.ts'
import { spoolFile, type SpoolFile } from '../folder/spool-file.ts'
import { csvRow } from '../shared/csv-text.ts'
import { isObject } from '../shared/json-reader.ts'
import { encodeMaskPng } from '../shared/mask-png.ts'
import { safeMediaName } from '../shared/media-finder.ts'
import {
  type Holdings,
  imageOf,
  reportItemLosses,
  reportSchemaLosses,
} from '../shared/report-losses.ts'
import { COLUMNS } from './columns.ts'
import type { OpenImagesKind } from './find-files.ts'
import { hierarchyOf } from './hierarchy.ts'
import { imageSizeLine } from './image-sizes.ts'
import { layoutFromJson, layoutToJson, type OpenImagesLayout, type TableLayout } from './layout.ts'
import { rowsOfItem } from './write-rows.ts'

const HOLDS: Holdings = {
  format: 'open-images',
  fields: new Set(),
  categoryFields: new Set(['parent']),
}
const NEW_LAYOUT: OpenImagesLayout = {
  root: '',
  descriptions: undefined,
  hasHeader: false,
  hierarchy: undefined,
  sizes: undefined,
  tables: [],
}

/** Writes the CSV files of Open Images for each subset, images, and a PNG for each mask. */
export async function writeOpenImages(
  dataset: DatasetView,
  folder: WritableFolder,
  context: WriteContext,
): Promise<Json> {
  context.signal.throwIfAborted()
  const before = layoutFromJson(dataset.layout) ?? NEW_LAYOUT
  reportSchemaLosses(dataset.schema, HOLDS, context.onLoss)
  const names = machineNames(dataset)
  const common = await writeCommon(dataset, folder, before, names)
  const sizes = spoolFile()
  const tables: TableLayout[] = []
  try {
    const subsets = dataset.subsets.length === 0 ? ['default'] : dataset.subsets
    for (const subset of subsets) {
      const writer: Writer = { dataset, folder, context, names, before, subset, sizes }
      tables.push(...(await writeSubset(writer)))
    }
    const isNeeded = sizes.sizeBytes > 0 || before.sizes !== undefined
    if (isNeeded) await folder.write(common.sizes ?? '', contentOf(sizes))
    return layoutToJson({ ...common, sizes: isNeeded ? common.sizes : undefined, tables })
  } finally {
    await sizes.close()
  }
}

interface Writer {
  readonly dataset: DatasetView
  readonly folder: WritableFolder
  readonly context: WriteContext
  readonly names: ReadonlyMap<string, string>
  readonly before: OpenImagesLayout
  readonly subset: string
  readonly sizes: SpoolFile
}

/** Machine names by key: those that were read, else the key. */
function machineNames({ schema }: DatasetView): ReadonlyMap<string, string> {
  const names = new Map<string, string>()
  const used = new Set<string>()
  for (const { key, sourceIds } of schema.categories) {
    const own = sourceIds?.['open-images']
    const wanted = [typeof own === 'string' ? own.trim() : '', key.trim()]
    let name = wanted.find((each) => each !== '' && !used.has(each)) ?? `${key}#2`
    while (used.has(name)) name = `${name}'`
    names.set(key, name)
    used.add(name)
  }
  return names
}

async function writeCommon(
  { schema }: DatasetView,
  folder: WritableFolder,
  before: OpenImagesLayout,
  names: ReadonlyMap<string, string>,
): Promise<OpenImagesLayout> {
  const { root, hasHeader } = before
  const descriptions = before.descriptions ?? `${root}annotations/class-descriptions.csv`
  const rows = schema.categories.map(({ key, name }) => csvRow([names.get(key) ?? key, name]))
  const header = hasHeader ? csvRow(['LabelName', 'DisplayName']) : ''
  await folder.write(descriptions, Buffer.from(header + rows.join('')))
  const info = schema.info['open-images']
  const known = isObject(info) ? info['hierarchy'] : undefined
  const hierarchy = hierarchyOf(schema.categories, names, known)
  const usual = `${root}annotations/bbox_labels_600_hierarchy.json`
  const path = hierarchy === undefined ? undefined : (before.hierarchy ?? usual)
  if (path !== undefined) await folder.write(path, Buffer.from(JSON.stringify(hierarchy)))
  const sizes = before.sizes ?? `${root}annotations/images.meta`
  return { ...before, descriptions, hierarchy: path, sizes }
}

const FILE_NAMES: Readonly<Record<OpenImagesKind, string>> = {
  images: 'images-with-rotation',
  boxes: 'annotations-bbox',
  'human-labels': 'annotations-human-imagelabels',
  'machine-labels': 'annotations-machine-imagelabels',
  masks: 'annotations-object-segmentation',
}
const KINDS: readonly OpenImagesKind[] = [
  'images',
  'boxes',
  'human-labels',
  'machine-labels',
  'masks',
]

async function writeSubset(writer: Writer): Promise<readonly TableLayout[]> {
  const { before, folder, subset } = writer
  const tables = KINDS.map((kind): Table => {
    const own = before.tables.find((table) => table.kind === kind && table.subset === subset)
    const path = `${before.root}annotations/${subset}-${FILE_NAMES[kind]}.csv`
    const rest = own?.columns.filter((name) => !COLUMNS[kind].includes(name)) ?? []
    const columns = [...COLUMNS[kind], ...rest]
    return {
      kind,
      subset,
      path: own?.path ?? path,
      columns,
      wasThere: own !== undefined,
      spool: spoolFile(),
    }
  })
  try {
    for await (const item of writer.dataset.items(subset)) await writeItem(writer, item, tables)
    const written = tables.filter(
      ({ kind, wasThere, spool }) => kind === 'images' || wasThere || spool.sizeBytes > 0,
    )
    for (const { path, columns, spool } of written) {
      await folder.write(path, contentOf(spool, csvRow(columns)))
    }
    return written.map(({ kind, path, columns }) => ({ kind, path, subset, columns }))
  } finally {
    for (const { spool } of tables) await spool.close()
  }
}

interface Table extends TableLayout {
  readonly wasThere: boolean
  readonly spool: SpoolFile
}

async function writeItem(
  { folder, context, names, before, subset, sizes }: Writer,
  item: AnnotatedItem,
  tables: readonly Table[],
): Promise<void> {
  context.signal.throwIfAborted()
  const medium = imageOf(item, context.onLoss)
  if (medium === undefined) return
  reportItemLosses(item, HOLDS, context.layer, context.onLoss)
  const own = item.extra?.['open-images']
  const texts = Object.entries(isObject(own) ? own : {}).flatMap(([name, value]) =>
    typeof value === 'string' ? [[name, value] as const] : [],
  )
  const image = { ...Object.fromEntries(texts), ImageID: item.id, Subset: subset }
  await addRow(tables, 'images', image)
  const isLeftOut = texts.some(([name]) => !columnsOf(tables, 'images').includes(name))
  if (isLeftOut) context.onLoss({ what: 'item extra: open-images', where: `${subset}/${item.id}` })
  for (const { kind, fields, mask } of rowsOfItem(item, medium, names, context)) {
    await addRow(tables, kind, fields)
    const isCut = Object.keys(fields).some((name) => !columnsOf(tables, kind).includes(name))
    if (isCut) context.onLoss({ what: 'extra: open-images', where: `${subset}/${item.id}` })
    if (mask === undefined) continue
    await folder.write(`${before.root}masks/${subset}/${mask.path}`, encodeMaskPng(mask.mask, 255))
  }
  const { width, height, blob } = medium
  if (width !== undefined && height !== undefined) {
    sizes.append(Buffer.from(imageSizeLine(item.id, { width, height })))
    await sizes.settle()
  }
  if (blob !== undefined) await folder.placeMedia(imagePath(item, medium, before), medium)
}

function columnsOf(tables: readonly Table[], kind: OpenImagesKind): readonly string[] {
  return tables.find((table) => table.kind === kind)?.columns ?? []
}

async function addRow(
  tables: readonly Table[],
  kind: OpenImagesKind,
  fields: Readonly<Record<string, string>>,
): Promise<void> {
  const table = tables.find((each) => each.kind === kind)
  table?.spool.append(
    Buffer.from(
      csvRow(
        table.columns.map((name) => (Object.hasOwn(fields, name) ? fields[name] : undefined) ?? ''),
      ),
    ),
  )
  await table?.spool.settle()
}

/** The image stays where it was, unless that is the folder of a subset that it is not in. */
function imagePath(
  { id, subset }: AnnotatedItem,
  { path }: Media,
  { root, tables }: OpenImagesLayout,
): string {
  const extension = extensionOf(path)
  const suffix = extension === '' ? '.jpg' : path.slice(-extension.length - 1)
  const name = `${safeMediaName(id)}${suffix}`
  const isKept = tables.length > 0 && !path.startsWith(`${root}images/`) && path.endsWith(name)
  return isKept ? path : `${root}images/${subset}/${name}`
}

const PIECE_BYTES = 2 ** 20

async function* contentOf(spool: SpoolFile, head = ''): AsyncGenerator<Uint8Array> {
  if (head !== '') yield Buffer.from(head)
  for (let at = 0; at < spool.sizeBytes; at += PIECE_BYTES) yield spool.read(at, PIECE_BYTES)
}
