import {
  type AnnotationDraft,
  type Category,
  type DatasetStream,
  EMPTY_SCHEMA,
  type Folder,
  GROUND_TRUTH,
  type ReadContext,
  type SourceItem,
  type SourceMedia,
} from '@dsv/core'
import { createGunzip } from 'node:zlib'
import { freeId } from '../shared/image-name.ts'
import { isObject, parseJson } from '../shared/json-reader.ts'
import { skipOrThrow } from '../shared/skip-or-throw.ts'
import { decodeText, splitLines } from '../shared/text-reader.ts'
import { categoriesOfLines, largestClass, masksOfVolume } from '../shared/volume-masks.ts'
import { type BratsFiles, findBratsFiles, type VolumeFiles } from './find-volumes.ts'
import { niftiShape, readNiftiVolume } from './nifti-file.ts'

const HEAD_BYTES = 4096

/** Reads volumes one after the other. @throws `DSV_FORMAT_SYNTAX` */
export async function readBrats(folder: Folder, context: ReadContext): Promise<DatasetStream> {
  context.signal.throwIfAborted()
  const files = await findBratsFiles(folder)
  const categories =
    (await readNames(folder, files, context)) ?? (await countClasses(folder, files, context))
  return {
    schema: { ...EMPTY_SCHEMA, categories },
    layout: null,
    items: readItems(folder, files.volumes, categories, context),
  }
}

/** Names of classes, when a file says them. */
async function readNames(
  folder: Folder,
  { names, description }: BratsFiles,
  context: ReadContext,
): Promise<readonly Category[] | undefined> {
  const path = names ?? description
  if (path === undefined) return undefined
  try {
    const bytes = await folder.read(path)
    if (path === names) return categoriesOfLines(splitLines(decodeText(bytes, path)).lines)
    const json = parseJson(bytes, path)
    const labels = isObject(json) && isObject(json['labels']) ? json['labels'] : undefined
    if (labels === undefined) return undefined
    const numbered = Object.entries(labels).flatMap(([number, name]) =>
      /^\d{1,4}$/u.test(number) && typeof name === 'string'
        ? [[Number(number), name] as const]
        : [],
    )
    const last = numbered.reduce((largest, [number]) => Math.max(largest, number), -1)
    const byNumber = new Map(numbered)
    return categoriesOfLines(Array.from({ length: last + 1 }, (_, at) => byNumber.get(at) ?? ''))
  } catch (error) {
    skipOrThrow(error, path, context)
    return undefined
  }
}

/** Classes without names are numbered; how many there are only the volumes say. */
async function countClasses(
  folder: Folder,
  { volumes }: BratsFiles,
  context: ReadContext,
): Promise<readonly Category[]> {
  let largest = -1
  for (const { labels } of volumes) {
    context.signal.throwIfAborted()
    if (labels === undefined) continue
    try {
      const volume = readNiftiVolume(await folder.read(labels), labels)
      largest = Math.max(largest, largestClass(volume, labels))
    } catch (error) {
      // It is reported when the item is read.
      skipOrThrow(error, labels, { ...context, onProblem: () => undefined })
    }
  }
  return categoriesOfLines(Array.from({ length: largest + 1 }, () => ''))
}

async function* readItems(
  folder: Folder,
  volumes: readonly VolumeFiles[],
  categories: readonly Category[],
  context: ReadContext,
): AsyncGenerator<SourceItem> {
  const used = new Map<string, Set<string>>()
  for (const { id, subset, image, labels } of volumes) {
    context.signal.throwIfAborted()
    const ids = used.get(subset) ?? new Set<string>()
    used.set(subset, ids)
    const media = image === undefined ? [] : [await mediumOf(folder, image)]
    let drafts: readonly AnnotationDraft[] = []
    try {
      if (labels !== undefined) {
        const volume = readNiftiVolume(await folder.read(labels), labels)
        drafts = masksOfVolume(volume, categories, labels)
      }
    } catch (error) {
      skipOrThrow(error, labels ?? '', context)
    }
    yield { subset, id: freeId(id, ids), media, layers: { [GROUND_TRUTH]: drafts } }
  }
}

async function mediumOf(folder: Folder, path: string): Promise<SourceMedia> {
  const file = await folder.open(path)
  try {
    const head = await file.read(0, HEAD_BYTES)
    // The first axis is a column, as in the masks.
    const [height, width] = niftiShape(await firstBytes(head)) ?? []
    const size = height === undefined || width === undefined ? {} : { width, height }
    return { role: 'primary', path, kind: 'other', ...size }
  } finally {
    await file.close()
  }
}

/** What the beginning of a file unpacks to, as far as that goes. */
async function firstBytes(head: Uint8Array): Promise<Uint8Array> {
  if (head[0] !== 0x1f || head[1] !== 0x8b) return head
  return new Promise((resolve) => {
    const parts: Uint8Array[] = []
    const stream = createGunzip()
    const end = (): void => resolve(Buffer.concat(parts))
    stream.on('data', (part: Uint8Array) => parts.push(part))
    stream.on('end', end)
    // The rest of the file is missing on purpose.
    stream.on('error', end)
    stream.end(head)
  })
}
