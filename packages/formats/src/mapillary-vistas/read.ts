import {
  type AnnotationDraft,
  type Category,
  type DatasetStream,
  type Folder,
  GROUND_TRUTH,
  maskGeometry,
  type ReadContext,
  type SourceItem,
} from '@dsv/core'
import { BYTES } from '../shared/instance-values.ts'
import { decodeLabelPlane, planeMasks } from '../shared/label-plane.ts'
import { parsePolygons } from '../shared/labelled-polygons.ts'
import { readAhead } from '../shared/read-ahead.ts'
import { skipOrThrow } from '../shared/skip-or-throw.ts'
import { findVistasFiles, type VistasFiles, type VistasItem } from './find-files.ts'
import { indexPanoptic, type PanopticIndex, readPanopticSegments } from './panoptic.ts'
import { readVistasLabels } from './read-labels.ts'

const FILES_AT_ONCE = 4
const NO_FILES: VistasFiles = {
  version: '',
  others: [],
  items: [],
  panoptic: [],
  config: undefined,
}

/**
 * Reads the newest version of Mapillary Vistas that is there. Memory grows with the number of images.
 *
 * @throws `DSV_FORMAT_SYNTAX`
 */
export async function readMapillaryVistas(
  folder: Folder,
  context: ReadContext,
): Promise<DatasetStream> {
  context.signal.throwIfAborted()
  const files = findVistasFiles(await folder.list()) ?? NO_FILES
  for (const where of files.others) context.onLoss({ what: 'version', where })
  const panoptic = await readPanopticFiles(folder, files, context)
  const isPanopticOnly =
    panoptic.size > 0 && files.config === undefined && !files.items.some(hasNumbers)
  const numbered = isPanopticOnly ? [] : await readVistasLabels(folder, files, context)
  const byName = new Map(numbered.map((category) => [category.name, category]))
  for (const { categories } of panoptic.values()) {
    for (const category of categories.values()) {
      if (!byName.has(category.name)) byName.set(category.name, category)
    }
  }
  const reading: Reading = { folder, context, numbered, byName, panoptic }
  return {
    schema: {
      categories: [...new Set([...numbered, ...byName.values()])],
      attributes: [],
      info: {},
    },
    layout: { version: 1, release: files.version },
    items: readAhead(files.items, FILES_AT_ONCE, async (item) => readItem(item, reading)),
  }
}

interface Reading {
  readonly folder: Folder
  readonly context: ReadContext
  readonly numbered: readonly Category[]
  readonly byName: ReadonlyMap<string, Category>
  /** By subset. */
  readonly panoptic: ReadonlyMap<string, PanopticIndex>
}

function hasNumbers({ files }: VistasItem): boolean {
  return files.has('instances') || files.has('labels') || files.has('polygons')
}

async function readPanopticFiles(
  folder: Folder,
  { panoptic }: VistasFiles,
  context: ReadContext,
): Promise<ReadonlyMap<string, PanopticIndex>> {
  const found = new Map<string, PanopticIndex>()
  for (const { path, subset } of panoptic) {
    try {
      if (found.has(subset)) context.onLoss({ what: 'panoptic segments', where: path })
      else found.set(subset, await indexPanoptic(folder, path, context))
    } catch (error) {
      skipOrThrow(error, path, context)
    }
  }
  return found
}

async function readItem(item: VistasItem, reading: Reading): Promise<SourceItem> {
  const { subset, id, files } = item
  const { folder, context, panoptic } = reading
  context.signal.throwIfAborted()
  const index = panoptic.get(subset)
  const masks = await orNone(readMasks(item, reading), id, context)
  const segments =
    index === undefined
      ? []
      : await orNone(readPanopticSegments(folder, index, id, context), id, context)
  const polygons = await orNone(readPolygons(item, reading), id, context)
  const image = files.get('images')
  const info = image === undefined ? undefined : await context.probe(image)
  const [first = ''] = files.values()
  const path =
    image ?? first.replace(/(?:v[^/]*\/)?(?:labels|instances|polygons)\/.*$/u, `images/${id}.jpg`)
  return {
    subset,
    id,
    media: [{ role: 'primary', path, ...info, kind: 'image' }],
    layers: layersOf([
      ['masks', masks],
      ['panoptic', segments],
      ['polygons', polygons],
    ]),
  }
}

/** All say the same in other words: the first that says something is the truth, the others lie beside. */
function layersOf(
  sources: readonly (readonly [string, readonly AnnotationDraft[]])[],
): Readonly<Record<string, readonly AnnotationDraft[]>> {
  const [first, ...rest] = sources.filter(([, drafts]) => drafts.length > 0)
  return { [GROUND_TRUTH]: first?.[1] ?? [], ...Object.fromEntries(rest) }
}

async function orNone(
  drafts: Promise<readonly AnnotationDraft[]>,
  file: string,
  context: ReadContext,
): Promise<readonly AnnotationDraft[]> {
  try {
    return await drafts
  } catch (error) {
    skipOrThrow(error, file, context)
    return []
  }
}

async function readMasks(
  { files }: VistasItem,
  { folder, numbered }: Reading,
): Promise<readonly AnnotationDraft[]> {
  const instances = files.get('instances')
  const path = instances ?? files.get('labels')
  if (path === undefined) return []
  const labelOf = (value: number): number =>
    instances === undefined ? value : BYTES.parse(value).label
  const plane = decodeLabelPlane(await folder.read(path), path, {
    ofIndex: (value) => (labelOf(value) < numbered.length ? value : undefined),
    ofColor: () => undefined,
  })
  return [...planeMasks(plane)].map(([value, mask]): AnnotationDraft => {
    const category = numbered[labelOf(value)]?.key
    return {
      ...maskGeometry(mask),
      ...(category !== undefined && { category }),
      ...(instances !== undefined && { sourceId: value }),
    }
  })
}

async function readPolygons(
  { files }: VistasItem,
  { folder, byName }: Reading,
): Promise<readonly AnnotationDraft[]> {
  const path = files.get('polygons')
  if (path === undefined) return []
  const context = { categories: byName, format: 'mapillary-vistas' }
  return parsePolygons(await folder.read(path), path, context).drafts
}
