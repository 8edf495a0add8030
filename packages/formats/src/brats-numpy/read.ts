import {
  type AnnotationDraft,
  type Category,
  type DatasetStream,
  EMPTY_SCHEMA,
  type Folder,
  formatSyntax,
  GROUND_TRUTH,
  type ReadContext,
  type SourceItem,
  type SourceMedia,
} from '@dsv/core'
import { freeId } from '../shared/image-name.ts'
import { readNpyHeader, readNpyNumbers } from '../shared/npy-file.ts'
import { skipOrThrow } from '../shared/skip-or-throw.ts'
import { folderOf } from '../shared/subset-files.ts'
import { decodeText, splitLines } from '../shared/text-reader.ts'
import {
  categoriesOfLines,
  type LabelVolume,
  largestClass,
  masksOfVolume,
} from '../shared/volume-masks.ts'
import { findIdsFile } from './detect.ts'
import { readBoxes, readIds, type VoxelBox } from './read-pickles.ts'

const HEAD_BYTES = 4096

/** Reads volumes one after the other. @throws `DSV_FORMAT_SYNTAX` */
export async function readBratsNumpy(folder: Folder, context: ReadContext): Promise<DatasetStream> {
  context.signal.throwIfAborted()
  const list = findIdsFile(await folder.list()) ?? 'val_ids.p'
  const root = folderOf(list)
  const orNone = async <Value>(
    path: string,
    read: (bytes: Uint8Array, file: string) => readonly Value[],
  ): Promise<readonly Value[]> => {
    try {
      return (await folder.has(path)) ? read(await folder.read(path), path) : []
    } catch (error) {
      skipOrThrow(error, path, context)
      return []
    }
  }
  const ids = await orNone(list, readIds)
  const boxes = await orNone(`${root}val_brain_bbox.p`, readBoxes)
  const named = await orNone(`${root}labels`, (bytes, file) =>
    categoriesOfLines(splitLines(decodeText(bytes, file)).lines),
  )
  const reading: Reading = { folder, context, root }
  const categories = named.length > 0 ? named : await countClasses(reading, ids)
  return {
    schema: { ...EMPTY_SCHEMA, categories },
    layout: null,
    items: readItems(reading, ids, boxes, categories),
  }
}

interface Reading {
  readonly folder: Folder
  readonly context: ReadContext
  readonly root: string
}

function labelsPath({ root }: Reading, id: string): string {
  return `${root}${id}_label_cropped.npy`
}

/** Classes without names are numbered; how many there are only the volumes say. */
async function countClasses(
  reading: Reading,
  ids: readonly string[],
): Promise<readonly Category[]> {
  const { folder, context } = reading
  let largest = -1
  for (const id of ids) {
    context.signal.throwIfAborted()
    const path = labelsPath(reading, id)
    try {
      if (!(await folder.has(path))) continue
      largest = Math.max(largest, largestClass(volumeOf(await folder.read(path), path), path))
    } catch (error) {
      // It is reported when the item is read.
      skipOrThrow(error, path, { ...context, onProblem: () => undefined })
    }
  }
  return categoriesOfLines(Array.from({ length: largest + 1 }, () => ''))
}

async function* readItems(
  reading: Reading,
  ids: readonly string[],
  boxes: readonly VoxelBox[],
  categories: readonly Category[],
): AsyncGenerator<SourceItem> {
  const { folder, context } = reading
  const used = new Set<string>()
  for (const [at, id] of ids.entries()) {
    context.signal.throwIfAborted()
    const path = labelsPath(reading, id)
    const drafts: AnnotationDraft[] = []
    let media: readonly SourceMedia[] = []
    try {
      media = await mediaOf(reading, id)
      if (await folder.has(path)) {
        const volume = volumeOf(await folder.read(path), path)
        drafts.push(...masksOfVolume(volume, categories, path))
      }
    } catch (error) {
      skipOrThrow(error, path, context)
    }
    const box = boxes[at]
    if (box !== undefined) drafts.push(cuboidOf(box))
    yield { subset: 'default', id: freeId(id, used), media, layers: { [GROUND_TRUTH]: drafts } }
  }
}

async function mediaOf({ folder, root }: Reading, id: string): Promise<readonly SourceMedia[]> {
  const path = `${root}${id}_data_cropped.npy`
  if (!(await folder.has(path))) return []
  const file = await folder.open(path)
  try {
    const { shape } = readNpyHeader(await file.read(0, HEAD_BYTES), path)
    const [, , width, height] = shape
    const size = width === undefined || height === undefined ? {} : { width, height }
    return [{ role: 'primary', path, kind: 'other', ...size }]
  } finally {
    await file.close()
  }
}

/** The first of the volumes of a file; its last axis is the one whose numbers stand together. */
function volumeOf(bytes: Uint8Array, file: string): LabelVolume {
  const header = readNpyHeader(bytes, file)
  const [, slices, columns, rows] = header.shape
  if (
    slices === undefined ||
    columns === undefined ||
    rows === undefined ||
    header.shape.length !== 4
  ) {
    throw formatSyntax(file, 'should have four axes')
  }
  const values = readNpyNumbers(bytes, header, slices * columns * rows, file)
  return { rows, columns, slices, values }
}

/** A box of two corners, as its middle and its size. */
function cuboidOf(box: VoxelBox): AnnotationDraft {
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0] = box
  return {
    type: 'cuboid-3d',
    position: [(a + d) / 2, (b + e) / 2, (c + f) / 2],
    rotation: [0, 0, 0],
    size: [d - a, e - b, f - c],
    attributes: { unit: 'voxel' },
  }
}
