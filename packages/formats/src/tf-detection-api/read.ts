import {
  type DatasetStream,
  type Folder,
  formatSyntax,
  type ReadContext,
  type SourceItem,
} from '@dsv/core'
import { mediaFinder } from '../shared/media-finder.ts'
import { skipOrThrow } from '../shared/skip-or-throw.ts'
import { findLabelMaps, findTfFiles } from './find-files.ts'
import { layoutToJson } from './layout.ts'
import { readClasses } from './read-classes.ts'
import { readItem, type TfSource } from './read-item.ts'
import { decodeExample } from './tf-example.ts'
import { readTfRecord, type TfRecord, tfRecords } from './tf-record.ts'

/**
 * Reads TFRecord files of `tf.Example`, record by record. Images lie inside the records.
 *
 * @throws `DSV_FORMAT_SYNTAX`
 */
export async function readTfDetectionApi(
  folder: Folder,
  context: ReadContext,
): Promise<DatasetStream> {
  context.signal.throwIfAborted()
  const files = await findTfFiles(folder)
  const labelMaps = await findLabelMaps(folder)
  if (files.length === 0) {
    skipOrThrow(formatSyntax('*.tfrecord', 'is not in the folder'), '*.tfrecord', context)
  }
  const classes = await readClasses(folder, files, labelMaps, context)
  const media = await mediaFinder(folder)
  return {
    schema: { categories: classes.categories, attributes: [], info: {} },
    layout: layoutToJson({ files, labelMaps }),
    items: readItems(
      folder,
      files.map((file) => ({ file, classes, media })),
      context,
    ),
  }
}

async function* readItems(
  folder: Folder,
  sources: readonly TfSource[],
  context: ReadContext,
): AsyncGenerator<SourceItem> {
  const seen = new Set<string>()
  for (const source of sources) {
    const { path } = source.file
    const file = await folder.open(path)
    try {
      for await (const record of tfRecords(file, path)) {
        context.signal.throwIfAborted()
        try {
          const data = await readTfRecord(file, path, record)
          const item = await itemOf(data, record, source)
          const key = `${item.subset}\0${item.id}`
          if (seen.has(key)) {
            throw formatSyntax(path, `record ${record.index} has the name of another: ${item.id}`)
          }
          seen.add(key)
          yield item
        } catch (error) {
          skipOrThrow(error, path, context)
        }
      }
    } catch (error) {
      skipOrThrow(error, path, context)
    } finally {
      await file.close()
    }
  }
}

async function itemOf(
  data: Uint8Array,
  { index }: TfRecord,
  source: TfSource,
): Promise<SourceItem> {
  const place = { file: source.file.path, record: index }
  const example = decodeExample(data, place)
  if (example.size === 0) throw formatSyntax(place.file, `record ${index} has no features`)
  return readItem(example, place, source)
}
