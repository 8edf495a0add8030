import type { Category, DatasetStream, Folder, ReadContext, Schema, SourceItem } from '@dsv/core'
import { isDsvError } from '@dsv/store'
import { readAhead } from '../shared/read-ahead.ts'
import { defaultCategories, isPart, LABEL_MAP, labelLine, parseLabelMap } from './label-map.ts'
import { maskTable } from './mask-table.ts'
import { namesIn, readAnnotation, type VocAnnotation } from './read-annotation.ts'
import { type ItemReader, readItem } from './read-item.ts'
import { findFiles, placeOf, reportOrThrow, type VocFiles } from './voc-files.ts'
import {
  findLayout,
  FLAT_LAYOUT,
  layoutToJson,
  MASK_FOLDERS,
  type VocLayout,
} from './voc-layout.ts'
import { parseXml } from '../shared/xml-element.ts'
import { DEVKIT_STYLE, styleOf, type XmlStyle } from './xml-style.ts'

/** A dataset whose files are known, but whose XML files are read as they are asked for. */
export interface OpenDataset {
  readonly schema: Schema
  readonly reader: ItemReader
}

/** Bytes of XML that are kept from the first look at them; parsed they take ten times that. */
const KEPT_XML_BYTES = 2 ** 22

/** How many files are read side by side. */
const AT_ONCE = 32

/**
 * Reads a folder in the layout of the development kit, or with XML files beside the images.
 *
 * Names are taken from all XML files first, then each is read as its item is asked for: beyond the
 * first 4 MiB of XML, memory holds paths and lists, not annotations.
 *
 * @throws `DSV_FORMAT_SYNTAX`
 */
export async function read(folder: Folder, context: ReadContext): Promise<DatasetStream> {
  const { schema, reader } = await openDataset(folder, context)
  return {
    schema,
    layout: layoutToJson(reader.files.layout),
    items: readItems(reader),
  }
}

/**
 * Finds all files and the schema, and reads no item yet.
 *
 * @param unchanged - The categories, where it is known what they are: then no XML file is looked at
 */
export async function openDataset(
  folder: Folder,
  context: ReadContext,
  unchanged?: readonly Category[],
): Promise<OpenDataset> {
  context.signal.throwIfAborted()
  const paths = await folder.list()
  const found = findLayout(paths) ?? FLAT_LAYOUT
  const labels = found.hasLabelMap ? await readLabelMap(folder, found, context) : undefined
  const scan =
    unchanged === undefined
      ? await scanXml(folder, paths, found, context)
      : { names: unchanged.map(({ name }) => name), style: undefined, annotations: new Map() }
  const known = new Set([...(labels ?? []).map(({ name }) => name), ...scan.names])
  const style = { ...found, style: scan.style ?? DEVKIT_STYLE }
  const files = await findFiles(folder, paths, style, known, context)
  const classes = files.entries.flatMap(({ labels: each }) => [...each.keys()])
  const categories =
    unchanged ?? categoriesOf(labels, new Set([...scan.names, ...classes]), paths, found)
  const layout: VocLayout = {
    ...files.layout,
    hasLabelMap: labels !== undefined,
    categories: layoutCategories(categories),
  }
  const table = maskTable(categories)
  return {
    schema: { categories, attributes: [], info: {} },
    reader: { folder, files: { ...files, layout }, table, context, annotations: scan.annotations },
  }
}

/** Returns what a layout remembers of the categories, to see whether they have changed. */
export function layoutCategories(categories: readonly Category[]): readonly string[] {
  return categories.map((category) =>
    isPart(category) ? `${category.name}::part` : labelLine(category),
  )
}

async function readLabelMap(
  folder: Folder,
  { root }: VocLayout,
  context: ReadContext,
): Promise<readonly Category[] | undefined> {
  const file = root + LABEL_MAP
  try {
    return parseLabelMap(await folder.read(file), file)
  } catch (error) {
    reportOrThrow(error, file, context)
    return undefined
  }
}

/** What a first look at all XML files gives. */
interface Scan {
  readonly names: Iterable<string>
  /** Of the first file. */
  readonly style: XmlStyle | undefined
  /** What the first files say, to not read them twice. */
  readonly annotations: Map<string, VocAnnotation>
}

async function scanXml(
  folder: Folder,
  paths: readonly string[],
  layout: VocLayout,
  { signal }: ReadContext,
): Promise<Scan> {
  const names = new Set<string>()
  const annotations = new Map<string, VocAnnotation>()
  let budget = KEPT_XML_BYTES
  let style: XmlStyle | undefined
  const files = paths.filter((path) => placeOf(path, layout)?.role === 'xml')
  const bytes = readAhead(files, AT_ONCE, async (path) => ({
    path,
    bytes: await folder.read(path),
  }))
  for await (const file of bytes) {
    signal.throwIfAborted()
    try {
      const document = parseXml(file.bytes, file.path)
      if (document.root.name !== 'annotation') continue
      for (const name of namesIn(document.root)) names.add(name)
      style ??= styleOf(document)
      budget -= file.bytes.length
      if (budget >= 0) annotations.set(file.path, readAnnotation(document.root, file.path))
    } catch (error) {
      // A file that is wrong is reported when its item is read.
      if (!isDsvError(error, 'DSV_FORMAT_SYNTAX')) throw error
    }
  }
  return { names, style, annotations }
}

function categoriesOf(
  labels: readonly Category[] | undefined,
  used: ReadonlySet<string>,
  paths: readonly string[],
  { root }: VocLayout,
): readonly Category[] {
  const masks = root + MASK_FOLDERS.class
  if (labels === undefined) {
    return defaultCategories(
      used,
      paths.some((path) => path.startsWith(masks)),
    )
  }
  const known = new Set(labels.map(({ name }) => name))
  const others = [...used].filter((name) => !known.has(name))
  return [...labels, ...others.map((name) => ({ key: name, name }))]
}

async function* readItems(reader: ItemReader): AsyncGenerator<SourceItem> {
  const { files, context } = reader
  const claimed = new Set<string>()
  const [withXml, others] = split(files)
  const first = readAhead(withXml, AT_ONCE, async (entry) => readItem(reader, entry))
  for await (const item of first) {
    if (item === undefined) continue
    for (const { path } of item.media) claimed.add(path)
    yield item
  }
  const left = others.filter(({ image, sets }) => {
    return sets.size > 0 || image === undefined || !claimed.has(image)
  })
  for await (const item of readAhead(left, AT_ONCE, async (entry) => readItem(reader, entry))) {
    context.signal.throwIfAborted()
    if (item !== undefined) yield item
  }
}

function split({ entries }: VocFiles): [VocFiles['entries'], VocFiles['entries']] {
  return [
    entries.filter(({ xml }) => xml !== undefined),
    entries.filter(({ xml }) => xml === undefined),
  ]
}
