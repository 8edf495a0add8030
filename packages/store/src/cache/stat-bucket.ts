import { type BlobId, ID_BYTES, idFromBytes, toBlobId } from '../hash/object-id.ts'

/** What `lstat` says of a file, with all the digits that it has. */
export interface FileStat {
  readonly sizeBytes: number
  /** Nanoseconds since 1970 UTC. */
  readonly mtimeNs: bigint
  /** Nanoseconds since 1970 UTC; changes also when the mtime is set back. */
  readonly ctimeNs: bigint
  readonly ino: bigint
  readonly mode: number
}

/** One file of a bucket. */
export interface BucketEntry {
  readonly name: string
  readonly stat: FileStat
  readonly blobId: BlobId
}

/** name length u16 · name · size f64 · mtime i64 · ctime i64 · ino u64 · mode u32 · id 32 */
const FIXED_BYTES = 8 + 8 + 8 + 8 + 4 + ID_BYTES
const VERSION = 2

/** A bucket as it is stored; entries are read only when they are asked for. */
export interface Bucket {
  /** Name → where its fixed part begins in `bytes`. */
  readonly places: ReadonlyMap<string, number>
  readonly bytes: Buffer
  /** Of the same bytes: reads 64-bit integers in a third of the time. */
  readonly view: DataView
}

/** A bucket without entries. */
export const EMPTY_BUCKET: Bucket = bucketIn(new Map(), Buffer.alloc(0))

/** Reads a stored bucket; anything unreadable is an empty one. */
export function openBucket(stored: Uint8Array | undefined): Bucket {
  if (stored === undefined || stored[0] !== VERSION) return EMPTY_BUCKET
  const bytes = Buffer.from(stored.buffer, stored.byteOffset, stored.length)
  const places = new Map<string, number>()
  let at = 1
  while (at + 2 <= bytes.length) {
    const nameEnd = at + 2 + bytes.readUInt16LE(at)
    if (nameEnd + FIXED_BYTES > bytes.length) return EMPTY_BUCKET
    places.set(bytes.toString('utf8', at + 2, nameEnd), nameEnd)
    at = nameEnd + FIXED_BYTES
  }
  return bucketIn(places, bytes)
}

function bucketIn(places: ReadonlyMap<string, number>, bytes: Buffer): Bucket {
  return { places, bytes, view: new DataView(bytes.buffer, bytes.byteOffset, bytes.length) }
}

/** Returns where in the bucket the entry of the file is, when its stat is the one that was kept. */
export function placeInBucket(bucket: Bucket, name: string, stat: FileStat): number | undefined {
  const at = bucket.places.get(name)
  return at !== undefined && isSameStatAt(bucket, at, stat) ? at : undefined
}

/** Returns whether nothing says that the file of the entry at a place changed. */
export function isSameStatAt({ view }: Bucket, at: number, stat: FileStat): boolean {
  return (
    view.getFloat64(at, true) === stat.sizeBytes &&
    view.getBigInt64(at + 8, true) === stat.mtimeNs &&
    view.getBigInt64(at + 16, true) === stat.ctimeNs &&
    view.getBigUint64(at + 24, true) === stat.ino &&
    view.getUint32(at + 32, true) === stat.mode
  )
}

/** Returns the id of the blob of the entry at a place. */
export function blobAt({ bytes }: Pick<Bucket, 'bytes'>, at: number): BlobId {
  return toBlobId(idFromBytes(bytes, at + 36))
}

/** Lists the entries of a bucket. */
export function bucketEntries({ places, bytes }: Bucket): BucketEntry[] {
  return [...places].map(([name, at]) => ({
    name,
    stat: {
      sizeBytes: bytes.readDoubleLE(at),
      mtimeNs: bytes.readBigInt64LE(at + 8),
      ctimeNs: bytes.readBigInt64LE(at + 16),
      ino: bytes.readBigUInt64LE(at + 24),
      mode: bytes.readUInt32LE(at + 32),
    },
    blobId: blobAt({ bytes }, at),
  }))
}

/** Returns the bytes of a bucket with these entries. */
export function encodeBucket(entries: readonly BucketEntry[]): Uint8Array {
  const names = entries.map(({ name }) => Buffer.from(name))
  const nameBytes = names.reduce((sum, name) => sum + name.length, 0)
  const bytes = Buffer.alloc(1 + nameBytes + entries.length * (2 + FIXED_BYTES))
  bytes.writeUInt8(VERSION)
  let at = 1
  for (const [index, { stat, blobId }] of entries.entries()) {
    const name = names[index] ?? Buffer.alloc(0)
    at = bytes.writeUInt16LE(name.length, at)
    at += name.copy(bytes, at)
    at = bytes.writeDoubleLE(stat.sizeBytes, at)
    at = bytes.writeBigInt64LE(BigInt.asIntN(64, stat.mtimeNs), at)
    at = bytes.writeBigInt64LE(BigInt.asIntN(64, stat.ctimeNs), at)
    at = bytes.writeBigUInt64LE(BigInt.asUintN(64, stat.ino), at)
    at = bytes.writeUInt32LE(stat.mode >>> 0, at)
    at += bytes.write(blobId, at, 'hex')
  }
  return bytes
}
