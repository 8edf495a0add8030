import {
  type Category,
  type DatasetStream,
  type Folder,
  formatSyntax,
  GROUND_TRUTH,
  type ReadContext,
  type SourceItem,
} from '@dsv/core'
import { withoutExtension } from '../media/media-kind.ts'
import { categoriesOf } from '../shared/label-list.ts'
import { safeMediaName } from '../shared/media-finder.ts'
import { pixelItem } from '../shared/pixel-item.ts'
import { skipOrThrow } from '../shared/skip-or-throw.ts'
import { type CifarBatch, cifarBatch } from './batch.ts'
import { type CifarFiles, findCifarFiles } from './find-files.ts'
import { layoutToJson } from './layout.ts'
import { listOf, type PickleValue, textOf } from '../shared/pickle-value.ts'
import { readPickle } from '../shared/read-pickle.ts'

/** The classes of CIFAR-10, for batches without `batches.meta`. */
const CIFAR_10 = 'airplane automobile bird cat deer dog frog horse ship truck'.split(' ')

/**
 * Reads the pickles of CIFAR-10 and CIFAR-100, one at a time; nothing in them is executed.
 *
 * @throws `DSV_FORMAT_SYNTAX`
 */
export async function readCifar(folder: Folder, context: ReadContext): Promise<DatasetStream> {
  context.signal.throwIfAborted()
  const files = await findCifarFiles(folder)
  let names: Names = { fine: [], coarse: [], isFine: false }
  let categories: readonly Category[] = []
  try {
    if (files === undefined) throw formatSyntax('batches.meta', 'is missing, or no pickle')
    names = await readNames(folder, files)
    categories = await readCategories(folder, files, names, context)
  } catch (error) {
    skipOrThrow(error, files?.meta ?? 'batches.meta', context)
  }
  const { coarse, isFine } = names
  return {
    schema: { categories, attributes: [], info: {} },
    layout: layoutToJson({ root: files?.root ?? '', isFine, coarseNames: coarse }),
    items: files === undefined ? none() : readItems(folder, files, { names, categories }, context),
  }
}

async function* none(): AsyncGenerator<SourceItem> {}

interface Names {
  readonly fine: readonly string[]
  readonly coarse: readonly string[]
  readonly isFine: boolean
}

async function readNames(folder: Folder, { meta }: CifarFiles): Promise<Names> {
  if (meta === undefined) return { fine: CIFAR_10, coarse: [], isFine: false }
  const value = readPickle(await folder.read(meta), meta)
  if (!(value instanceof Map)) throw formatSyntax(meta, 'holds no dictionary')
  const plain = namesIn(value, 'label_names', meta)
  if (plain !== undefined) return { fine: plain, coarse: [], isFine: false }
  const fine = namesIn(value, 'fine_label_names', meta)
  if (fine === undefined) {
    throw formatSyntax(meta, 'has neither label_names nor fine_label_names')
  }
  return { fine, coarse: namesIn(value, 'coarse_label_names', meta) ?? [], isFine: true }
}

function namesIn(
  value: ReadonlyMap<string, PickleValue>,
  field: string,
  file: string,
): readonly string[] | undefined {
  return listOf(value.get(field))?.map((each, index) => {
    const name = textOf(each)
    if (name === undefined) throw formatSyntax(file, `has no text in ${field} at ${index}`)
    return name
  })
}

/** A class of CIFAR-100 belongs to the coarse class of its first image. */
async function readCategories(
  folder: Folder,
  files: CifarFiles,
  { fine, coarse, isFine }: Names,
  context: ReadContext,
): Promise<readonly Category[]> {
  const categories = categoriesOf(fine)
  if (!isFine || coarse.length === 0) return categories
  const above = new Map<number, string>()
  for await (const { batch } of readBatches(folder, files, { ...context, onProblem: () => {} })) {
    for (let index = 0; index < batch.count && above.size < fine.length; index++) {
      const [label, coarseLabel] = [batch.label(index), batch.coarseLabel(index)]
      const name = coarseLabel === undefined ? undefined : coarse[coarseLabel]
      if (label !== undefined && name !== undefined && !above.has(label)) above.set(label, name)
    }
    if (above.size >= fine.length) break
  }
  return categories.map((category, label) => {
    const supercategory = above.get(label)
    return supercategory === undefined ? category : { ...category, supercategory }
  })
}

async function* readBatches(
  folder: Folder,
  { root, batches }: CifarFiles,
  context: Pick<ReadContext, 'signal' | 'onError' | 'onProblem'>,
): AsyncGenerator<{ readonly name: string; readonly file: string; readonly batch: CifarBatch }> {
  for (const name of batches) {
    context.signal.throwIfAborted()
    const file = `${root}${name}`
    let batch: CifarBatch
    try {
      batch = cifarBatch(readPickle(await folder.read(file), file), file)
    } catch (error) {
      skipOrThrow(error, file, context)
      continue
    }
    yield { name, file, batch }
  }
}

interface Classes {
  readonly names: Names
  readonly categories: readonly Category[]
}

async function* readItems(
  folder: Folder,
  files: CifarFiles,
  classes: Classes,
  context: ReadContext,
): AsyncGenerator<SourceItem> {
  for await (const { name, file, batch } of readBatches(folder, files, context)) {
    const seen = new Set<string>()
    for (let index = 0; index < batch.count; index++) {
      context.signal.throwIfAborted()
      try {
        const plain = idOf(batch.filename(index), index)
        const id = seen.has(plain) ? `${plain}~${index}` : plain
        const item = itemOf({ subset: name, id }, batch, index, { ...classes, file })
        seen.add(id)
        yield item
      } catch (error) {
        skipOrThrow(error, file, context)
      }
    }
  }
}

function idOf(filename: string | undefined, index: number): string {
  return filename === undefined || filename === ''
    ? `${index}`
    : withoutExtension(safeMediaName(filename))
}

function itemOf(
  key: { readonly subset: string; readonly id: string },
  batch: CifarBatch,
  index: number,
  { names, categories, file }: Classes & { readonly file: string },
): SourceItem {
  const label = batch.label(index)
  const category = label === undefined ? undefined : categories[label]
  if (label !== undefined && category === undefined) {
    throw formatSyntax(file, `image ${index} has the label ${label}, which has no name`)
  }
  const item = pixelItem(key, batch.pixels(index), category)
  const coarseLabel = batch.coarseLabel(index)
  const coarse = coarseLabel === undefined ? undefined : names.coarse[coarseLabel]
  if (category === undefined || coarse === undefined || coarse === category.supercategory) {
    return item
  }
  const attributes = { coarse_label: coarse }
  return {
    ...item,
    layers: { [GROUND_TRUTH]: [{ type: 'label', category: category.key, attributes }] },
  }
}
