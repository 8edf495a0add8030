import {
  type DatasetStream,
  type Folder,
  formatSyntax,
  GROUND_TRUTH,
  type Json,
  type MediaSource,
  type ReadContext,
  type Schema,
  type SourceItem,
} from '@dsv/core'
import { isDsvError } from '@dsv/store'
import { planClassFolders, readClassFolders } from '../shared/class-folders.ts'
import { readAhead } from '../shared/read-ahead.ts'
import { categoriesOf, classLines, indexesByKey, keysByIndex } from './classes.ts'
import { configFiles, looksLikeDataYaml, readConfig } from './find-config.ts'
import type { YoloVariant } from './format.ts'
import { uprightSize } from './image-size.ts'
import { EMPTY_LAYOUT, layoutToJson, type YoloLayout } from './layout.ts'
import { lineEvidence } from './line-evidence.ts'
import { readLoose } from './obj-data.ts'
import { type PathIndex, pathIndex } from './path-index.ts'
import { type PlannedItem, planItems } from './plan-items.ts'
import { type LabelReading, readLabelFile } from './read-label-file.ts'
import { resolveSubsets } from './resolve-subsets.ts'
import { withLabelExtension } from './yolo-image.ts'
import type { YoloConfig } from './yolo-config.ts'

const FILES_AT_ONCE = 16
const DATA_YAML = /(?:^|\/)(?:data|dataset)\.ya?ml$/i

/** Reads a YOLO dataset of any variant. @throws `DSV_FORMAT_SYNTAX` with file and line */
export async function readYolo(folder: Folder, context: ReadContext): Promise<DatasetStream> {
  context.signal.throwIfAborted()
  const index = pathIndex(await folder.list())
  const config = await findConfig(folder, index, context)
  if (config === undefined) return readClassify(folder, context)
  const { subsets, missing } = resolveSubsets(config, index)
  for (const message of missing) context.onProblem({ file: config.file, message })
  const unsettled: YoloLayout = {
    ...EMPTY_LAYOUT,
    file: config.file,
    names: config.names,
    ...(config.namesFile !== undefined && { namesFile: config.namesFile }),
    keys: config.keys,
    subsets,
  }
  const planned = await planOrSkip(folder, unsettled, index, context)
  const labels = planned.flatMap(({ label }) => label ?? [])
  const evidence = await lineEvidence(folder, labels, config)
  const categories = categoriesOf(config)
  const info: Readonly<Record<string, Json>> =
    Object.keys(config.info).length > 0 ? { yolo: config.info } : {}
  const schema: Schema = { categories, attributes: [], info }
  const layout: YoloLayout = {
    ...unsettled,
    ...evidence,
    keepsPaths: true,
    isBeside: labels.length > 0 && planned.every(isBeside),
    classes: classLines(schema, indexesByKey(schema, true)),
    variant: config.kind === 'darknet' ? 'darknet' : variantOf(evidence.shape.task),
    hasEmptyLabels: labels.length > 0 && planned.every(({ label }) => label !== undefined),
  }
  return {
    schema,
    layout: layoutToJson(layout),
    items: readItems(folder, planned, layout, schema, context),
  }
}

/** Reads the planned items, several files at a time, in order. */
export function readItems(
  folder: Folder,
  planned: Iterable<PlannedItem>,
  layout: YoloLayout,
  schema: Schema,
  context: ReadContext,
): AsyncIterable<SourceItem> {
  const reading: LabelReading = { layout, categories: keysByIndex(schema), context }
  return readAhead(planned, FILES_AT_ONCE, async (plan) => {
    context.signal.throwIfAborted()
    return readItem(folder, plan, reading, context)
  })
}

async function readItem(
  folder: Folder,
  plan: PlannedItem,
  reading: LabelReading,
  context: ReadContext,
): Promise<SourceItem> {
  const { subset, id, image, label } = plan
  const [info, bytes] = await Promise.all([
    image === undefined ? undefined : context.probe(image),
    label === undefined ? undefined : folder.read(label),
  ])
  const media: readonly MediaSource[] =
    image === undefined ? [] : [{ role: 'primary', path: image, kind: 'image', ...info }]
  if (label === undefined || bytes === undefined)
    return { subset, id, media, layers: { [GROUND_TRUTH]: [] } }
  const { annotations, lines } = readLabels(bytes, label, uprightSize(info), reading)
  return {
    subset,
    id,
    media,
    ...(lines.length > 0 && { extra: { yolo: { lines } } }),
    layers: { [GROUND_TRUTH]: annotations },
  }
}

function readLabels(
  bytes: Uint8Array,
  label: string,
  size: ReturnType<typeof uprightSize>,
  reading: LabelReading,
): ReturnType<typeof readLabelFile> {
  try {
    return readLabelFile(bytes, label, size, reading)
  } catch (error) {
    skipOrThrow(error, label, reading.context)
    return { annotations: [], lines: [] }
  }
}

async function findConfig(
  folder: Folder,
  index: PathIndex,
  context: ReadContext,
): Promise<YoloConfig | undefined> {
  const files = configFiles([...index.files])
  let unreadable: string | undefined
  for (const file of files) {
    try {
      if (file.kind === 'yaml' && !DATA_YAML.test(file.path)) {
        const text = Buffer.from(await folder.read(file.path)).toString('utf8')
        if (!looksLikeDataYaml(text)) continue
      }
      return await readConfig(folder, file, index)
    } catch (error) {
      skipOrThrow(error, file.path, context)
      unreadable ??= file.path
    }
  }
  if (unreadable === undefined) return undefined
  const loose = await readLoose(folder, undefined, index)
  return { ...loose, file: unreadable }
}

async function planOrSkip(
  folder: Folder,
  layout: YoloLayout,
  index: PathIndex,
  context: ReadContext,
): Promise<readonly PlannedItem[]> {
  try {
    return await planItems(folder, layout, index, context)
  } catch (error) {
    skipOrThrow(error, layout.file, context)
    return planItems(
      folder,
      { ...layout, subsets: layout.subsets.map((s) => ({ ...s, lists: [] })) },
      index,
      context,
    )
  }
}

function skipOrThrow(
  error: unknown,
  file: string,
  { onError, onProblem }: Pick<ReadContext, 'onError' | 'onProblem'>,
): void {
  if (onError === 'fail' || !isDsvError(error)) throw error
  onProblem({ file, message: error.message })
}

function isBeside({ image, label }: PlannedItem): boolean {
  return label === undefined || (image !== undefined && label === withLabelExtension(image))
}

function variantOf(task: YoloLayout['shape']['task']): YoloVariant {
  if (task === 'segment') return 'ultralytics-segment'
  if (task === 'pose') return 'ultralytics-pose'
  return task === 'obb' ? 'ultralytics-obb' : 'ultralytics-detect'
}

async function readClassify(folder: Folder, context: ReadContext): Promise<DatasetStream> {
  const plan = planClassFolders(await folder.list())
  if (plan.variant !== 'classes' && plan.images.length > 0) {
    throw formatSyntax(
      'data.yaml',
      'missing: there is no data.yaml, obj.data, classes.txt or folder per class',
    )
  }
  const layout: YoloLayout = {
    ...EMPTY_LAYOUT,
    variant: 'ultralytics-classify',
    subsets: plan.subsets.map((name) => ({ name, sources: name, folders: [name], lists: [] })),
  }
  const { schema, items } = readClassFolders(plan, context)
  return { schema, layout: layoutToJson(layout), items }
}
