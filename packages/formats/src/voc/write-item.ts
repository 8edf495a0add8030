import type { AnnotatedItem, Json, WritableFolder } from '@dsv/core'
import { isArray, isObject, type JsonObject } from '../shared/json-reader.ts'
import { isXmlText } from '../shared/xml-text.ts'
import { formatXml, parentElement, textElement } from './format-xml.ts'
import { filenameOf, sizeOf, usualImagePath } from './item-facts.ts'
import { type ItemPlan, type ItemPlanner, planItem } from './plan-item.ts'
import { usualBase } from './voc-files.ts'
import { MASK_FOLDERS, type VocLayout } from './voc-layout.ts'
import { elementsIn } from './write-object.ts'
import { drawMasks } from './write-masks.ts'
import type { XmlElement } from '../shared/xml-element.ts'

/** Returns the paths of the files of an item that are not its image. */
export function filesOf(base: string, { kind, root, annotations }: VocLayout): ItemFiles {
  return {
    xml: `${root}${annotations}${base}.xml`,
    ...(kind === 'flat'
      ? {}
      : {
          class: `${root}${MASK_FOLDERS.class}${base}.png`,
          object: `${root}${MASK_FOLDERS.object}${base}.png`,
        }),
  }
}

/** Where the parts of an item are written. */
export interface ItemFiles {
  readonly xml: string
  readonly class?: string
  readonly object?: string
}

/** Returns the base of the files of an item: the one it remembers, else the usual one. */
export function baseOf(
  item: { readonly subset: string; readonly id: string; readonly extra?: AnnotatedItem['extra'] },
  isShared: boolean,
  layout: VocLayout,
): string {
  const { file } = vocOf(item)
  return typeof file === 'string' && isRemembered(file, item, layout)
    ? file
    : usualBase(item, isShared, layout)
}

/** Returns what an item remembers of Pascal VOC. */
export function vocOf({ extra }: { readonly extra?: AnnotatedItem['extra'] }): JsonObject {
  const voc = extra?.['voc']
  return isObject(voc) ? voc : {}
}

/** What was written of an item. */
export interface WrittenItem {
  readonly plan: ItemPlan
  /** Paths that an item of this base can have, but this one has not. */
  readonly unused: readonly string[]
}

/** Writes the XML file, the masks and the image of an item. */
export async function writeItem(
  item: AnnotatedItem,
  base: string,
  folder: WritableFolder,
  planner: ItemPlanner,
): Promise<WrittenItem> {
  const { layout } = planner
  const plan = planItem(item, planner)
  const paths = filesOf(base, layout)
  const masks = drawMasks(
    {
      masks: plan.masks,
      linked: plan.linked,
      objectCount: plan.objects.length,
      size: imageSize(item),
      empty: textsIn(vocOf(item)['emptyMasks']),
    },
    planner.table,
    (what) => planner.onLoss({ what, where: `${item.subset}/${item.id}` }),
  )
  const unused: string[] = []
  const put = async (path: string | undefined, bytes: Uint8Array | undefined): Promise<void> => {
    if (path === undefined) return
    if (bytes === undefined) unused.push(path)
    else await folder.write(path, bytes)
  }
  const imagePath = imagePathOf(item, base, layout)
  const hasMasks = masks.class !== undefined || masks.object !== undefined
  const text = xmlOf(item, plan, imagePath, hasMasks, planner)
  await put(paths.xml, text === undefined ? undefined : Buffer.from(text))
  await put(paths.class, masks.class)
  await put(paths.object, masks.object)
  const [medium] = item.media
  if (medium !== undefined && imagePath !== undefined) await folder.placeMedia(imagePath, medium)
  return { plan, unused }
}

/** A base from an earlier reading counts only while the item still has the id it stands for. */
function isRemembered(
  file: string,
  { subset, id }: { readonly subset: string; readonly id: string },
  layout: VocLayout,
): boolean {
  if (file.split('/').some((part) => part === '' || part === '.' || part === '..')) return false
  return layout.kind === 'flat' ? true : file === id || file === `${subset}/${id}`
}

function imageSize({ media }: AnnotatedItem): readonly [number, number] | undefined {
  const { width, height } = media[0] ?? {}
  return width === undefined || height === undefined ? undefined : [width, height]
}

/** Returns where the image of an item is written; undefined when it has none. */
export function imagePathOf(
  item: AnnotatedItem,
  base: string,
  layout: VocLayout,
): string | undefined {
  const [medium] = item.media
  if (medium === undefined) return undefined
  return vocOf(item)['image'] === medium.path
    ? medium.path
    : usualImagePath(layout, base, medium.path)
}

function xmlOf(
  item: AnnotatedItem,
  plan: ItemPlan,
  imagePath: string | undefined,
  hasMasks: boolean,
  { layout }: ItemPlanner,
): string | undefined {
  const voc = vocOf(item)
  const absent = new Set(textsIn(voc['absent']))
  if (absent.has('xml') && plan.objects.length === 0) return undefined
  const others = elementsIn(voc)
  const given = new Set(others.map(({ name }) => name))
  const isWanted = (name: string): boolean => !given.has(name) && !absent.has(name)
  const filename = filenameText(voc['filename'], imagePath, layout)
  return formatXml(
    parentElement('annotation', [
      ...(isWanted('folder') ? [textElement('folder', '')] : []),
      ...(filename !== undefined && !absent.has('filename')
        ? [textElement('filename', filename)]
        : []),
      ...(isWanted('size') ? sizeElement(item) : []),
      ...(isWanted('segmented') ? [textElement('segmented', hasMasks ? '1' : '0')] : []),
      ...others,
      ...plan.objects,
    ]),
    layout.style,
  )
}

function filenameText(
  remembered: Json | undefined,
  imagePath: string | undefined,
  layout: VocLayout,
): string | undefined {
  if (typeof remembered === 'string' && isXmlText(remembered)) return remembered
  const name = imagePath === undefined ? undefined : filenameOf(layout, imagePath)
  return name !== undefined && isXmlText(name) ? name : undefined
}

function sizeElement(item: AnnotatedItem): readonly XmlElement[] {
  const size = sizeOf(item.media[0])
  if (size === undefined) return []
  const [width, height, depth] = size
  return [
    parentElement('size', [
      textElement('width', String(width)),
      textElement('height', String(height)),
      ...(depth === undefined ? [] : [textElement('depth', String(depth))]),
    ]),
  ]
}

function textsIn(json: Json | undefined): readonly string[] {
  return isArray(json) ? json.filter((each) => typeof each === 'string') : []
}
