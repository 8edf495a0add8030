import { encodeCanonical, type StoredObject, type TreeRef } from '@dsv/store'
import type { Json } from '../model/json.ts'
import type { Schema } from '../model/schema.ts'
import { linkList } from './link-list.ts'
import { readRecord, type RecordReader } from './record-reader.ts'
import { readSchema, schemaFields } from './schema-record.ts'
import { readTreeRef, treeRefFields } from './tree-ref-record.ts'

const VERSION = 1

/** What the files under a tracked folder mean. */
export interface DatasetRecord {
  readonly schema: Schema
  /** The format it was last written in. */
  readonly format: string
  /** What the adapter of the format remembers about the layout of the folder. */
  readonly layout: Json
  /**
   * `read` when items and layers are exactly what the files say, `rendered` when the files are a
   * rendering that may hold less.
   */
  readonly origin: 'read' | 'rendered'
  /** Item records by item key. */
  readonly items: TreeRef
  /** Annotation records by item key, for each layer. */
  readonly layers: ReadonlyMap<string, TreeRef>
}

/**
 * Returns the object of a dataset. The payload is canonical
 * `[1, schema, format, layout, origin, items, layers]`, origin 0 read or 1 rendered, layers a list of
 * `[name, tree]` sorted by name, trees as `[link or null, count, sizeBytes]`.
 */
export function encodeDataset(dataset: DatasetRecord): StoredObject {
  const links = linkList()
  const items = treeRefFields(dataset.items, links)
  const layers = [...dataset.layers]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, tree]) => [name, treeRefFields(tree, links)])
  const payload = encodeCanonical([
    VERSION,
    schemaFields(dataset.schema),
    dataset.format,
    dataset.layout,
    dataset.origin === 'read' ? 0 : 1,
    items,
    layers,
  ])
  return { links: links.links, payload }
}

/** Reads a dataset. @throws `DSV_RECORD_CORRUPT`, `DSV_RECORD_MALFORMED`, `DSV_RECORD_VERSION_UNSUPPORTED` */
export function decodeDataset(object: StoredObject): DatasetRecord {
  const reader = readRecord('A dataset', object.payload, object.links, VERSION)
  const [schema, format, layout, origin, items, layers] = reader.body
  return {
    schema: readSchema(reader, schema),
    format: reader.text(format, 'The format'),
    layout: reader.json(layout, 'The layout'),
    origin:
      origin === 0 ? 'read' : origin === 1 ? 'rendered' : reader.fail('the origin is unknown'),
    items: readTreeRef(reader, items, 'The tree of items'),
    layers: readLayers(reader, layers),
  }
}

function readLayers(reader: RecordReader, value: unknown): ReadonlyMap<string, TreeRef> {
  return new Map(
    reader.list(value, 'The layers').map((layer) => {
      const [name, tree] = reader.list(layer, 'A layer')
      const layerName = reader.text(name, 'The name of a layer')
      return [layerName, readTreeRef(reader, tree, `The tree of layer ${layerName}`)]
    }),
  )
}
