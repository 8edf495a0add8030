import type { StorageDriver } from '../driver/storage-driver.ts'
import { objectCorrupt, objectNotFound } from '../errors.ts'
import { giveWay } from '../give-way.ts'
import { createBlobHasher, hashBlob, hashObject } from '../hash/blake3.ts'
import { type AnyId, type BlobId, type ObjectId, type ObjectKind } from '../hash/object-id.ts'
import { type Chunk, type ChunkList, decodeChunkList, encodeChunkList } from '../pack/chunk-list.ts'
import { decompressPayload } from '../pack/entry-codec.ts'
import { type EntryKind, kindFromByte } from '../pack/entry-kind.ts'
import type { EntryPlace } from '../pack/index-format.ts'
import { openIndexFragment, type IndexFragment } from '../pack/index-fragment.ts'
import { OpenFiles } from '../pack/open-files.ts'
import {
  createEntryList,
  mergeIndexFragments,
  type WrittenFragment,
} from '../pack/write-index-fragment.ts'
import { type ChunkSizes, cutIntoChunks } from './chunker.ts'
import { decodeObject, encodeObject } from './object-envelope.ts'
import { type ClosableObjectReader, heldBack } from './object-reader.ts'
import type { ObjectInfo, ObjectStore, StoredObject } from './object-store.ts'
import { PendingEntries } from './pending-entries.ts'
import { type CompleteSource, type UnsealedFile, UnsealedFiles } from './unsealed-files.ts'

/** Limits of what goes where; every one has a default. Plain data that can be posted. */
export interface ObjectWriteOptions {
  /** Blobs below this size go into packs; what the driver says by default. In bytes. */
  readonly packBelowBytes?: number
  /** From this size on blobs are cut into chunks; 64 MiB by default. */
  readonly chunkFromBytes?: number
  /** Sizes of the chunks of all blobs; by default about 64 KiB for text, 1 MiB for all else. */
  readonly chunkSizes?: ChunkSizes
  /** A pack ends at this size, 64 MiB by default… */
  readonly packTargetBytes?: number
  /** …or at this number of entries, 131,072 by default. */
  readonly packTargetEntries?: number
  /** Fragments that are live now, for merging small ones; none by default. */
  readonly liveFragments?: readonly string[]
  /** From this number of small fragments on they are merged; 4 by default. */
  readonly mergeFrom?: number
  /** What is only in these packs counts as not stored, for they are about to be deleted. */
  readonly ignorePacks?: ReadonlySet<string>
}

/** What {@link ObjectWriteSession.seal} added to the storage. */
export interface SealedObjects {
  /** To be added to the root record: none when nothing was written. */
  readonly fragments: readonly WrittenFragment[]
  /** Names of live fragments whose entries are in the new ones too: to be taken off the root record. */
  readonly replaces: readonly string[]
}

/** What a session in another thread has written but not sealed. Plain data that can be posted. */
export interface HandedOverObjects {
  readonly sources: readonly CompleteSource[]
  readonly folders: readonly string[]
  /** Number that the first source had there. */
  readonly firstSource: number
  readonly records: Uint8Array
}

/** Writes blobs and objects that nobody else sees until they are sealed and the root names them. */
export interface ObjectWriteSession extends ObjectStore {
  /** The storage it writes to. */
  readonly driver: StorageDriver
  /** What was stored before. */
  readonly reader: ClosableObjectReader
  /** The limits it keeps. */
  readonly options: ObjectWriteOptions
  /** Returns whether a blob or object need not be written again. */
  isStored(id: AnyId, sizeBytes: number): Promise<boolean>
  /** Stores a blob whose id was computed from these bytes. */
  putHashedBlob(blobId: BlobId, bytes: Uint8Array): Promise<void>
  /**
   * Stores a blob that need not fit in memory; `expectedBytes` is a guess that spares a temporary copy
   * when it is large.
   */
  putBlobStream(pieces: AsyncIterable<Uint8Array>, expectedBytes?: number): Promise<BlobId>
  /** Ends the packs and gives all that is not sealed to a session in another thread. */
  handOver(): Promise<HandedOverObjects>
  /** Takes what another thread handed over. */
  takeOver(objects: HandedOverObjects): void
  /**
   * Makes all that was written durable and gives it its names: data first, then the index. More may be
   * written and sealed after.
   *
   * @throws `DSV_STORAGE_FULL`, `DSV_STORAGE_DENIED`, `DSV_STORAGE_FAILED`
   */
  seal(): Promise<SealedObjects>
  /** Deletes what was not sealed. */
  abandon(): Promise<void>
}

/** Streams up to this size are collected in memory, above in a temporary file. */
const COLLECT_BYTES = 1024 * 1024

/** Returns a session that writes what `reader` does not have yet. */
export function beginObjectWrites(
  driver: StorageDriver,
  reader: ClosableObjectReader,
  options: ObjectWriteOptions = {},
): ObjectWriteSession {
  const {
    packBelowBytes = driver.packBelowBytes,
    chunkFromBytes = 64 * 1024 * 1024,
    chunkSizes,
    packTargetBytes = 64 * 1024 * 1024,
    packTargetEntries = 131_072,
    ignorePacks = new Set<string>(),
  } = options
  const entries = new PendingEntries()
  const unsealed = new UnsealedFiles(driver, {
    sizeBytes: packTargetBytes,
    entries: packTargetEntries,
  })
  const files = new OpenFiles(driver, 16)
  let sealedEntries = 0
  let sealedSources = 0

  async function isStored(id: AnyId, sizeBytes: number): Promise<boolean> {
    if (entries.find(id) !== undefined) return true
    const packed = await reader.locatePacked(id)
    if (packed !== undefined) return !ignorePacks.has(packed.packId)
    if (sizeBytes < packBelowBytes) return false
    const place = await reader.locate(id)
    return place?.type === 'file' && place.sizeBytes === sizeBytes
  }
  async function putPacked(kind: EntryKind, id: AnyId, bytes: Uint8Array): Promise<void> {
    entries.add(id, await unsealed.append(kind, id, bytes))
    await giveWay()
  }
  async function putHashedBlob(blobId: BlobId, bytes: Uint8Array): Promise<void> {
    if (await isStored(blobId, bytes.length)) return
    if (bytes.length >= chunkFromBytes) await putChunked(only(bytes))
    else if (bytes.length < packBelowBytes) await putPacked('blob', blobId, bytes)
    else entries.add(blobId, await unsealed.writeFile(blobId, bytes))
  }
  async function putChunked(pieces: AsyncIterable<Uint8Array>): Promise<BlobId> {
    const whole = createBlobHasher()
    const chunks: Chunk[] = []
    for await (const bytes of cutIntoChunks(pieces, chunkSizes)) {
      whole.update(bytes)
      const blobId = hashBlob(bytes)
      if (!(await isStored(blobId, bytes.length))) await putPacked('blob', blobId, bytes)
      chunks.push({ blobId, sizeBytes: bytes.length })
    }
    const blobId = whole.digest()
    // One chunk is the blob itself; a list under the same id would hide it.
    if (chunks.length === 1 || (await isStored(blobId, Infinity))) return blobId
    await putPacked('chunks', blobId, encodeChunkList(blobId, chunks))
    return blobId
  }
  async function putStream(pieces: AsyncIterable<Uint8Array>, expectedBytes = 0): Promise<BlobId> {
    if (expectedBytes >= chunkFromBytes) return putChunked(pieces)
    const iterator = pieces[Symbol.asyncIterator]()
    const collected: Uint8Array[] = []
    let size = 0
    while (size <= COLLECT_BYTES && size < chunkFromBytes) {
      const next = await iterator.next()
      if (next.done === true) return store.putBlob(Buffer.concat(collected))
      collected.push(Uint8Array.from(next.value))
      size += next.value.length
    }
    return putSpooled(collected, iterator)
  }
  async function putSpooled(
    collected: readonly Uint8Array[],
    rest: AsyncIterator<Uint8Array>,
  ): Promise<BlobId> {
    const spool = unsealed.createSpool()
    const hasher = createBlobHasher()
    const take = (bytes: Uint8Array): void => {
      hasher.update(bytes)
      spool.append(bytes)
    }
    let kept = false
    try {
      for (const bytes of collected) take(bytes)
      while (spool.sizeBytes < chunkFromBytes) {
        const next = await rest.next()
        if (next.done === true) break
        take(next.value)
      }
      const blobId = hasher.digest()
      if (spool.sizeBytes >= chunkFromBytes) return await putChunked(spooledThen(spool, rest))
      if (await isStored(blobId, spool.sizeBytes)) return blobId
      if (spool.sizeBytes < packBelowBytes) {
        await putPacked('blob', blobId, spool.read(0, spool.sizeBytes))
        return blobId
      }
      kept = true
      entries.add(blobId, await unsealed.keepSpool(blobId, spool))
      return blobId
    } finally {
      if (!kept) spool.discard()
    }
  }

  async function pendingPayload(id: AnyId, place: EntryPlace): Promise<Uint8Array> {
    const stored = await unsealed.read(id, place, files)
    const raw = decompressPayload(place.codec, stored, place.rawLength)
    if (raw === undefined) throw objectCorrupt(id, 'what this command wrote cannot be read back')
    return raw
  }
  async function* pendingPieces(
    id: BlobId,
    place: EntryPlace,
  ): AsyncGenerator<Uint8Array, void, undefined> {
    const bytes = await pendingPayload(id, place)
    if (kindFromByte(place.kind) !== 'chunks') {
      yield bytes
      return
    }
    for (const chunk of listFrom(id, bytes).chunks) yield* store.streamBlob(chunk.blobId)
  }
  async function pendingList(id: AnyId, place: EntryPlace): Promise<ChunkList> {
    return listFrom(id, await pendingPayload(id, place))
  }
  async function pendingInfo(id: AnyId, place: EntryPlace): Promise<ObjectInfo | undefined> {
    const { rawLength, storedLength } = place
    const kind = kindFromByte(place.kind)
    if (kind !== 'chunks') {
      return kind && { kind, sizeBytes: rawLength, storedBytes: storedLength }
    }
    const list = await pendingList(id, place)
    let storedBytes = storedLength
    for (const { blobId } of list.chunks)
      storedBytes += (await store.info(blobId))?.storedBytes ?? 0
    return { kind: 'blob', sizeBytes: list.sizeBytes, storedBytes }
  }

  const store: ObjectWriteSession = {
    driver,
    reader,
    options,
    isStored,
    putHashedBlob,
    has: async (id) => entries.find(id) !== undefined || reader.has(id),
    async info(id) {
      const place = entries.find(id)
      return place === undefined ? reader.info(id) : pendingInfo(id, place)
    },
    async getBlob(id) {
      const all: Uint8Array[] = []
      for await (const piece of store.streamBlob(id)) all.push(piece)
      const [first] = all
      return all.length === 1 && first !== undefined ? first : Buffer.concat(all)
    },
    async *streamBlob(id) {
      const place = entries.find(id)
      if (place === undefined) yield* reader.streamBlob(id)
      else yield* heldBack(id, pendingPieces(id, place))
    },
    async piecesOf(id) {
      const place = entries.find(id)
      if (place === undefined) return reader.piecesOf(id)
      if (kindFromByte(place.kind) !== 'chunks') return [{ blobId: id, sizeBytes: place.rawLength }]
      return (await pendingList(id, place)).chunks
    },
    async getObject(kind: ObjectKind, id: ObjectId): Promise<StoredObject> {
      const place = entries.find(id)
      if (place === undefined) return reader.getObject(kind, id)
      if (kindFromByte(place.kind) !== kind) throw objectNotFound(driver.location, kind, id)
      const bytes = await pendingPayload(id, place)
      if (hashObject(kind, bytes) !== id) throw objectCorrupt(id, 'its bytes do not match')
      return decodeObject(bytes, id)
    },
    async putBlob(bytes) {
      const blobId = hashBlob(bytes)
      await putHashedBlob(blobId, bytes)
      return blobId
    },
    putBlobStream: putStream,
    async putObject(kind, object) {
      const bytes = encodeObject(object)
      const id = hashObject(kind, bytes)
      if (!(await isStored(id, 0))) await putPacked(kind, id, bytes)
      return id
    },
    async handOver() {
      await unsealed.complete()
      const handed = {
        sources: unsealed.completeFrom(sealedSources),
        folders: [...unsealed.folders],
        firstSource: sealedSources,
        records: entries.bytesFrom(sealedEntries),
      }
      files.close()
      return handed
    },
    takeOver({ sources, folders, firstSource, records }) {
      const first = unsealed.take(sources, folders)
      entries.addAll(records, (theirs) => theirs - firstSource + first)
    },
    async seal() {
      await unsealed.complete()
      if (entries.count === sealedEntries) return { fragments: [], replaces: [] }
      const own = createEntryList()
      const ownFiles: UnsealedFile[] = []
      for (let number = sealedEntries; number < entries.count; number += 1) {
        const id = entries.idAt(number)
        const place = entries.placeAt(number)
        const packId = unsealed.packIdOf(place.pack)
        const kind = kindFromByte(place.kind)
        if (kind === undefined) throw new Error(`There is no kind ${place.kind}.`)
        if (packId === undefined) ownFiles.push({ id, source: place.pack })
        else own.add({ ...place, id, packId, kind })
      }
      await unsealed.publish(ownFiles)
      files.close()
      const merged = await smallFragments(files, own.count(), options)
      const fragments =
        own.count() === 0 ? [] : [await mergeIndexFragments(driver, own.sorted(), merged)]
      await driver.flush()
      files.close()
      sealedEntries = entries.count
      sealedSources = unsealed.count
      const replaces = merged.map((fragment) => fragment.name)
      return { fragments, replaces: replaces.filter((name) => name !== fragments[0]?.name) }
    },
    async abandon() {
      files.close()
      await unsealed.discard()
    },
  }
  return store
}

async function* only(bytes: Uint8Array): AsyncGenerator<Uint8Array, void, undefined> {
  yield bytes
}

async function* spooledThen(
  spool: { readonly sizeBytes: number; read(offset: number, length: number): Uint8Array },
  rest: AsyncIterator<Uint8Array>,
): AsyncGenerator<Uint8Array, void, undefined> {
  for (let at = 0; at < spool.sizeBytes; at += COLLECT_BYTES) {
    yield spool.read(at, Math.min(COLLECT_BYTES, spool.sizeBytes - at))
  }
  for (;;) {
    const next = await rest.next()
    if (next.done === true) return
    yield next.value
  }
}

/**
 * Returns the live fragments to merge with a new one of `count` entries: the smallest, as long as each
 * is at most twice what comes before it together. So an entry is rewritten O(log n) times.
 */
async function smallFragments(
  files: OpenFiles,
  count: number,
  options: ObjectWriteOptions,
): Promise<readonly IndexFragment[]> {
  const { liveFragments = [], mergeFrom = 4 } = options
  if (count === 0 || liveFragments.length < mergeFrom) return []
  const open: IndexFragment[] = []
  for (const name of liveFragments) open.push(await openIndexFragment(files, new Map(), name))
  const merged: IndexFragment[] = []
  let total = count
  for (const fragment of open.toSorted((a, b) => a.entries - b.entries)) {
    if (fragment.entries > 2 * total) break
    merged.push(fragment)
    total += fragment.entries
  }
  return merged.length < mergeFrom ? [] : merged
}

function listFrom(id: AnyId, bytes: Uint8Array): ChunkList {
  const list = decodeChunkList(bytes)
  if (list === undefined) throw objectCorrupt(id, 'its list of chunks cannot be read')
  return list
}
