import {
  type BlobId,
  ID_BYTES,
  idFromBytes,
  idToBytes,
  type ObjectId,
  toBlobId,
  toObjectId,
} from '../hash/object-id.ts'
import type { CacheChange, LevelCache } from './level-cache.ts'
import {
  blobAt,
  type Bucket,
  bucketEntries,
  type BucketEntry,
  encodeBucket,
  type FileStat,
  isSameStatAt,
  openBucket,
  placeInBucket,
} from './stat-bucket.ts'

/** A file that was read: what it holds, and its stat from *before* it was read. */
export interface StatCacheEntry {
  /** `/`-separated, relative to the working tree. */
  readonly path: string
  readonly stat: FileStat
  readonly blobId: BlobId
  /**
   * When the file had this stat, by the clock of the file system, in nanoseconds since 1970 UTC: what
   * was read was read then or later.
   */
  readonly seenNs: bigint
}

/** A change of the cache; all of it is kept, or nothing. */
export interface StatCacheUpdate {
  readonly entries?: Iterable<StatCacheEntry>
  readonly removed?: Iterable<string>
  /**
   * Root of the tree of files that afterwards has exactly the files of this cache with exactly these
   * blobs. Absent: there is no such tree any more.
   */
  readonly cleanTree?: ObjectId
}

/** Knows the blob in a file without reading the file, as long as its stat stays the same. */
export interface StatCache {
  readonly cleanTree: ObjectId | undefined
  /** Returns the blob in a file, or undefined when the file has to be read. */
  lookup(path: string, stat: FileStat): BlobId | undefined
  /** Returns whether {@link lookup} gives a blob: its id, in text, takes as long as the rest. */
  has(path: string, stat: FileStat): boolean
  /**
   * Keeps what was read, but no file that had changed within a tick of the clock before it was seen: it
   * may have changed again without its stat showing it.
   */
  update(changes: StatCacheUpdate): Promise<void>
}

/** The coarsest clock of a file system in use: FAT counts in two seconds. */
const COARSE_TICK_NS = 2_000_000_000n
/** A clock that shows more than hundredths of a second ticks at least a hundred times a second. */
const FINE_TICK_NS = 20_000_000n
const HUNDREDTH_NS = 10_000_000n
/** A bucket of this many names is split; with names of 20 bytes it then has 30 KB. */
const SPLIT_ABOVE = 320
/** How many names a bucket has at most, on average, right after a split. */
const BUCKET_NAMES = 256
const MAX_BITS = 20

// The two keys that every small change writes are neighbours: Level then compacts them alone, without
// the buckets.
const CLEAN_TREE_KEY = Buffer.from('stat clean tree')
/** Up to so many changes wait in one value until they go to the next, and at last into their buckets. */
const MAX_RECENT = [512, 16_384]
/** The stat of a file that is not known any more: no file has it. */
const GONE: FileStat = { sizeBytes: -1, mtimeNs: 0n, ctimeNs: 0n, ino: 0n, mode: 0 }
const NO_BLOB = toBlobId('0'.repeat(2 * ID_BYTES))

/**
 * Opens the stat cache in a Level cache; without one it knows nothing and keeps nothing. Entries are
 * stored by folder in buckets, so that reading all of a folder is one read for some 200 files. Recent
 * changes are kept in two values beside the buckets, a small and a larger one, and count before them.
 */
export function loadStatCache(level: LevelCache | undefined): StatCache {
  if (level === undefined) {
    return {
      cleanTree: undefined,
      lookup: () => undefined,
      has: () => false,
      update: forget,
    }
  }
  let cleanTree = readCleanTree(level)
  /** By path, the latest changes first. */
  const tiers = MAX_RECENT.map((_, tier) => openBucket(level.get(keyOfTier(tier))))
  let recent = placesByFolder(tiers)
  const folders = new Map<string, FolderBuckets>()
  const openFolder = (name: string): FolderBuckets => {
    const known = folders.get(name)
    if (known !== undefined) return known
    const bits = level.get(folderKey(name))?.[0] ?? 0
    const opened = { name, bits, buckets: new Map(), recent: recent.get(name) }
    folders.set(name, opened)
    return opened
  }
  // Files are looked up folder by folder.
  let folder = openFolder('')
  const find = (path: string, stat: FileStat): Place | undefined => {
    const end = Math.max(0, path.lastIndexOf('/'))
    if (end !== folder.name.length || !path.startsWith(folder.name))
      folder = openFolder(path.slice(0, end))
    const name = end === 0 ? path : path.slice(end + 1)
    const latest = folder.recent?.get(name)
    if (latest !== undefined)
      return isSameStatAt(latest.bucket, latest.at, stat) ? latest : undefined
    const bucket = bucketOf(level, folder, bucketIndex(name, folder.bits))
    const at = placeInBucket(bucket, name, stat)
    return at === undefined ? undefined : { bucket, at }
  }
  return {
    get cleanTree() {
      return cleanTree
    },
    lookup: (path, stat) => {
      const place = find(path, stat)
      return place && blobAt(place.bucket, place.at)
    },
    has: (path, stat) => find(path, stat) !== undefined,
    update: async (changes) => {
      const batch: CacheChange[] = []
      let moving: Iterable<BucketEntry> | undefined = changedEntries(changes)
      for (const [tier, bucket] of tiers.entries()) {
        if (moving === undefined) break
        const entries = entriesByName(bucket)
        for (const entry of moving) entries.set(entry.name, entry)
        moving = undefined
        if (entries.size > (MAX_RECENT[tier] ?? 0)) {
          moving = [...entries.values()]
          entries.clear()
        }
        const value = bytesOf([...entries.values()])
        tiers[tier] = openBucket(value)
        batch.push({ key: keyOfTier(tier), value })
      }
      if (moving !== undefined)
        for (const [name, edits] of editsByFolder(moving))
          for (const change of editFolder(level, openFolder(name), edits)) batch.push(change)
      recent = placesByFolder(tiers)
      for (const each of folders.values()) each.recent = recent.get(each.name)
      cleanTree = changes.cleanTree
      batch.push({ key: CLEAN_TREE_KEY, value: cleanTree && idToBytes(cleanTree) })
      await level.batch(batch)
    },
  }
}

async function forget(): Promise<void> {
  // Without a cache there is nothing to keep.
}

function readCleanTree(level: LevelCache): ObjectId | undefined {
  const stored = level.get(CLEAN_TREE_KEY)
  return stored?.length === 32 ? toObjectId(idFromBytes(stored)) : undefined
}

/** Where an entry is. */
interface Place {
  readonly bucket: Bucket
  readonly at: number
}

interface FolderBuckets {
  readonly name: string
  /** There are 2^bits buckets. */
  bits: number
  readonly buckets: Map<number, Bucket>
  /** What is known of files of this folder beside the buckets, and counts before them. */
  recent: ReadonlyMap<string, Place> | undefined
}

/** Folder → name → where the latest entry of the file is; paths are names in the tiers. */
function placesByFolder(tiers: readonly Bucket[]): Map<string, Map<string, Place>> {
  const folders = new Map<string, Map<string, Place>>()
  for (const bucket of tiers.toReversed())
    for (const [path, at] of bucket.places) {
      const [folder, name] = splitPath(path)
      const places = folders.get(folder) ?? new Map()
      folders.set(folder, places.set(name, { bucket, at }))
    }
  return folders
}

function bucketOf(level: LevelCache, folder: FolderBuckets, index: number): Bucket {
  const known = folder.buckets.get(index)
  if (known !== undefined) return known
  const bucket = openBucket(level.get(bucketKey(folder, index)))
  folder.buckets.set(index, bucket)
  return bucket
}

/** Name → new entry, or undefined to remove it. */
type Edits = Map<string, BucketEntry | undefined>

/** The entries that take the place of those of the same path; {@link GONE} where none does. */
function* changedEntries({ entries, removed }: StatCacheUpdate): Generator<BucketEntry> {
  for (const name of removed ?? []) yield { name, stat: GONE, blobId: NO_BLOB }
  for (const { path: name, stat, blobId, seenNs } of entries ?? [])
    yield isRacy(stat, seenNs) ? { name, stat: GONE, blobId: NO_BLOB } : { name, stat, blobId }
}

function isRacy({ mtimeNs, ctimeNs }: FileStat, seenNs: bigint): boolean {
  const newest = mtimeNs > ctimeNs ? mtimeNs : ctimeNs
  const isFine = mtimeNs % HUNDREDTH_NS !== 0n && ctimeNs % HUNDREDTH_NS !== 0n
  return newest > seenNs - (isFine ? FINE_TICK_NS : COARSE_TICK_NS)
}

function editsByFolder(changes: Iterable<BucketEntry>): Map<string, Edits> {
  const folders = new Map<string, Edits>()
  for (const { name: path, stat, blobId } of changes) {
    const [folder, name] = splitPath(path)
    const edits = folders.get(folder) ?? new Map()
    const isGone = stat.sizeBytes === GONE.sizeBytes
    folders.set(folder, edits.set(name, isGone ? undefined : { name, stat, blobId }))
  }
  return folders
}

function editFolder(level: LevelCache, folder: FolderBuckets, edits: Edits): CacheChange[] {
  const touched = new Map<number, Map<string, BucketEntry>>()
  for (const [name, entry] of edits) {
    const index = bucketIndex(name, folder.bits)
    const entries = touched.get(index) ?? entriesByName(bucketOf(level, folder, index))
    touched.set(index, entries)
    if (entry === undefined) entries.delete(name)
    else entries.set(name, entry)
  }
  const largest = Math.max(0, ...[...touched.values()].map(({ size }) => size))
  if (largest > SPLIT_ABOVE && folder.bits < MAX_BITS) return splitFolder(level, folder, touched)
  return [...touched].map(([index, entries]) => storeBucket(folder, index, [...entries.values()]))
}

function entriesByName(bucket: Bucket): Map<string, BucketEntry> {
  return new Map(bucketEntries(bucket).map((entry) => [entry.name, entry]))
}

/** Spreads all entries of a folder over more buckets. */
function splitFolder(
  level: LevelCache,
  folder: FolderBuckets,
  touched: ReadonlyMap<number, Map<string, BucketEntry>>,
): CacheChange[] {
  const all: BucketEntry[] = []
  for (let index = 0; index < 2 ** folder.bits; index += 1) {
    const edited = touched.get(index)
    all.push(...(edited?.values() ?? bucketEntries(bucketOf(level, folder, index))))
  }
  const wanted = Math.ceil(Math.log2(all.length / BUCKET_NAMES))
  folder.bits = Math.min(MAX_BITS, Math.max(folder.bits + 1, wanted))
  const spread = Array.from({ length: 2 ** folder.bits }, (): BucketEntry[] => [])
  for (const entry of all) spread[bucketIndex(entry.name, folder.bits)]?.push(entry)
  const bits: CacheChange = { key: folderKey(folder.name), value: Uint8Array.of(folder.bits) }
  return [bits, ...spread.map((entries, index) => storeBucket(folder, index, entries))]
}

function storeBucket(
  folder: FolderBuckets,
  index: number,
  entries: readonly BucketEntry[],
): CacheChange {
  const value = bytesOf(entries)
  folder.buckets.set(index, openBucket(value))
  return { key: bucketKey(folder, index), value }
}

function bytesOf(entries: readonly BucketEntry[]): Uint8Array | undefined {
  return entries.length === 0 ? undefined : encodeBucket(entries)
}

function keyOfTier(tier: number): Uint8Array {
  return Buffer.from(`stat clean tree, recent changes ${tier}`)
}

function folderKey(folder: string): Uint8Array {
  return Buffer.from(`stat folder ${folder}`)
}

/** A split writes all buckets of a folder, so keys need not say into how many it is split. */
function bucketKey({ name }: FolderBuckets, index: number): Uint8Array {
  return Buffer.from(`stat bucket ${name}\0${index.toString(16).padStart(5, '0')}`)
}

function splitPath(path: string): readonly [folder: string, name: string] {
  const slash = path.lastIndexOf('/')
  return slash === -1 ? ['', path] : [path.slice(0, slash), path.slice(slash + 1)]
}

/** FNV-1a over the UTF-16 units: spreads names that differ in one digit. */
function bucketIndex(name: string, bits: number): number {
  if (bits === 0) return 0
  let hash = 0x811c9dc5
  for (let at = 0; at < name.length; at += 1) {
    hash = Math.imul(hash ^ name.charCodeAt(at), 0x01000193)
  }
  return (hash ^ (hash >>> 16)) & (2 ** bits - 1)
}
