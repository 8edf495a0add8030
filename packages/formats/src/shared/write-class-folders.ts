import type { AnnotatedItem, DatasetView, Item, WritableFolder, WriteContext } from '@dsv/core'
import { extensionOf } from '../media/media-kind.ts'
import { fileNameOf, SUBSET_FOLDERS } from './class-folders.ts'

/** How images are placed in folders. */
export interface FolderStyle {
  readonly variant: 'plain' | 'classes'
  /** Whether there is a folder for each subset. */
  readonly hasSubsets: boolean
}

/** Returns whether a dataset needs a folder for each subset; `default` alone does without. */
export function folderStyle(
  dataset: Pick<DatasetView, 'subsets' | 'schema'>,
  variant: FolderStyle['variant'],
): FolderStyle {
  const isOne = dataset.subsets.every((name) => name === 'default')
  const isMistakable = dataset.schema.categories.some(({ name }) => SUBSET_FOLDERS.has(name))
  return { variant, hasSubsets: !isOne || isMistakable }
}

/** Reports subsets whose folders nobody would take for subsets again. */
export function reportSubsets(
  { subsets }: Pick<DatasetView, 'subsets'>,
  style: FolderStyle,
  onLoss: WriteContext['onLoss'],
): void {
  if (!style.hasSubsets) return
  for (const name of subsets) {
    if (!SUBSET_FOLDERS.has(name.toLowerCase())) onLoss({ what: 'item', where: `subset ${name}` })
  }
}

/** Writes each image into the folder of its class; reports what folders cannot say. */
export async function writeClassFolders(
  dataset: DatasetView,
  folder: WritableFolder,
  context: WriteContext,
): Promise<FolderStyle> {
  context.signal.throwIfAborted()
  const style = folderStyle(dataset, 'classes')
  reportSubsets(dataset, style, context.onLoss)
  const names = classNames(dataset)
  const used = new Set<string>()
  for await (const item of dataset.items()) {
    context.signal.throwIfAborted()
    const label = reportedLabel(item, names, context, used)
    await placeItem(item, imagePath(item, label, style), folder, context)
  }
  for (const name of names.values()) {
    if (!used.has(name)) context.onLoss({ what: 'category', where: name })
  }
  return style
}

/** Returns names of categories by key. */
export function classNames({ schema }: Pick<DatasetView, 'schema'>): ReadonlyMap<string, string> {
  return new Map(schema.categories.map(({ key, name }) => [key, name]))
}

/** Puts the image of an item at `path`; reports what a path cannot say of the item. */
export async function placeItem(
  item: AnnotatedItem,
  path: string,
  folder: WritableFolder,
  context: Pick<WriteContext, 'onLoss' | 'layer'>,
): Promise<void> {
  const where = `${item.subset}/${item.id}`
  for (const name of Object.keys(item.attributes ?? {})) {
    context.onLoss({ what: `item attribute: ${name}`, where })
  }
  if ((item.tags ?? []).length > 0) context.onLoss({ what: 'item field: tags', where })
  for (const format of Object.keys(item.extra ?? {})) {
    context.onLoss({ what: `item extra: ${format}`, where })
  }
  for (const [name, annotations] of Object.entries(item.layers)) {
    if (name !== context.layer && annotations.length > 0) {
      context.onLoss({ what: `layer: ${name}`, where })
    }
  }
  for (const { role } of item.media.slice(1)) context.onLoss({ what: `media: ${role}`, where })
  const [medium] = item.media
  if (medium === undefined) context.onLoss({ what: 'item', where })
  else if (medium.blob !== undefined) await folder.placeMedia(path, medium)
  else context.onLoss({ what: 'item', where: `${where}: its image is missing` })
}

/** Returns the name of the class that the folder of an item stands for; reports all else. */
export function reportedLabel(
  item: AnnotatedItem,
  names: ReadonlyMap<string, string>,
  { layer, onLoss }: Pick<WriteContext, 'layer' | 'onLoss'>,
  used: Set<string> = new Set(),
): string | undefined {
  const where = `${item.subset}/${item.id}`
  let label: string | undefined
  for (const annotation of item.layers[layer] ?? []) {
    const name = names.get(annotation.category ?? '')
    if (annotation.type !== 'label' || name === undefined || label !== undefined) {
      onLoss({ what: `annotation: ${annotation.type}`, where })
      continue
    }
    label = name
    for (const [field, value] of Object.entries(annotation)) {
      if (field === 'attributes') {
        for (const attribute of Object.keys(annotation.attributes ?? {})) {
          onLoss({ what: `attribute: ${attribute}`, where })
        }
      } else if (
        value !== undefined &&
        !['type', 'category', 'uid', 'provenance'].includes(field)
      ) {
        onLoss({ what: `field: ${field}`, where })
      }
    }
  }
  if (label !== undefined) used.add(label)
  return label
}

/**
 * Returns where the image of an item belongs. The file keeps its name as long as it says the id; a name
 * or id that starts with the class does not repeat it.
 */
export function imagePath(item: Item, label: string | undefined, style: FolderStyle): string {
  const source = item.media[0]?.path ?? ''
  const extension = extensionOf(source)
  const ending = source.slice(source.length - extension.length)
  const isNamed = extension !== '' && item.id.endsWith(`.${ending}`)
  const top = style.hasSubsets ? `${item.subset}/` : ''
  const name =
    isNamed && (source === item.id || source.endsWith(`/${item.id}`))
      ? item.id
      : `${item.id}.${extension === '' ? 'jpg' : ending}`
  if (style.variant === 'plain') {
    const encoded = `${top}${fileNameOf(name)}`
    return source === encoded ? encoded : `${top}${name}`
  }
  if (label === undefined) return `${top}${fileNameOf(name)}`
  const isPrefixed = source === `${top}${name}` && name.startsWith(`${label}/`)
  const short = isPrefixed ? name.slice(label.length + 1) : name
  return `${top}${label}/${fileNameOf(short)}`
}
