import type {
  AnnotatedItem,
  Annotation,
  DatasetView,
  Json,
  Media,
  WritableFolder,
  WriteContext,
} from '@dsv/core'
import { isRelativePath } from '../shared/is-path-name.ts'
import { isObject } from '../shared/json-reader.ts'
import {
  type Holdings,
  reportAnnotationLosses,
  reportItemLosses,
  reportSchemaLosses,
} from '../shared/report-losses.ts'
import { suffixOf } from '../shared/suffix-of.ts'
import { findImagePairs, ROLE_FOLDERS } from './pairs.ts'

const HOLDS: Holdings = { format: 'common-super-resolution', fields: new Set() }

/** Puts the images of items into `LR`, `HR` and `upsampled`, below a folder for each subset. */
export async function writeCommonSuperResolution(
  dataset: DatasetView,
  folder: WritableFolder,
  context: WriteContext,
): Promise<Json> {
  context.signal.throwIfAborted()
  reportSchemaLosses(dataset.schema, HOLDS, context.onLoss)
  for (const { name } of dataset.schema.categories) {
    context.onLoss({ what: 'category', where: name })
  }
  const isKept = isObject(dataset.layout) && dataset.layout['hasSubsets'] === true
  const hasSubsets = isKept || dataset.subsets.some((subset) => subset !== 'default')
  for await (const item of dataset.items()) {
    context.signal.throwIfAborted()
    await writeItem(item, hasSubsets ? `${item.subset}/` : '', folder, context)
  }
  return { version: 1, hasSubsets }
}

async function writeItem(
  item: AnnotatedItem,
  root: string,
  folder: WritableFolder,
  context: WriteContext,
): Promise<void> {
  const where = `${item.subset}/${item.id}`
  const placed: { readonly path: string; readonly medium: Media }[] = []
  for (const [role, name] of ROLE_FOLDERS) {
    const medium = item.media.find((each) => each.role === role)
    const isImage = medium?.kind === 'image' && medium.frame === undefined
    if (!isImage || medium.blob === undefined) continue
    placed.push({ path: `${root}${name}/${item.id}${suffixOf(medium.path, '.png')}`, medium })
  }
  const [first] = placed
  const paths = placed.map(({ path }) => path)
  // A subset or id may hold the names of these folders.
  const found = findImagePairs(paths)
  const isFound = found.length === 1 && isSame(found[0], item, root)
  if (first === undefined || !paths.every(isRelativePath) || !isFound) {
    context.onLoss({ what: 'item', where })
    return
  }
  const kept = new Set(placed.map(({ medium }) => medium))
  const media = [first.medium, ...item.media.filter((medium) => !kept.has(medium))]
  reportItemLosses({ ...item, media }, HOLDS, context.layer, context.onLoss)
  for (const annotation of item.layers[context.layer] ?? []) {
    if (
      isOwn(
        annotation,
        placed.map(({ medium }) => medium),
      )
    ) {
      reportAnnotationLosses(annotation, HOLDS, where, context.onLoss)
    } else context.onLoss({ what: `annotation: ${annotation.type}`, where })
  }
  for (const { path, medium } of placed) await folder.placeMedia(path, medium)
}

function isSame(
  pair: { readonly subset: string; readonly id: string } | undefined,
  { subset, id }: AnnotatedItem,
  root: string,
): boolean {
  return pair?.id === id && pair.subset === (root === '' ? 'default' : subset)
}

/** What the image in high resolution says again when it is read. */
function isOwn(annotation: Annotation, media: readonly Media[]): boolean {
  if (annotation.type !== 'reference' || annotation.role !== 'high-resolution') return false
  return media.some(({ role, path }) => role === 'high-resolution' && path === annotation.path)
}
