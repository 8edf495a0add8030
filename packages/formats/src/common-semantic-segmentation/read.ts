import {
  type AnnotationDraft,
  type Category,
  type DatasetStream,
  type Folder,
  GROUND_TRUTH,
  type ReadContext,
  type SourceItem,
} from '@dsv/core'
import { DATASET_META, type MetaLabel, parseDatasetMeta } from '../shared/dataset-meta.ts'
import { coloredCategories } from '../shared/label-colors.ts'
import { readAhead } from '../shared/read-ahead.ts'
import { type LabelMasks, labelMasks, readLabelMasks } from '../shared/read-label-masks.ts'
import { skipOrThrow } from '../shared/skip-or-throw.ts'
import { layoutToJson, type PartLayout } from './layout.ts'
import { findPairs, findParts, type Pair, type Part } from './parts.ts'

const FILES_AT_ONCE = 8

/**
 * Reads Common Semantic Segmentation: one folder, or one for each subset. Memory grows with the list of
 * files, not with the masks.
 *
 * @throws `DSV_FORMAT_SYNTAX`
 */
export async function readCommonSemanticSegmentation(
  folder: Folder,
  context: ReadContext,
): Promise<DatasetStream> {
  context.signal.throwIfAborted()
  const categories = new Map<string, Category>()
  const parts: PartLayout[] = []
  const listed: Listed[] = []
  for (const part of await findParts(folder)) {
    const labels = await readLabels(folder, part, context)
    const own = coloredCategories(labels)
    for (const category of own) {
      if (!categories.has(category.key)) categories.set(category.key, category)
    }
    const masks = labelMasks(own, (position) => labels[position]?.index ?? position)
    const { pairs, prefixes } = await findPairs(folder, part)
    parts.push({ ...part, prefixes })
    for (const pair of pairs) listed.push({ ...part, ...pair, labels: masks })
  }
  return {
    schema: { categories: [...categories.values()], attributes: [], info: {} },
    layout: layoutToJson(parts),
    items: readAhead(listed, FILES_AT_ONCE, async (each) => readItem(each, folder, context)),
  }
}

interface Listed extends Part, Pair {
  readonly labels: LabelMasks
}

async function readLabels(
  folder: Folder,
  { root }: Part,
  context: ReadContext,
): Promise<readonly MetaLabel[]> {
  const path = root + DATASET_META
  try {
    return parseDatasetMeta(await folder.read(path), path)
  } catch (error) {
    skipOrThrow(error, path, context)
    return []
  }
}

async function readItem(
  { root, subset, id, image, mask, labels }: Listed,
  folder: Folder,
  context: ReadContext,
): Promise<SourceItem> {
  context.signal.throwIfAborted()
  const info = image === undefined ? undefined : await context.probe(image)
  let drafts: readonly AnnotationDraft[] = []
  try {
    if (mask !== undefined) drafts = readLabelMasks(await folder.read(mask), mask, labels)
  } catch (error) {
    skipOrThrow(error, mask ?? '', context)
  }
  const path = image ?? `${root}images/${id}.png`
  return {
    subset,
    id,
    media: [{ role: 'primary', path, ...info, kind: 'image' }],
    layers: { [GROUND_TRUTH]: drafts },
  }
}
