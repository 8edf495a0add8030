import {
  type AnnotationDraft,
  type Category,
  type DatasetStream,
  EMPTY_SCHEMA,
  type Folder,
  GROUND_TRUTH,
  maskGeometry,
  type ReadContext,
  type SourceItem,
} from '@dsv/core'
import { compareText } from '../shared/compare-text.ts'
import { freeId } from '../shared/image-name.ts'
import { decodeMaskPng } from '../shared/mask-png.ts'
import { readAhead } from '../shared/read-ahead.ts'
import { skipOrThrow } from '../shared/skip-or-throw.ts'
import { findMvtecImages, type MvtecImage } from './find-images.ts'

const FILES_AT_ONCE = 8

/** Reads images with a label for their defect, and its mask. @throws `DSV_FORMAT_SYNTAX` */
export async function readMvtecAd(folder: Folder, context: ReadContext): Promise<DatasetStream> {
  context.signal.throwIfAborted()
  const { images, lostMasks } = findMvtecImages(await folder.list())
  for (const path of lostMasks) context.onLoss({ what: 'mask of no image', where: path })
  const defects = new Set(images.flatMap(({ defect }) => defect ?? []))
  const categories = [...defects]
    .toSorted(compareText)
    .map((name): Category => ({ key: name, name }))
  return {
    schema: { ...EMPTY_SCHEMA, categories },
    layout: null,
    items: readAhead(withIds(images), FILES_AT_ONCE, async ([id, image]) =>
      readItem(folder, id, image, context),
    ),
  }
}

function* withIds(
  images: readonly MvtecImage[],
): Generator<readonly [id: string, image: MvtecImage]> {
  const used = new Map<string, Set<string>>()
  for (const image of images) {
    const { subset, object, defect, name } = image
    const ids = used.get(subset) ?? new Set<string>()
    used.set(subset, ids)
    yield [freeId(`${object}${defect === undefined ? '' : `${defect}/`}${name}`, ids), image]
  }
}

async function readItem(
  folder: Folder,
  id: string,
  { subset, path, defect, mask }: MvtecImage,
  context: ReadContext,
): Promise<SourceItem> {
  context.signal.throwIfAborted()
  const info = await context.probe(path)
  const drafts: AnnotationDraft[] =
    defect === undefined ? [] : [{ type: 'label', category: defect }]
  if (mask !== undefined && defect !== undefined) {
    try {
      const read = decodeMaskPng(await folder.read(mask), mask)
      drafts.push({ ...maskGeometry(read), category: defect })
    } catch (error) {
      skipOrThrow(error, mask, context)
    }
  }
  return {
    subset,
    id,
    media: [{ role: 'primary', path, ...info, kind: 'image' }],
    layers: { [GROUND_TRUTH]: drafts },
  }
}
