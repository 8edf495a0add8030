import { type AnnotatedItem, type Media, primaryMedium } from '@dsv/core'

/** An item of one of several datasets. */
export interface ItemName {
  readonly dataset: string
  readonly subset: string
  readonly id: string
}

/** Images that are the same, byte for byte. */
export interface RepeatedImage {
  /** The id of their bytes. */
  readonly blob: string
  /** The frame, of images that are one of a video. */
  readonly frame?: number
  readonly count: number
  /** The first hundred. */
  readonly items: readonly ItemName[]
}

/** How often images repeat each other. */
export interface RepeatedImages {
  /** Images without those that repeat another. */
  readonly unique: number
  /** Different images that occur more than once. */
  readonly repeated: number
  /** The first thousand of them. */
  readonly groups: readonly RepeatedImage[]
}

/** An item as it comes by. */
export interface PassingItem {
  readonly dataset: string
  readonly item: AnnotatedItem
}

/** Finds images that repeat each other. */
export interface RepeatFinder {
  /** Takes an image whose bytes are known. */
  add(media: Media): void
  /** Goes over the items once more where some may repeat each other. */
  find(again: () => AsyncIterable<PassingItem>): Promise<RepeatedImages>
}

const MAX_GROUPS = 1000
const MAX_ITEMS = 100

/**
 * Finds images of equal bytes. Keeps eight bytes of each image, its id begins with; what seems to occur twice is looked
 * at by whole ids in a second pass, which is left out when nothing does.
 */
export function repeatFinder(): RepeatFinder {
  let begins = new BigUint64Array(1024)
  let count = 0
  return {
    add: (media) => {
      if (count === begins.length) {
        const larger = new BigUint64Array(count * 2)
        larger.set(begins)
        begins = larger
      }
      begins[count] = beginOf(media)
      count++
    },
    find: async (again) => {
      const twice = repeatedValues(begins.subarray(0, count).toSorted())
      if (twice.size === 0) return { unique: count, repeated: 0, groups: [] }
      const groups = await groupsOf(again(), twice)
      const real = groups.filter((group) => group.count > 1)
      const surplus = real.reduce((sum, group) => sum + group.count - 1, 0)
      const listed = real.slice(0, MAX_GROUPS)
      return { unique: count - surplus, repeated: real.length, groups: listed }
    },
  }
}

/** Returns the image of an item, where it has one whose bytes are known. */
export function imageOf(item: AnnotatedItem): Media | undefined {
  const primary = primaryMedium(item)
  return primary?.kind === 'image' || primary?.frame !== undefined ? primary : undefined
}

/** Frames of one video have its id; an odd factor keeps them apart. */
function beginOf({ blob, frame }: Media): bigint {
  const begin = BigInt(`0x${blob?.slice(0, 16) ?? '0'}`)
  return frame === undefined
    ? begin
    : BigInt.asUintN(64, begin + (BigInt(Math.trunc(frame.index)) + 1n) * 0x9e37_79b9_7f4a_7c15n)
}

function repeatedValues(sorted: BigUint64Array): ReadonlySet<bigint> {
  const twice = new Set<bigint>()
  for (let index = 1; index < sorted.length; index++) {
    const value = sorted[index]
    if (value !== undefined && value === sorted[index - 1]) twice.add(value)
  }
  return twice
}

async function groupsOf(
  items: AsyncIterable<PassingItem>,
  twice: ReadonlySet<bigint>,
): Promise<readonly RepeatedImage[]> {
  const groups = new Map<
    string,
    { blob: string; frame?: number; count: number; items: ItemName[] }
  >()
  for await (const { dataset, item } of items) {
    const media = imageOf(item)
    if (media?.blob === undefined || !twice.has(beginOf(media))) continue
    const { blob, frame } = media
    const key: string = frame === undefined ? blob : `${blob} ${frame.index}`
    let group = groups.get(key)
    if (group === undefined) {
      group = { blob, ...(frame !== undefined && { frame: frame.index }), count: 0, items: [] }
      groups.set(key, group)
    }
    group.count++
    if (group.items.length < MAX_ITEMS && groups.size <= MAX_GROUPS)
      group.items.push({ dataset, subset: item.subset, id: item.id })
  }
  return [...groups.values()]
}
