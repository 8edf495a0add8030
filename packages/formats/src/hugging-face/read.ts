import {
  type DatasetStream,
  type Folder,
  formatSyntax,
  GROUND_TRUTH,
  type ReadContext,
  type SourceItem,
  type SourceMedia,
} from '@dsv/core'
import { isImagePath, withoutExtension } from '../media/media-kind.ts'
import { probeBytes } from '../media/probe-media.ts'
import { type MediaFinder, mediaFinder, safeMediaName } from '../shared/media-finder.ts'
import { skipOrThrow } from '../shared/skip-or-throw.ts'
import { classLabels, type ClassLabels, classNamesIn } from './class-labels.ts'
import { findHubFiles, folderOf, type HubFile } from './find-files.ts'
import { type HubImage, type HubRow, hubRows } from './hub-rows.ts'
import { layoutToJson } from './layout.ts'
import { readRow, type RowFacts } from './read-row.ts'

/**
 * Reads datasets as Hugging Face's `datasets` has them. Tables are looked through once for the names of
 * classes, without images; then row by row.
 *
 * @throws `DSV_FORMAT_SYNTAX`
 */
export async function readHuggingFace(
  folder: Folder,
  context: ReadContext,
): Promise<DatasetStream> {
  context.signal.throwIfAborted()
  const files = await findHubFiles(folder)
  if (files.length === 0) {
    skipOrThrow(formatSyntax('metadata.jsonl', 'is not in the folder'), 'metadata.jsonl', context)
  }
  const classes = classLabels()
  // What is wrong is said when items are read.
  const quiet: ReadContext = { ...context, onError: 'skip', onProblem: () => {} }
  for (const file of files) {
    try {
      if (file.kind === 'parquet') {
        const { readFeatures } = await import('./parquet-rows.ts')
        classes.add(classNamesIn(await readFeatures(folder, file.path)))
      }
      for await (const { fields } of hubRows(folder, file, quiet, false)) readRow(fields, classes)
    } catch (error) {
      skipOrThrow(error, file.path, quiet)
    }
  }
  const isInside = files.some(({ isMetadata }) => !isMetadata)
  return {
    schema: { categories: classes.categories(), attributes: [], info: {} },
    layout: layoutToJson({ variant: isInside ? 'parquet' : 'imagefolder', tables: files }),
    items: readItems(folder, files, classes, context),
  }
}

async function* readItems(
  folder: Folder,
  files: readonly HubFile[],
  classes: ClassLabels,
  context: ReadContext,
): AsyncGenerator<SourceItem> {
  const media = await mediaFinder(folder)
  const seen = new Set<string>()
  for (const file of files) {
    try {
      for await (const row of hubRows(folder, file, context)) {
        try {
          const item = await readItem({ file, classes, media, context }, row)
          const keys = [item.id, `${item.id}#${row.number}`]
          const id = keys.find((each) => !seen.has(`${item.subset}\0${each}`))
          if (id === undefined) {
            throw formatSyntax(file.path, `${row.where} has the name of another: ${item.id}`)
          }
          seen.add(`${item.subset}\0${id}`)
          yield { ...item, id }
        } catch (error) {
          skipOrThrow(error, file.path, context)
        }
      }
    } catch (error) {
      skipOrThrow(error, file.path, context)
    }
  }
}

interface Reading {
  readonly file: HubFile
  readonly classes: ClassLabels
  readonly media: MediaFinder
  readonly context: ReadContext
}

async function readItem(reading: Reading, row: HubRow): Promise<SourceItem> {
  const { file, classes, context } = reading
  const facts = readRow(row.fields, classes)
  const { fileName, medium } = await readMedium(reading, row, facts)
  const stem = fileName === undefined ? undefined : stemOf(fileName)
  const id = facts.itemId ?? stem ?? `${row.number}`
  for (const name of row.unread ?? []) {
    context.onLoss({ what: `column: ${name}`, where: `${file.path}: ${row.where}` })
  }
  const further = (row.further ?? []).map(async (image) =>
    insideMedium(image, `${file.subset}/${id}.${image.role}`),
  )
  return {
    subset: file.subset,
    id,
    media: [...(medium === undefined ? [] : [medium]), ...(await Promise.all(further))],
    ...(Object.keys(facts.attributes).length > 0 && { attributes: facts.attributes }),
    ...(facts.tags.length > 0 && { tags: facts.tags }),
    ...(Object.keys(facts.extra).length > 0 && { extra: { 'hugging-face': facts.extra } }),
    layers: { [GROUND_TRUTH]: facts.annotations },
  }
}

/** Returns the id of the item whose image is called so. */
export function stemOf(fileName: string): string {
  const name = safeMediaName(fileName)
  return isImagePath(name) ? withoutExtension(name) : name
}

async function readMedium(
  { file, media, context }: Reading,
  row: HubRow,
  { size }: RowFacts,
): Promise<{ readonly fileName: string | undefined; readonly medium: SourceMedia | undefined }> {
  const { image } = row
  const role = 'primary'
  if (image !== undefined) {
    const { bytes, path: fileName } = image
    if (bytes === undefined) {
      if (fileName === undefined) return { fileName, medium: undefined }
      const path = `${file.subset}/${safeMediaName(fileName)}`
      return { fileName, medium: { role, path, kind: 'image', ...size } }
    }
    const name = safeMediaName(fileName ?? `${row.number}`)
    const medium = await insideMedium(image, `${file.subset}/${name}`)
    return { fileName, medium: { ...size, ...medium } }
  }
  const stated = row.fields['file_name']
  if (typeof stated !== 'string' || stated === '') {
    if (!file.isMetadata) return { fileName: undefined, medium: undefined }
    throw formatSyntax(file.path, `${row.where} has no file_name`)
  }
  const root = folderOf(file.path)
  const found = media.find(stated, [root])
  const info = found === undefined ? undefined : await context.probe(found)
  const path = found ?? `${root}${safeMediaName(stated)}`
  return { fileName: stated, medium: { role, path, ...size, ...info, kind: 'image' } }
}

async function insideMedium({ role, bytes }: HubImage, name: string): Promise<SourceMedia> {
  const all = bytes ?? new Uint8Array()
  const path = isImagePath(name) ? name : `${name}.${extensionIn(all)}`
  const info = await probeBytes(all, path)
  return { role, path, ...info, kind: 'image', content: async () => all }
}

function extensionIn(bytes: Uint8Array): string {
  const head = Buffer.from(bytes.subarray(0, 12)).toString('latin1')
  if (head.startsWith('\x89PNG')) return 'png'
  if (head.startsWith('GIF8')) return 'gif'
  if (head.startsWith('BM')) return 'bmp'
  if (head.startsWith('RIFF') && head.endsWith('WEBP')) return 'webp'
  return head.startsWith('II*\0') || head.startsWith('MM\0*') ? 'tif' : 'jpg'
}
