import {
  type AnnotatedItem,
  type DatasetView,
  type ItemKey,
  type Media,
  primaryMedium,
} from '@dsv/core'
import { readAhead } from '@dsv/formats'
import { type BlobId, giveWay } from '@dsv/store'
import { decodeGrey } from './decode-grey.ts'
import { groupHashes } from './group-hashes.ts'
import { type PerceptualHash, perceptualHash } from './perceptual-hash.ts'

/** What finding needs besides the dataset. */
export interface DuplicateContext {
  readonly signal: AbortSignal
  /** Reads the bytes of a media file. */
  readonly readMedia: (media: Media) => Promise<Uint8Array>
  /** Told of images that cannot be decoded; only equal files are duplicates of them. */
  readonly onUndecodable?: (item: ItemKey) => void
}

/** An item of which there are others that look alike. */
export interface Duplicate extends ItemKey {
  /** Its place in the order of `view.items()`, from 0. */
  readonly place: number
  /** Equal for files of equal bytes. */
  readonly blob: BlobId
}

/** A distance that finds pictures that were encoded again or made smaller, and few others. */
export const NEAR_DUPLICATE_DISTANCE = 6

/** How many images are decoded at once. */
const WIDTH = 4

/**
 * Returns the groups of items whose images look alike, each of two or more in the order of the dataset: files of equal bytes, and with a `distance`
 * pictures whose perceptual hashes differ in at most so many of 64 bits (6 finds most of what was encoded again or made smaller).
 * Groups are closed: who looks like one of them belongs to it.
 *
 * Goes over the dataset twice and reads each file once. Memory: 16 bytes an item and its blob id, and the keys of those in groups.
 *
 * @param distance - Bits, 0…15; undefined compares only bytes, and reads no pixels
 */
export async function findDuplicates(
  view: Pick<DatasetView, 'items'>,
  distance: number | undefined,
  context: DuplicateContext,
): Promise<readonly (readonly Duplicate[])[]> {
  const images = await hashImages(view, distance, context)
  const groupOf = await joinLookalikes(images, distance ?? 0, context.signal)
  const sizes = new Uint32Array(groupOf.length)
  for (const image of images.imageAt)
    if (image >= 0) sizes[groupOf[image] ?? 0] = (sizes[groupOf[image] ?? 0] ?? 0) + 1
  const groups = new Map<number, Duplicate[]>()
  let place = 0
  for await (const { subset, id, media } of view.items()) {
    const group = groupOf[images.imageAt[place] ?? -1]
    const blob = primaryImage({ media })?.blob
    if (group !== undefined && blob !== undefined && (sizes[group] ?? 0) > 1) {
      const members = groups.get(group) ?? []
      members.push({ subset, id, place, blob })
      groups.set(group, members)
    }
    place++
  }
  return [...groups.values()]
}

/** Returns the image of an item: the medium that is one, and no frame of a video. */
export function primaryImage(item: Pick<AnnotatedItem, 'media'>): Media | undefined {
  const medium = primaryMedium(item)
  return medium?.kind === 'image' && medium.frame === undefined ? medium : undefined
}

/** Distinct files by number, and what they look like. */
interface HashedImages {
  /** The number of the file of each item; −1 where there is none. */
  readonly imageAt: readonly number[]
  readonly count: number
  /** The numbers of the files that have a hash, and its halves. */
  readonly hashed: readonly number[]
  readonly high: readonly number[]
  readonly low: readonly number[]
}

async function hashImages(
  view: Pick<DatasetView, 'items'>,
  distance: number | undefined,
  context: DuplicateContext,
): Promise<HashedImages> {
  const numbers = new Map<BlobId, number>()
  const imageAt: number[] = []
  const [hashed, high, low]: [number[], number[], number[]] = [[], [], []]
  async function* newImages(): AsyncGenerator<{ item: ItemKey; medium: Media; number: number }> {
    for await (const item of view.items()) {
      await giveWay()
      context.signal.throwIfAborted()
      const medium = primaryImage(item)
      const known = medium?.blob && numbers.get(medium.blob)
      imageAt.push(medium?.blob === undefined ? -1 : (known ?? numbers.size))
      if (medium?.blob === undefined || known !== undefined) continue
      const number = numbers.size
      numbers.set(medium.blob, number)
      yield { item, medium, number }
    }
  }
  const hash = async ({
    item,
    medium,
    number,
  }: {
    item: ItemKey
    medium: Media
    number: number
  }): Promise<readonly [number, PerceptualHash | undefined]> => {
    if (distance === undefined) return [number, undefined]
    const image = await decodeGrey(await context.readMedia(medium))
    if (image === undefined) context.onUndecodable?.(item)
    return [number, image && perceptualHash(image)]
  }
  for await (const [number, found] of readAhead(newImages(), WIDTH, hash)) {
    if (found === undefined) continue
    hashed.push(number)
    high.push(found.high)
    low.push(found.low)
  }
  return { imageAt, count: numbers.size, hashed, high, low }
}

/** Returns the number of the group of each file. */
async function joinLookalikes(
  { count, hashed, high, low }: HashedImages,
  distance: number,
  signal: AbortSignal,
): Promise<Uint32Array> {
  const lists = { high: Uint32Array.from(high), low: Uint32Array.from(low) }
  const firsts = await groupHashes(lists, distance, signal)
  const groupOf = Uint32Array.from({ length: count }, (_, image) => image)
  for (const [index, image] of hashed.entries())
    groupOf[image] = hashed[firsts[index] ?? index] ?? image
  return groupOf
}
