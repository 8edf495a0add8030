import type {
  AnnotatedItem,
  Annotation,
  CategoryKey,
  DatasetView,
  Json,
  Media,
  WritableFolder,
  WriteContext,
} from '@dsv/core'
import { isImagePath, withoutExtension } from '../media/media-kind.ts'
import { isObject, type JsonObject } from '../shared/json-reader.ts'
import { safeMediaName } from '../shared/media-finder.ts'
import {
  type Holdings,
  imageOf,
  reportAnnotationLosses,
  reportItemLosses,
  reportSchemaLosses,
} from '../shared/report-losses.ts'
import { rootOfSubset } from '../shared/subset-roots.ts'
import { suffixOf } from '../shared/suffix-of.ts'
import { datasetFolder } from './cloud-files.ts'
import { keysOf, layoutFromJson, layoutToJson } from './layout.ts'
import { planMeta } from './plan-meta.ts'
import type { GraphNodes } from './skeleton.ts'
import { GROUP_TAG, isTagValue, writeTags } from './tags.ts'
import { writeClouds } from './write-clouds.ts'
import { writeGeometry } from './write-geometry.ts'

const HOLDS: Holdings = {
  format: 'supervisely',
  fields: new Set(['category', 'group', 'sourceId']),
  attribute: (name, value) => name !== GROUP_TAG && isTagValue(value),
  itemAttribute: (_, value) => value !== true && isTagValue(value),
  categoryFields: new Set(['color', 'skeleton']),
}

/** Writes `meta.json`, a file of objects for each image or point cloud, and these. */
export async function writeSupervisely(
  dataset: DatasetView,
  folder: WritableFolder,
  context: WriteContext,
): Promise<Json> {
  context.signal.throwIfAborted()
  const { schema } = dataset
  const before = layoutFromJson(dataset.layout)
  const lost = schema.attributes.filter(({ type }) => type === 'json')
  reportSchemaLosses({ ...schema, attributes: lost }, HOLDS, context.onLoss)
  const type = await projectTypeOf(dataset)
  const { json, graphs } = await planMeta(dataset, type, context)
  const meta = before.meta ?? 'meta.json'
  await folder.write(meta, Buffer.from(JSON.stringify(json, undefined, INDENT)))
  const names = new Map(schema.categories.map(({ key, name }) => [key, name]))
  const subsets = dataset.subsets.length === 0 ? ['default'] : dataset.subsets
  const roots = subsets.map((subset) => rootOfSubset(subset, before.roots))
  if (type === 'point_clouds') {
    const known = new Set(before.roots.map(({ subset }) => subset))
    const places = roots.map((each) => {
      const root = known.has(each.subset) ? each.root : `${datasetFolder(each.subset)}/`
      return { ...each, root }
    })
    await writeClouds(dataset, places, keysOf(meta), { folder, names, context })
    return layoutToJson({ meta, roots: places })
  }
  for (const { subset, root } of roots) {
    for await (const item of dataset.items(subset)) {
      context.signal.throwIfAborted()
      const medium = imageOf(item, context.onLoss)
      if (medium === undefined) continue
      await writeItem(item, medium, { folder, root, names, graphs, context })
    }
  }
  return layoutToJson({ meta, roots })
}

const INDENT = 4

/** A project has media of one kind: that of the first item. */
async function projectTypeOf(dataset: DatasetView): Promise<'images' | 'point_clouds'> {
  for await (const { media } of dataset.items()) {
    if (media[0]?.kind === 'image') return 'images'
    if (media[0]?.kind === 'point-cloud') return 'point_clouds'
  }
  return 'images'
}

interface Writer {
  readonly folder: WritableFolder
  readonly root: string
  readonly names: ReadonlyMap<CategoryKey, string>
  readonly graphs: ReadonlyMap<CategoryKey, GraphNodes>
  readonly context: WriteContext
}

async function writeItem(item: AnnotatedItem, medium: Media, writer: Writer): Promise<void> {
  const { folder, root, context } = writer
  const { tags = [], ...rest } = item
  reportItemLosses(rest, HOLDS, context.layer, context.onLoss)
  const name = imageName(item, medium.path, root)
  const own = item.extra?.['supervisely']
  const { tags: tagFields, ...fields } = isObject(own) ? own : {}
  const plain = Object.fromEntries(tags.map((tag) => [tag, true]))
  const { width, height } = medium
  const json: JsonObject = {
    description: '',
    ...fields,
    name: name.slice(name.lastIndexOf('/') + 1),
    ...(width !== undefined && height !== undefined && { size: { width, height } }),
    tags: writeTags({ ...plain, ...item.attributes }, tagFields),
    objects: (item.layers[context.layer] ?? []).flatMap((each) => {
      return objectsOf(each, item, medium, writer)
    }),
  }
  const text = JSON.stringify(json, undefined, INDENT)
  await folder.write(`${root}ann/${name}.json`, Buffer.from(text))
  if (medium.blob !== undefined) await folder.placeMedia(`${root}img/${name}`, medium)
}

function objectsOf(
  annotation: Annotation,
  { subset, id }: AnnotatedItem,
  { width, height }: Media,
  { names, graphs, context: { onLoss } }: Writer,
): readonly JsonObject[] {
  const where = `${subset}/${id}`
  const { category = '', group, sourceId, attributes, extra } = annotation
  const className = names.get(category)
  const size = width === undefined || height === undefined ? undefined : { width, height }
  const written = writeGeometry(annotation, { size, graph: graphs.get(category) })
  if (written === undefined || className === undefined) {
    onLoss({ what: `annotation: ${annotation.type}`, where })
    return []
  }
  reportAnnotationLosses(annotation, HOLDS, where, onLoss)
  for (const field of written.changed) onLoss({ what: `field: ${field}`, where })
  const isOther = annotation.type === 'quad' || written.figures.length > 1
  if (isOther) onLoss({ what: `geometry: ${annotation.type}`, where })
  const own = extra?.['supervisely']
  const { tags: tagFields, ...fields } = isObject(own) ? own : {}
  const held = Object.entries(attributes ?? {}).filter(([name]) => name !== GROUP_TAG)
  const tags = {
    ...Object.fromEntries(held),
    ...(group !== undefined && { [GROUP_TAG]: String(group) }),
  }
  return written.figures.map(({ shape, fields: geometry }) => ({
    ...(sourceId !== undefined && { id: sourceId }),
    description: '',
    ...fields,
    geometryType: shape,
    tags: writeTags(tags, tagFields),
    classTitle: className,
    ...geometry,
  }))
}

/** The image keeps its name as long as that says the id. */
function imageName({ id }: AnnotatedItem, path: string, root: string): string {
  const own = path.startsWith(`${root}img/`) ? path.slice(root.length + 'img/'.length) : ''
  const isOwn = isImagePath(own) && (own === id || withoutExtension(own) === id)
  if (isOwn) return own
  const isName = path === id || path.endsWith(`/${id}`)
  return isName ? safeMediaName(id) : safeMediaName(id) + suffixOf(path, '.jpg')
}
