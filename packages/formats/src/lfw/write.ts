import type {
  AnnotatedItem,
  Annotation,
  DatasetView,
  Json,
  Media,
  WritableFolder,
  WriteContext,
} from '@dsv/core'
import { extensionOf } from '../media/media-kind.ts'
import { isArray, isObject } from '../shared/json-reader.ts'
import {
  type Holdings,
  imageOf,
  reportAnnotationLosses,
  reportItemLosses,
  reportSchemaLosses,
} from '../shared/report-losses.ts'
import { splitClass } from '../shared/split-class.ts'
import { textSpool, type TextSpool } from '../shared/text-spool.ts'
import { numberOfName } from './image-name.ts'

const HOLDS: Holdings = { format: 'lfw', fields: new Set() }
const LABEL: Holdings = {
  format: 'lfw',
  fields: new Set(['category']),
  attribute: (name) => name === 'positive_pairs' || name === 'negative_pairs',
}
const POINTS: Holdings = { format: 'lfw', fields: new Set(['category']) }

/** Writes lists of pairs, of people and of landmarks, and images in a folder for each person. */
export async function writeLfw(
  dataset: DatasetView,
  folder: WritableFolder,
  context: WriteContext,
): Promise<Json> {
  context.signal.throwIfAborted()
  reportSchemaLosses(dataset.schema, HOLDS, context.onLoss)
  const roots = rootsFrom(dataset.layout)
  const people = new Map<string, string>()
  const names = new Set<string>()
  for (const { key, name } of dataset.schema.categories) {
    if (isField(name) && name !== '-' && !names.has(name)) people.set(key, name)
    else context.onLoss({ what: 'category', where: name })
    names.add(name)
  }
  const written: (readonly [string, string])[] = []
  // People without images are still named.
  for (const subset of dataset.subsets.length === 0 ? ['default'] : dataset.subsets) {
    const root = roots.get(subset) ?? `${subset}/`
    await writeSubset({ dataset, folder, context, people, subset, root })
    written.push([subset, root])
  }
  return { version: 1, roots: written }
}

function rootsFrom(layout: Json): ReadonlyMap<string, string> {
  const roots = isObject(layout) && isArray(layout['roots']) ? layout['roots'] : []
  return new Map(
    roots.flatMap((pair) => {
      const [subset, root] = isArray(pair) ? pair : []
      return typeof subset === 'string' && typeof root === 'string' ? [[subset, root]] : []
    }),
  )
}

/** A tab or a newline would be another field. */
function isField(text: string): boolean {
  return text !== '' && !/[\t\r\n]/u.test(text)
}

interface Writer {
  readonly dataset: DatasetView
  readonly folder: WritableFolder
  readonly context: WriteContext
  /** Names of people by category. */
  readonly people: ReadonlyMap<string, string>
  readonly subset: string
  readonly root: string
}

interface Lists {
  readonly positives: TextSpool
  readonly negatives: TextSpool
  readonly landmarks: TextSpool
  /** Images of no pair, and those that pairs name second: these need no line of their own. */
  readonly alone: string[]
  readonly seconds: Set<string>
  readonly used: Set<string>
  readonly counts: Map<string, number>
}

async function writeSubset(writer: Writer): Promise<void> {
  const { dataset, folder, people, subset, root } = writer
  const lists: Lists = {
    positives: textSpool(),
    negatives: textSpool(),
    landmarks: textSpool(),
    alone: [],
    seconds: new Set(),
    used: new Set(),
    counts: new Map([...people.values()].map((name) => [name, 0])),
  }
  try {
    const shared = await sharedNames(writer)
    for await (const item of dataset.items(subset)) await writeItem(writer, item, shared, lists)
    const start = `${root}annotations/`
    await folder.write(`${start}pairs.txt`, allPairs(lists))
    const counts = [...lists.counts].map(([name, count]) => `${name}\t${count}\n`)
    await folder.write(`${start}people.txt`, Buffer.from(counts.join('')))
    if (!lists.landmarks.isEmpty()) {
      await folder.write(`${start}landmarks.txt`, lists.landmarks.content())
    }
  } finally {
    for (const spool of [lists.positives, lists.negatives, lists.landmarks]) await spool.close()
  }
}

async function* allPairs({
  positives,
  negatives,
  alone,
  seconds,
}: Lists): AsyncGenerator<Uint8Array> {
  yield* positives.content()
  yield* negatives.content()
  const rest = alone.filter((full) => !seconds.has(full))
  yield Buffer.from(rest.map((full) => `${full}\n`).join(''))
}

/** Names of images that several people have: only these are read back with the person before them. */
async function sharedNames(writer: Writer): Promise<ReadonlySet<string>> {
  const counts = new Map<string, number>()
  for await (const item of writer.dataset.items(writer.subset)) {
    const person = personOf(writer, labelOf(writer, item))
    const isPrefixed = person !== undefined && item.id.startsWith(`${person}/`)
    const name = isPrefixed ? item.id.slice(person.length + 1) : item.id
    counts.set(name, (counts.get(name) ?? 0) + (isPrefixed ? 1 : -Infinity))
  }
  return new Set([...counts].filter(([, count]) => count > 1).map(([name]) => name))
}

function labelOf({ people, context }: Writer, item: AnnotatedItem): Annotation | undefined {
  return (item.layers[context.layer] ?? []).find(
    ({ type, category = '' }) => type === 'label' && people.has(category),
  )
}

function personOf({ people }: Writer, label: Annotation | undefined): string | undefined {
  return people.get(label?.category ?? '')
}

async function writeItem(
  writer: Writer,
  item: AnnotatedItem,
  shared: ReadonlySet<string>,
  lists: Lists,
): Promise<void> {
  const { context, folder } = writer
  context.signal.throwIfAborted()
  const medium = imageOf(item, context.onLoss)
  if (medium === undefined) return
  const where = `${item.subset}/${item.id}`
  const label = labelOf(writer, item)
  const person = personOf(writer, label)
  const isShared =
    person !== undefined &&
    item.id.startsWith(`${person}/`) &&
    shared.has(item.id.slice(person.length + 1))
  const full = person === undefined || isShared ? item.id : `${person}/${item.id}`
  const name = isShared ? item.id.slice(person.length + 1) : item.id
  const split = splitClass(full, (each) => lists.counts.has(each))
  if (!isField(full) || split?.className !== person || lists.used.has(full)) {
    context.onLoss({ what: 'item', where: `${where}: its name would mean another image` })
    return
  }
  lists.used.add(full)
  if (person !== undefined) lists.counts.set(person, (lists.counts.get(person) ?? 0) + 1)
  reportItemLosses(item, HOLDS, context.layer, context.onLoss)
  const image = { full, name, person, where }
  const hasPairs = label !== undefined && (await writePairs(label, image, lists, context))
  if (!hasPairs) lists.alone.push(full)
  for (const annotation of item.layers[context.layer] ?? []) {
    if (annotation !== label) await writePoints(annotation, label, image, lists, context)
  }
  if (medium.blob !== undefined) await folder.placeMedia(imagePath(writer, full, medium), medium)
}

interface NamedImage {
  readonly full: string
  readonly name: string
  readonly person: string | undefined
  readonly where: string
}

async function writePairs(
  label: Annotation,
  { name, person = '', where }: NamedImage,
  lists: Lists,
  { onLoss }: WriteContext,
): Promise<boolean> {
  reportAnnotationLosses(label, LABEL, where, onLoss)
  let hasPairs = false
  const first = numberOfName(person, name)
  for (const list of ['positives', 'negatives'] as const) {
    const attribute = list === 'positives' ? 'positive_pairs' : 'negative_pairs'
    const value = label.attributes?.[attribute]
    if (value === undefined) continue
    const seconds = Array.isArray(value) ? value : []
    if (seconds.length === 0) onLoss({ what: `attribute: ${attribute}`, where })
    for (const each of seconds) {
      const full = typeof each === 'string' ? each : ''
      const fields = secondFields(full, person, list, lists)
      if (first === undefined || fields === undefined) {
        onLoss({ what: `attribute: ${attribute}`, where })
        continue
      }
      await lists[list].add(`${[person, first, ...fields].join('\t')}\n`)
      lists.seconds.add(full)
      hasPairs = true
    }
  }
  return hasPairs
}

function secondFields(
  full: string,
  person: string,
  list: 'positives' | 'negatives',
  { counts }: Lists,
): readonly string[] | undefined {
  if (!isField(full)) return undefined
  const split = splitClass(full, (each) => counts.has(each))
  if (list === 'negatives' && split === undefined) return ['-', full]
  if (split === undefined) return undefined
  const number = numberOfName(split.className, split.name)
  if (number === undefined) return undefined
  if (list === 'negatives') return [split.className, number]
  return split.className === person ? [number] : undefined
}

async function writePoints(
  annotation: Annotation,
  label: Annotation | undefined,
  { full, where }: NamedImage,
  lists: Lists,
  { onLoss }: WriteContext,
): Promise<void> {
  if (annotation.type !== 'points' || annotation.points.length === 0) {
    onLoss({ what: `annotation: ${annotation.type}`, where })
    return
  }
  reportAnnotationLosses(annotation, POINTS, where, onLoss)
  if (annotation.category !== label?.category) onLoss({ what: 'field: category', where })
  if (annotation.visibility.some((seen) => seen !== 2)) onLoss({ what: 'field: visibility', where })
  await lists.landmarks.add(`${[`${full}.jpg`, ...annotation.points].join('\t')}\n`)
}

function imagePath({ root }: Writer, full: string, { path }: Media): string {
  const extension = extensionOf(path)
  const suffix = extension === '' ? '.jpg' : path.slice(-extension.length - 1)
  return `${root}images/${full}${suffix}`
}
