import type { StorageDriver } from '../driver/storage-driver.ts'
import { isDsvError } from '../dsv-error.ts'
import { objectCorrupt, objectNotFound } from '../errors.ts'
import { giveWay } from '../give-way.ts'
import { createBlobHasher, hashBlob, hashObject } from '../hash/blake3.ts'
import type { AnyId, BlobId, ObjectId, ObjectKind } from '../hash/object-id.ts'
import { type ChunkList, decodeChunkList } from '../pack/chunk-list.ts'
import { decompressPayload } from '../pack/entry-codec.ts'
import { OpenFiles } from '../pack/open-files.ts'
import { blobPath, packPath } from '../pack/storage-layout.ts'
import {
  type FragmentSource,
  ObjectLocator,
  type ObjectPlace,
  type PackedPlace,
} from './object-locator.ts'
import { decodeObject } from './object-envelope.ts'
import type { ObjectInfo, ObjectReader, StoredObject } from './object-store.ts'

/** An {@link ObjectReader} over the packs, index fragments and blob files of a storage. */
export interface ClosableObjectReader extends ObjectReader {
  /** Returns where a blob or object lies, from the index and the names of files only. */
  locate(id: AnyId): Promise<ObjectPlace | undefined>
  /** The same, in packs only: no look at the names of files. */
  locatePacked(id: AnyId): Promise<PackedPlace | undefined>
  /** Returns the pieces that a blob is stored in, or none when it is stored whole or not at all. */
  chunksOf(id: BlobId): Promise<readonly BlobId[]>
  /** Names of the index fragments it looks into. */
  liveFragments(): readonly string[]
  /**
   * Gets those of these blobs that are missing on purpose, together. Reading one that is missing gets it
   * too, alone.
   *
   * @throws what getting them throws
   */
  bring(ids: Iterable<BlobId>): Promise<void>
  /** Closes its files; a later read opens them again. */
  close(): void
}

/** Stores blobs that are missing on purpose; those that it cannot find it leaves out. */
export type FetchMissing = (ids: readonly BlobId[]) => Promise<void>

/**
 * Returns a reader. Every byte it gives was checked against its id. When something is missing it asks
 * `fragments` once for the present ones, so it outlives commits and collections of others; a blob that
 * is still missing then is left to `fetchMissing`.
 */
export function openObjectReader(
  driver: StorageDriver,
  fragments: FragmentSource,
  fetchMissing?: FetchMissing,
): ClosableObjectReader {
  const files = new OpenFiles(driver)
  const locator = new ObjectLocator(driver, fragments, files)

  /** Looks again among the present fragments when something was missing. */
  async function find<Result>(
    read: () => Promise<Result | undefined>,
  ): Promise<Result | undefined> {
    try {
      const result = await read()
      if (result !== undefined) return result
    } catch (error) {
      if (!isDsvError(error, 'DSV_STORAGE_NOT_FOUND')) throw error
    }
    await locator.reload()
    return read()
  }
  async function bring(ids: Iterable<BlobId>): Promise<void> {
    if (fetchMissing === undefined) return
    const missing = new Set<BlobId>()
    for (const id of ids) if ((await locator.find(id)) === undefined) missing.add(id)
    if (missing.size > 0) await fetchMissing([...missing])
  }
  async function payload(place: ObjectPlace, id: AnyId): Promise<Uint8Array> {
    if (place.type === 'file') return readWholeFile(driver, id, place.sizeBytes)
    const { packId, offset, storedLength, codec, rawLength } = place
    const stored = await files.read(packPath(packId), offset, storedLength)
    const raw = decompressPayload(codec, stored, rawLength)
    if (raw === undefined) throw objectCorrupt(id, `its entry in pack ${packId} cannot be read`)
    return raw
  }
  async function blobOrList(id: BlobId): Promise<Uint8Array | ChunkList> {
    const read = async (): Promise<{ place: ObjectPlace; bytes: Uint8Array } | undefined> => {
      const place = await locator.find(id)
      return place && { place, bytes: await payload(place, id) }
    }
    let found = await find(read)
    if (found === undefined && fetchMissing !== undefined) {
      await fetchMissing([id])
      found = await find(read)
    }
    if (found === undefined) throw objectNotFound(driver.location, 'blob', id)
    const { place, bytes } = found
    if (place.type === 'pack' && place.kind === 'chunks') return chunkListFrom(bytes, id)
    if (place.type === 'pack' && place.kind !== 'blob') throw wrongKind(id, place.kind, 'blob')
    return checkBlob(id, bytes)
  }
  async function plainBlob(id: BlobId): Promise<Uint8Array> {
    const found = await blobOrList(id)
    if (found instanceof Uint8Array) return found
    throw objectCorrupt(id, 'a chunk is a list of chunks')
  }
  async function* chunksIn(list: ChunkList): AsyncGenerator<Uint8Array, void, undefined> {
    for (const chunk of list.chunks) {
      const bytes = await plainBlob(chunk.blobId)
      if (bytes.length !== chunk.sizeBytes)
        throw objectCorrupt(list.blobId, 'a chunk has another size')
      yield bytes
    }
  }
  async function* streamed(id: BlobId): AsyncGenerator<Uint8Array, void, undefined> {
    const locate = async (): Promise<ObjectPlace | undefined> => locator.find(id)
    let place = await find(locate)
    if (place === undefined && fetchMissing !== undefined) {
      await fetchMissing([id])
      place = await find(locate)
    }
    if (place?.type === 'file') {
      yield* heldBack(id, filePieces(files, id, place.sizeBytes))
      return
    }
    const found = await blobOrList(id)
    if (found instanceof Uint8Array) yield found
    else yield* heldBack(id, chunksIn(found))
  }
  async function infoOf(id: AnyId): Promise<ObjectInfo | undefined> {
    const place = await locator.find(id)
    if (place === undefined) return undefined
    if (place.type === 'file') {
      return { kind: 'blob', sizeBytes: place.sizeBytes, storedBytes: place.sizeBytes }
    }
    if (place.kind !== 'chunks') {
      return { kind: place.kind, sizeBytes: place.rawLength, storedBytes: place.storedLength }
    }
    const list = chunkListFrom(await payload(place, id), id)
    let storedBytes = place.storedLength
    for (const { blobId } of list.chunks) {
      const chunk = await locator.find(blobId)
      if (chunk !== undefined)
        storedBytes += chunk.type === 'file' ? chunk.sizeBytes : chunk.storedLength
    }
    return { kind: 'blob', sizeBytes: list.sizeBytes, storedBytes }
  }

  return {
    locate: (id) => locator.find(id),
    locatePacked: (id) => locator.findPacked(id),
    has: async (id) => (await locator.find(id)) !== undefined,
    info: infoOf,
    async getBlob(id) {
      const found = await blobOrList(id)
      if (found instanceof Uint8Array) return found
      const all: Uint8Array[] = []
      for await (const bytes of chunksIn(found)) all.push(bytes)
      return checkBlob(id, Buffer.concat(all))
    },
    streamBlob: streamed,
    async piecesOf(id) {
      const place = await find(() => locator.find(id))
      if (place === undefined) throw objectNotFound(driver.location, 'blob', id)
      if (place.type === 'file') return [{ blobId: id, sizeBytes: place.sizeBytes }]
      if (place.kind === 'chunks') return chunkListFrom(await payload(place, id), id).chunks
      return [{ blobId: id, sizeBytes: place.rawLength }]
    },
    async getObject(kind: ObjectKind, id: ObjectId): Promise<StoredObject> {
      await giveWay()
      const found = await find(async () => {
        const place = await locator.find(id)
        return place && { place, bytes: await payload(place, id) }
      })
      if (found === undefined) throw objectNotFound(driver.location, kind, id)
      const { place, bytes } = found
      const storedKind = place.type === 'pack' ? place.kind : 'blob'
      if (storedKind !== kind) throw wrongKind(id, storedKind, kind)
      const actual = hashObject(kind, bytes)
      if (actual !== id) throw objectCorrupt(id, `its bytes hash to ${actual}`, { actual })
      return decodeObject(bytes, id)
    },
    async chunksOf(id) {
      const place = await locator.find(id)
      if (place?.type !== 'pack' || place.kind !== 'chunks') return []
      return chunkListFrom(await payload(place, id), id).chunks.map((chunk) => chunk.blobId)
    },
    liveFragments: () => fragments.current(),
    bring,
    close: () => files.close(),
  }
}

/**
 * Passes pieces on, but the last only when all together match the id.
 *
 * @yields the pieces
 * @throws `DSV_OBJECT_CORRUPT`
 */
export async function* heldBack(
  id: BlobId,
  pieces: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array, void, undefined> {
  const hasher = createBlobHasher()
  let held: Uint8Array | undefined
  for await (const piece of pieces) {
    if (held !== undefined) yield held
    hasher.update(piece)
    held = piece
  }
  const actual = hasher.digest()
  if (actual !== id) throw objectCorrupt(id, `its bytes hash to ${actual}`, { actual })
  if (held !== undefined) yield held
}

const PIECE_BYTES = 1024 * 1024

async function* filePieces(
  files: OpenFiles,
  id: BlobId,
  sizeBytes: number,
): AsyncGenerator<Uint8Array, void, undefined> {
  for (let at = 0; at < sizeBytes; at += PIECE_BYTES) {
    const piece = await files.read(blobPath(id), at, Math.min(PIECE_BYTES, sizeBytes - at))
    if (piece.length === 0) throw objectCorrupt(id, 'its file is cut off')
    yield piece
  }
}

async function readWholeFile(
  driver: StorageDriver,
  id: AnyId,
  sizeBytes: number,
): Promise<Uint8Array> {
  return driver.readRange(blobPath(id), 0, sizeBytes)
}

function checkBlob(id: BlobId, bytes: Uint8Array): Uint8Array {
  const actual = hashBlob(bytes)
  if (actual !== id) throw objectCorrupt(id, `its bytes hash to ${actual}`, { actual })
  return bytes
}

function chunkListFrom(bytes: Uint8Array, id: AnyId): ChunkList {
  const list = decodeChunkList(bytes)
  if (list === undefined || list.blobId !== id) {
    throw objectCorrupt(id, 'its list of chunks cannot be read')
  }
  return list
}

function wrongKind(id: AnyId, stored: string, wanted: string): Error {
  return objectCorrupt(id, `it is stored as ${stored}, not as ${wanted}`)
}
