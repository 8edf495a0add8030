import type { DatasetView, Json, WritableFolder, WriteContext } from '@dsv/core'
import { jsonEncoder } from '../shared/json-encoder.ts'
import type { JsonObject } from '../shared/json-reader.ts'
import type { DatumaroFile } from '../shared/read-datumaro-item.ts'
import { textPieces } from '../shared/text-pieces.ts'
import { layoutFromJson, layoutToJson } from './layout.ts'
import type { AnnotationTarget } from '../shared/write-datumaro-annotation.ts'
import { writeCategories } from '../shared/write-datumaro-categories.ts'
import {
  type DatumaroWriter,
  datumaroItemRecord,
  datumaroMediaType,
  membersFor,
  placeDatumaroMedia,
  sizeOfMedium,
} from '../shared/write-datumaro-item.ts'

/**
 * Writes Datumaro JSON of version 1.0: a file for each subset. What Datumaro has no member for is said by
 * members called `dsv`, which it does not look at.
 */
export async function writeDatumaro(
  dataset: DatasetView,
  folder: WritableFolder,
  context: WriteContext,
): Promise<Json> {
  context.signal.throwIfAborted()
  const before = layoutFromJson(dataset.layout)
  const subsets =
    dataset.subsets.length === 0 && before.length === 0 ? ['default'] : dataset.subsets
  const kept = before.filter(({ subset }) => !subsets.includes(subset))
  const files = [...subsets.map((subset) => fileFor(subset, before)), ...kept]
  for (const { name } of dataset.schema.attributes) {
    context.onLoss({ what: 'attribute definition', where: name })
  }
  for (const file of files) {
    const writer: DatumaroWriter = { dataset, context, file, isKept: before.length > 0 }
    await folder.write(file.path, textPieces(fileText(writer)))
    await placeDatumaroMedia(writer, folder)
  }
  return layoutToJson(files)
}

function fileFor(subset: string, before: readonly DatumaroFile[]): DatumaroFile {
  const known = before.find((file) => file.subset === subset)
  if (known !== undefined) return known
  const root = before[0]?.root ?? ''
  return { path: `${root}annotations/${subset}.json`, subset, root }
}

async function* fileText(writer: DatumaroWriter): AsyncGenerator<string | Uint8Array> {
  const { dataset, file, context } = writer
  const { categories, info } = dataset.schema
  const rest = membersFor(info['datumaro'], file.subset)
  const { label_groups: _groups, attributes: _attributes, ...members } = rest
  const head: JsonObject = {
    dm_format_version: '1.0',
    media_type: await datumaroMediaType(dataset, file.subset),
    infos: {},
    ...members,
    categories: writeCategories(categories, rest),
  }
  const encode = jsonEncoder(false)
  yield `${JSON.stringify(head).slice(0, -1)},"items":[`
  const keys = categories.map(({ key }) => key)
  const numbers = new Map(keys.map((key, index) => [key, index]))
  let isFirst = true
  for await (const item of dataset.items(file.subset)) {
    context.signal.throwIfAborted()
    const target: AnnotationTarget = {
      keys,
      numbers,
      size: sizeOfMedium(item.media[0]),
    }
    yield isFirst ? '\n' : ',\n'
    isFirst = false
    // What the encoder gave is overwritten by the next item.
    yield Buffer.from(encode(datumaroItemRecord(item, target, writer)))
  }
  yield '\n]}\n'
}
