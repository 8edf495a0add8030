import {
  type Annotation,
  fileNotFound,
  type Folder,
  formatSyntax,
  GROUND_TRUTH,
  type Json,
  type ReadContext,
  type Schema,
} from '@dsv/core'
import { systemErrorCode } from '@dsv/store'
import { open, stat } from 'node:fs/promises'
import path from 'node:path'
import { handleFile, memoryFile, readWhole } from '../folder/open-file.ts'
import { type CocoId, isId } from './layout.ts'
import { readHead } from './read-head.ts'
import { openCoco } from './read.ts'
import { readItems } from './read-items.ts'
import { fileCategories } from './write-categories.ts'

/** A file that lists the images and categories of a dataset, made for joining results to them. */
const IMAGES = 'annotations/instances_images.json'

/** What reading results needs. */
export type ResultsContext = Pick<ReadContext, 'signal' | 'onLoss' | 'onError' | 'onProblem'>

/**
 * Reads a file of COCO results, a list of records with `image_id` and `category_id`, and gives what it says of each
 * image, in the order of the images. Categories have the ids that the schema knows from COCO, else those that an
 * export would give them. Memory grows by about 50 bytes for each image and result.
 *
 * @param file - An absolute path
 * @param imageIds - Ids of images, each once
 * @yields the annotations of one image
 * @throws `DSV_FILE_NOT_FOUND`, `DSV_FORMAT_SYNTAX`
 */
export async function* readCocoResults(
  file: string,
  imageIds: readonly CocoId[],
  schema: Schema,
  given: ResultsContext,
): AsyncGenerator<readonly Annotation[], void, undefined> {
  const base = path.basename(file)
  const name = base.toLowerCase().endsWith('.json') ? base : `${base}.json`
  const folder = joinedFolder(file, name, Buffer.from(JSON.stringify(datasetOf(imageIds, schema))))
  await checkResults(folder, name)
  const context: ReadContext = { ...given, probe: async () => undefined }
  const { plans, categories, layout } = await openCoco(folder, context)
  let next = 0
  for await (const { id, layers } of readItems(folder, plans, categories, layout, context)) {
    // An image that could not be read is passed over.
    for (; next < imageIds.length && id !== nameOf(next); next++) yield []
    const [results = []] = Object.keys(layers).flatMap((layer) =>
      layer === GROUND_TRUTH ? [] : [layers[layer] ?? []],
    )
    yield results.map((draft, index): Annotation => ({ ...draft, uid: `${index}` }))
    next += 1
  }
  for (; next < imageIds.length; next++) yield []
}

/**
 * Returns the id of each image for COCO: the one that it has there, else the next that is free, as an export
 * gives it.
 *
 * @param stated - What items say in `extra.coco.id`
 */
export function cocoImageIds(stated: readonly (Json | undefined)[]): readonly CocoId[] {
  let next = 1
  for (const id of stated) if (typeof id === 'number' && id >= next) next = Math.floor(id) + 1
  return stated.map((id) => (isId(id) ? id : next++))
}

function nameOf(index: number): string {
  return `i${index}`
}

function datasetOf(imageIds: readonly CocoId[], schema: Schema): object {
  const { ids } = fileCategories(schema, undefined, [])
  return {
    images: imageIds.map((id, index) => ({ id, file_name: nameOf(index) })),
    annotations: [],
    categories: [...ids].map(([key, id]) => ({ id, name: key })),
  }
}

async function checkResults(folder: Folder, name: string): Promise<void> {
  if ((await readHead(folder, name)) === 'results') return
  const file = await folder.open(name)
  try {
    const text = Buffer.from(await file.read(0, 64)).toString()
    if (file.sizeBytes <= 64 && /^\s*\[\s*\]\s*$/.test(text)) return
  } finally {
    await file.close()
  }
  throw formatSyntax(
    name,
    'is no list of COCO results, like [{"image_id": 1, "category_id": 1, …}]',
  )
}

/** A folder of two files: one on disk, one in memory. */
function joinedFolder(file: string, name: string, images: Buffer): Folder {
  const openPath: Folder['open'] = async (inside) => {
    if (inside === IMAGES) return memoryFile(images)
    if (inside !== name) throw fileNotFound(inside)
    return openFile(file)
  }
  const paths = [IMAGES, name]
  return {
    list: async (under = '') =>
      paths.filter((each) => under === '' || each.startsWith(`${under}/`)),
    has: async (inside) => paths.includes(inside),
    open: openPath,
    read: async (inside) => {
      const opened = await openPath(inside)
      try {
        return await readWhole(opened, inside)
      } finally {
        await opened.close()
      }
    },
  }
}

async function openFile(file: string): ReturnType<Folder['open']> {
  try {
    const { size } = await stat(file)
    return handleFile(await open(file), size)
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') throw fileNotFound(file)
    throw error
  }
}
