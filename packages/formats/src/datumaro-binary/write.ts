import type { DatasetView, Json, WritableFolder, WriteContext } from '@dsv/core'
import { spoolFile, type SpoolFile } from '../folder/spool-file.ts'
import { piecesOf } from '../shared/byte-stream.ts'
import { packedBytes, packedDictionary, packedIntegers } from '../shared/datumaro-bytes.ts'
import { isObject, type JsonObject } from '../shared/json-reader.ts'
import { packItemAnnotations, reportPackedItem } from '../shared/pack-datumaro-item.ts'
import type { DatumaroFile } from '../shared/read-datumaro-item.ts'
import { reportSchemaLosses } from '../shared/report-losses.ts'
import { writeCategories } from '../shared/write-datumaro-categories.ts'
import {
  type DatumaroWriter,
  datumaroMediaType,
  mediaRecord,
  membersFor,
  placeDatumaroMedia,
  sizeOfMedium,
} from '../shared/write-datumaro-item.ts'
import { layoutFromJson, layoutToJson, SIGNATURE } from './find-files.ts'
import { packItem } from './packed-item.ts'

/** Items are put into blobs of about this size, as Datumaro does. */
const BLOB_BYTES = 2 ** 20
const HOLDS = {
  format: 'datumaro',
  fields: new Set<never>(),
  categoryFields: new Set([
    'parent',
    'supercategory',
    'color',
    'attributes',
    'skeleton',
    'isThing',
  ] as const),
}

/** Writes a binary file of Datumaro for each subset, and the media beside it. */
export async function writeDatumaroBinary(
  dataset: DatasetView,
  folder: WritableFolder,
  context: WriteContext,
): Promise<Json> {
  context.signal.throwIfAborted()
  reportSchemaLosses(dataset.schema, HOLDS, context.onLoss)
  const before = layoutFromJson(dataset.layout)
  const subsets = dataset.subsets.length === 0 ? ['default'] : dataset.subsets
  const files = subsets.map((subset) => fileFor(subset, before))
  for (const file of files) {
    const writer: DatumaroWriter = { dataset, context, file, isKept: before.length > 0 }
    const spool = spoolFile()
    try {
      const sizes = await spoolItems(writer, spool)
      await folder.write(file.path, fileBytes(writer, sizes, spool))
    } finally {
      await spool.close()
    }
    await placeDatumaroMedia(writer, folder)
  }
  return layoutToJson(files)
}

function fileFor(subset: string, before: readonly DatumaroFile[]): DatumaroFile {
  const known = before.find((file) => file.subset === subset)
  const root = before[0]?.root ?? ''
  return known ?? { path: `${root}annotations/${subset}.datum`, subset, root }
}

/** Puts the items of a subset aside; returns the sizes of their blobs. */
async function spoolItems(writer: DatumaroWriter, spool: SpoolFile): Promise<readonly number[]> {
  const { dataset, context, file } = writer
  const keys = dataset.schema.categories.map(({ key }) => key)
  const numbers = new Map(keys.map((key, index) => [key, index]))
  const sizes: number[] = []
  let size = 0
  for await (const item of dataset.items(file.subset)) {
    context.signal.throwIfAborted()
    reportPackedItem(item, context)
    const target = { keys, numbers, size: sizeOfMedium(item.media[0]) }
    const annotations = packItemAnnotations(item, target, context)
    const record: JsonObject = {
      id: item.id,
      ...(item.attributes === undefined ? {} : { attr: item.attributes }),
      ...mediaRecord(item, item.extra?.['datumaro'], writer),
    }
    const bytes = packItem(file.subset, record, annotations)
    spool.append(bytes)
    await spool.settle()
    size += bytes.length
    if (size > BLOB_BYTES) {
      sizes.push(size)
      size = 0
    }
  }
  return size > 0 ? [...sizes, size] : sizes
}

async function* fileBytes(
  { dataset, file }: DatumaroWriter,
  sizes: readonly number[],
  spool: SpoolFile,
): AsyncGenerator<Uint8Array> {
  const { categories, info } = dataset.schema
  const rest = membersFor(info['datumaro'], file.subset)
  const { infos } = rest
  const kinds = writeCategories(categories, rest)
  const header = (json: JsonObject): Uint8Array => packedBytes(packedDictionary(json))
  yield Buffer.from(SIGNATURE)
  yield header({ dm_format_version: '1.0', media_encryption: false })
  yield packedBytes(new Uint8Array())
  yield header(isObject(infos) ? infos : {})
  yield header(isObject(kinds) ? kinds : {})
  yield header({ media_type: await datumaroMediaType(dataset, file.subset) })
  yield packedBytes(packedIntegers(sizes))
  yield* piecesOf(spool)
}
