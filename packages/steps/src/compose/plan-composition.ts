import {
  type AnnotatedItem,
  type Annotation,
  type ItemKey,
  type TransformInput,
  primaryMedium,
} from '@dsv/core'
import { giveWay, hashBlob } from '@dsv/store'
import { keyPrint } from '../items/rekey-items.ts'

/** One of the datasets that are composed. */
export interface Part extends TransformInput {
  /** Its short name, unlike that of all others. */
  readonly name: string
}

/** What to make of items that have the same name, or the same media. */
export interface ComposeRules {
  readonly prefix: 'collisions' | 'always' | 'never'
  /** Items get numbers for names. */
  readonly isNumbered: boolean
  readonly duplicates: 'merge' | 'keep' | 'drop'
  readonly subsets: 'keep' | 'dataset'
}

/** An item of a part that has the media of an item of an earlier part. */
export interface Twin extends ItemKey {
  readonly part: Part
}

/** What is known before the first item is given out. */
export interface CompositionPlan {
  /** How many items there will be, unless two media have one print. */
  readonly items: number
  /** Returns whether another item wants this name, or a media file of this item has the path of another one. */
  isShared(item: AnnotatedItem, key: ItemKey): boolean
  /** Returns whether an item wants this name. */
  isWanted(key: ItemKey): boolean
  /** The items of later parts with the media of an item: undefined for an item that is such a twin itself. */
  twinsOf(part: Part, item: AnnotatedItem): readonly Twin[] | undefined
  /** For each part: returns the track that one of it becomes, so that two parts have none in common. */
  readonly newTrack: readonly ((track: number | string) => number | string)[]
}

/**
 * Goes over all parts once, or twice where two of them have the same media. Memory: for each item three numbers of 52
 * bits, which are freed before the first item is given out but for one; for each item with the media of another
 * part about 300 bytes.
 */
export async function planComposition(
  parts: readonly Part[],
  { duplicates, subsets }: Pick<ComposeRules, 'duplicates' | 'subsets'>,
  signal: AbortSignal,
): Promise<CompositionPlan> {
  const prints: Prints[] = []
  for (const part of parts) prints.push(await printsOf(part, subsets, signal))
  const shared = duplicates === 'keep' ? new Set<number>() : inSeveral(prints)
  const twins = await findTwins(parts, shared, signal)
  const kept = prints.map(({ keys, media }, at) =>
    keys.filter((_, index) => !twins.isLater(at, media[index] ?? 0)),
  )
  const wanted = sorted(kept)
  const names = repeated(wanted)
  const paths = repeated(
    sorted(
      prints.map(({ paths: own, media, pathCounts }, at) => {
        let next = 0
        return pathCounts.flatMap((count, index) => {
          const of = own.slice(next, next + count)
          next += count
          return twins.isLater(at, media[index] ?? 0) ? [] : of
        })
      }),
    ),
  )
  return {
    items: wanted.length,
    isShared: (item, key) =>
      names.has(keyPrint(key)) || item.media.some(({ path }) => paths.has(pathPrint(path))),
    isWanted: (key) => isIn(wanted, keyPrint(key)),
    twinsOf: twins.of,
    newTrack: renumberedTracks(parts, prints),
  }
}

/** Numbers go behind those of the parts before; texts get the name of their part where an earlier one has texts. */
function renumberedTracks(
  parts: readonly Part[],
  prints: readonly Prints[],
): CompositionPlan['newTrack'] {
  let next = 0
  let hasTexts = false
  return prints.map(({ tracks }, at) => {
    const offset = next
    const prefix = hasTexts ? `${parts[at]?.name ?? ''}-` : ''
    if (tracks.highest !== undefined) next += tracks.highest + 1
    hasTexts ||= tracks.hasTexts
    return (track) => (typeof track === 'number' ? track + offset : `${prefix}${track}`)
  })
}

/** The subset that an item has in the composition. */
export function newSubset(
  { name }: Part,
  { subset }: ItemKey,
  subsets: ComposeRules['subsets'],
): string {
  return subsets === 'dataset' ? name : subset
}

/** Numbers that stand for what the items of a part are called and hold, item by item. */
interface Prints {
  readonly keys: readonly number[]
  /** Of the primary media; 0 without bytes. */
  readonly media: readonly number[]
  /** Of the paths of media, each once, and how many of them each item has. */
  readonly paths: readonly number[]
  readonly pathCounts: readonly number[]
  readonly tracks: { readonly highest: number | undefined; readonly hasTexts: boolean }
}

async function printsOf(
  part: Part,
  subsets: ComposeRules['subsets'],
  signal: AbortSignal,
): Promise<Prints> {
  const keys: number[] = []
  const media: number[] = []
  const pathCounts: number[] = []
  const paths: number[] = []
  const known = new Set<number>()
  let highest: number | undefined
  let hasTexts = false
  for await (const item of part.view.items()) {
    await giveWay()
    signal.throwIfAborted()
    keys.push(keyPrint({ subset: newSubset(part, item, subsets), id: item.id }))
    media.push(mediaPrint(item))
    // Frames of one video are at one path.
    const own = item.media.map(({ path }) => pathPrint(path)).filter((print) => !known.has(print))
    pathCounts.push(own.length)
    for (const print of own) {
      paths.push(print)
      known.add(print)
    }
    for (const { track } of annotationsOf(item))
      if (typeof track === 'number') highest = Math.max(highest ?? 0, track)
      else if (track !== undefined) hasTexts = true
  }
  return { keys, media, pathCounts, paths, tracks: { highest, hasTexts } }
}

function annotationsOf(item: AnnotatedItem): readonly Annotation[] {
  return Object.values(item.layers).flat()
}

/** Many systems do not tell capitals from small letters in names of files. */
function pathPrint(path: string): number {
  return printOf(path.normalize('NFC').toLowerCase())
}

function printOf(text: string): number {
  return Number.parseInt(hashBlob(new TextEncoder().encode(text)).slice(0, 13), 16)
}

function mediaPrint(item: AnnotatedItem): number {
  const text = mediaText(item)
  return text === undefined ? 0 : printOf(text)
}

/** What says that two items show the same: the bytes of the image, or the frame of a video. */
function mediaText(item: AnnotatedItem): string | undefined {
  const primary = primaryMedium(item)
  if (primary?.blob === undefined) return undefined
  return `${primary.blob} ${primary.frame?.index ?? ''}`
}

/** The prints of media that more than one part has. */
function inSeveral(prints: readonly Prints[]): ReadonlySet<number> {
  const each = prints.map(({ media }) => [...new Set(media)])
  const several = repeated(sorted(each))
  several.delete(0)
  return several
}

function sorted(lists: readonly (readonly number[])[]): Float64Array {
  const all = new Float64Array(lists.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const list of lists) {
    all.set(list, at)
    at += list.length
  }
  all.sort()
  return all
}

function repeated(all: Float64Array): Set<number> {
  const found = new Set<number>()
  for (let at = 1; at < all.length; at++) {
    const value = all[at]
    if (value !== undefined && value === all[at - 1]) found.add(value)
  }
  return found
}

function isIn(all: Float64Array, value: number): boolean {
  let low = 0
  let high = all.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((all[middle] ?? 0) < value) low = middle + 1
    else high = middle
  }
  return all[low] === value
}

/** The items that have media in common with items of an earlier part. */
interface Twins {
  /** Whether an item of this part, with this print of its media, is one of an earlier part. */
  isLater(part: number, print: number): boolean
  of: CompositionPlan['twinsOf']
}

/** The first item, of the first part, that shows something, and its twins. */
interface Original extends Twin {
  readonly at: number
  readonly twins: Twin[]
}

async function findTwins(
  parts: readonly Part[],
  shared: ReadonlySet<number>,
  signal: AbortSignal,
): Promise<Twins> {
  const originals = new Map<string, Original>()
  const firstPart = new Map<number, number>()
  if (shared.size > 0)
    for (const [at, part] of parts.entries())
      for await (const item of part.view.items()) {
        await giveWay()
        signal.throwIfAborted()
        const text = mediaText(item)
        const print = mediaPrint(item)
        if (text === undefined || !shared.has(print)) continue
        const { subset, id } = item
        const original = originals.get(text)
        if (original === undefined) {
          originals.set(text, { part, subset, id, at, twins: [] })
          firstPart.set(print, Math.min(at, firstPart.get(print) ?? at))
        } else if (original.at < at) original.twins.push({ part, subset, id })
      }
  return {
    isLater: (part, print) => (firstPart.get(print) ?? part) < part,
    of: (part, item) => {
      const original = originals.get(mediaText(item) ?? '')
      if (original === undefined) return []
      if (original.part === part)
        return original.subset === item.subset && original.id === item.id ? original.twins : []
      return undefined
    },
  }
}
