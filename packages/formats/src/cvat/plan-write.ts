import type {
  AnnotatedItem,
  AttributeDefinition,
  AttributeValue,
  Category,
  DatasetView,
  Media,
  WriteContext,
} from '@dsv/core'
import { cvatOf } from './write-shape.ts'
import { frameOfName } from './item-names.ts'
import { type CvatFileLayout, layoutFromJson } from './layout.ts'

/** What is known of a dataset before it is written, from one look through it. */
export interface WritePlan {
  readonly files: readonly FilePlan[]
  /** Categories, with the attributes that annotations turned out to have. */
  readonly categories: readonly Category[]
  /** Whether the dataset was read by this adapter. */
  readonly isKept: boolean
}

/** One file that is to be written. */
export interface FilePlan {
  readonly layout: CvatFileLayout
  readonly subsets: Set<string>
  items: number
  firstFrame: number
  lastFrame: number
  /** Number of annotations by track. */
  readonly tracks: Map<number | string, number>
  /** Tracks that are written with all frames between their key frames. */
  readonly denseTracks: Set<number | string>
  video: Media | undefined
}

/** Looks through a dataset to tell what goes where. */
export async function planWrite(dataset: DatasetView, context: WriteContext): Promise<WritePlan> {
  const before = layoutFromJson(dataset.layout)
  const isKept =
    before !== undefined &&
    (context.variant === undefined ||
      before.files.every(({ variant }) => variant === context.variant))
  const layouts = isKept ? before.files : [await newLayout(dataset, context)]
  const files = layouts.map((layout): FilePlan => ({
    layout,
    subsets: new Set(),
    items: 0,
    firstFrame: Infinity,
    lastFrame: 0,
    tracks: new Map(),
    denseTracks: new Set(),
    video: undefined,
  }))
  const attributes = attributeTypes(dataset.schema.categories)
  for await (const item of dataset.items()) {
    context.signal.throwIfAborted()
    const file = fileOf(item, files)
    if (file !== undefined) addItem(file, item, context.layer)
    for (const annotation of item.layers[context.layer] ?? []) {
      if (annotation.category === undefined) continue
      const types = attributes.get(annotation.category)
      for (const [name, value] of Object.entries(annotation.attributes ?? {})) {
        const known = types?.get(name)
        if (known === undefined) types?.set(name, typeOf(value))
        else if (known !== typeOf(value)) types?.set(name, 'string')
      }
    }
  }
  return { files, categories: withAttributes(dataset.schema.categories, attributes), isKept }
}

/** Returns the file that an item goes to: the one it is from, else one of its subset. */
export function fileOf(item: AnnotatedItem, files: readonly FilePlan[]): FilePlan | undefined {
  const { file } = cvatOf(item)
  return (
    files.find(({ layout }) => layout.path === file) ??
    files.find(({ layout }) => layout.subset === item.subset) ??
    files[0]
  )
}

/** Returns the number of the frame that an item is, where something tells. */
export function statedFrame(item: AnnotatedItem): number | undefined {
  const { id } = cvatOf(item)
  if (typeof id === 'number' && Number.isSafeInteger(id) && id >= 0) return id
  return item.media[0]?.frame?.index ?? frameOfName(item.id)
}

/** Returns the text by which the videos of a file are told apart. */
export function videoKey(item: AnnotatedItem): string {
  const { task_id: task } = cvatOf(item)
  return JSON.stringify([item.subset, task ?? null])
}

/** Gives items their frame numbers, in the order in which they come; the same order, the same ones. */
export function frameNumbers(file: FilePlan): (item: AnnotatedItem) => number {
  let next = file.lastFrame + 1
  if (file.firstFrame === Infinity) next = 0
  return (item) => statedFrame(item) ?? next++
}

type TypeName = AttributeDefinition['type']

async function newLayout(dataset: DatasetView, context: WriteContext): Promise<CvatFileLayout> {
  const [only = 'default', ...more] = dataset.subsets
  const subset = more.length === 0 ? only : 'default'
  const isVideo =
    context.variant === undefined ? await isAllFrames(dataset) : context.variant === 'video'
  return { path: 'annotations.xml', variant: isVideo ? 'video' : 'images', subset }
}

async function isAllFrames(dataset: DatasetView): Promise<boolean> {
  let hasItems = false
  for await (const { media } of dataset.items()) {
    if (media[0]?.frame === undefined) return false
    hasItems = true
  }
  return hasItems
}

function addItem(file: FilePlan, item: AnnotatedItem, layer: string): void {
  file.items += 1
  file.subsets.add(item.subset)
  const frame = statedFrame(item)
  if (frame !== undefined) {
    file.firstFrame = Math.min(file.firstFrame, frame)
    file.lastFrame = Math.max(file.lastFrame, frame)
  }
  const [medium] = item.media
  if (medium?.frame !== undefined) file.video ??= medium
  if (file.layout.variant !== 'video') return
  for (const annotation of item.layers[layer] ?? []) {
    const { track } = annotation
    if (track === undefined) continue
    file.tracks.set(track, (file.tracks.get(track) ?? 0) + 1)
    if (cvatOf(annotation)['keyframe'] === false) {
      file.denseTracks.add(track)
    }
  }
}

function attributeTypes(
  categories: readonly Category[],
): ReadonlyMap<string, Map<string, TypeName>> {
  return new Map(categories.map(({ key }) => [key, new Map<string, TypeName>()]))
}

function typeOf(value: AttributeValue): TypeName {
  if (typeof value === 'boolean') return 'boolean'
  return typeof value === 'number' ? 'number' : 'string'
}

/** CVAT drops the attributes that a label does not declare. */
function withAttributes(
  categories: readonly Category[],
  attributes: ReadonlyMap<string, ReadonlyMap<string, TypeName>>,
): readonly Category[] {
  return categories.map((category) => {
    const known = category.attributes ?? []
    const found = [...(attributes.get(category.key) ?? [])].filter(
      ([name]) => !known.some((definition) => definition.name === name),
    )
    if (found.length === 0) return category
    return { ...category, attributes: [...known, ...found.map(([name, type]) => ({ name, type }))] }
  })
}
