import {
  type AnnotationDraft,
  type DatasetStream,
  type Folder,
  GROUND_TRUTH,
  type ReadContext,
  type SourceItem,
  type SourceMedia,
} from '@dsv/core'
import { DATASET_META, type MetaLabel, parseDatasetMeta } from '../shared/dataset-meta.ts'
import { coloredCategories } from '../shared/label-colors.ts'
import { parseLabelColors } from '../shared/label-colors-file.ts'
import { readAhead } from '../shared/read-ahead.ts'
import { type LabelMasks, labelMasks } from '../shared/read-label-masks.ts'
import { skipOrThrow } from '../shared/skip-or-throw.ts'
import { RAND_LABELS } from './classes.ts'
import { findSynthiaFiles, type SynthiaFiles, type SynthiaItem } from './find-files.ts'
import { readSegmentation } from './segmentation.ts'

const FILES_AT_ONCE = 4

/** Reads SYNTHIA; memory grows with the list of files. @throws `DSV_FORMAT_SYNTAX` */
export async function readSynthia(folder: Folder, context: ReadContext): Promise<DatasetStream> {
  context.signal.throwIfAborted()
  const files = findSynthiaFiles(await folder.list())
  const labels = await readLabels(folder, files, context)
  const categories = coloredCategories(labels)
  const masks = labelMasks(categories, (position) => labels[position]?.index ?? position)
  const reading: Reading = { folder, context, masks, files }
  return {
    schema: { categories, attributes: [], info: {} },
    layout: { version: 1, release: files?.release.name ?? 'rand' },
    items: readAhead(files?.items ?? [], FILES_AT_ONCE, async (item) => readItem(item, reading)),
  }
}

interface Reading {
  readonly folder: Folder
  readonly context: ReadContext
  readonly masks: LabelMasks
  readonly files: SynthiaFiles | undefined
}

async function readLabels(
  folder: Folder,
  files: SynthiaFiles | undefined,
  context: ReadContext,
): Promise<readonly MetaLabel[]> {
  const usual = (files?.release.labels ?? RAND_LABELS).map((each, index) => ({ ...each, index }))
  const path = files?.labels
  if (path === undefined) return usual
  try {
    const bytes = await folder.read(path)
    if (path.endsWith(DATASET_META)) return parseDatasetMeta(bytes, path)
    return parseLabelColors(bytes, path).map((each, index) => ({ ...each, index }))
  } catch (error) {
    skipOrThrow(error, path, context)
    return usual
  }
}

async function readItem(
  { id, image, segmentation, beside }: SynthiaItem,
  { folder, context, masks, files }: Reading,
): Promise<SourceItem> {
  context.signal.throwIfAborted()
  let drafts: readonly AnnotationDraft[] = []
  try {
    if (segmentation !== undefined) {
      drafts = readSegmentation(await folder.read(segmentation), segmentation, masks)
    }
  } catch (error) {
    skipOrThrow(error, segmentation ?? '', context)
  }
  const info = image === undefined ? undefined : await context.probe(image)
  const path = image ?? `${files?.root ?? ''}${files?.release.images ?? 'RGB'}/${id}.png`
  const media: SourceMedia[] = [{ role: 'primary', path, ...info, kind: 'image' }]
  for (const [role, other] of beside) {
    media.push({ role, path: other, ...(await context.probe(other)), kind: 'image' })
  }
  return { subset: 'default', id, media, layers: { [GROUND_TRUTH]: drafts } }
}
