import type { AnyId, BlobId, ObjectId, ObjectKind } from '../hash/object-id.ts'

/**
 * An object that is not a blob. `links` are all the ids it refers to, blobs and objects alike, so the
 * store can walk, collect, check and transfer without knowing what the payload means.
 */
export interface StoredObject {
  readonly links: readonly AnyId[]
  /** The same 32 bytes each, where they were read: cheaper for who looks at few of them. */
  readonly linkBytes?: Uint8Array
  readonly payload: Uint8Array
}

/** What is known of a stored blob or object without reading it. */
export interface ObjectInfo {
  readonly kind: ObjectKind | 'blob'
  readonly sizeBytes: number
  /** Bytes it takes in the storage. */
  readonly storedBytes: number
}

/** A stretch of a large blob that is stored as a blob of its own. */
export interface BlobPiece {
  readonly blobId: BlobId
  readonly sizeBytes: number
}

/** Reads blobs and objects; every byte is checked against its id. */
export interface ObjectReader {
  /** Returns whether a blob or object is stored. */
  has(id: AnyId): Promise<boolean>
  /** Returns what is known without reading the payload; undefined when it is not stored. */
  info(id: AnyId): Promise<ObjectInfo | undefined>
  /** @throws `DSV_OBJECT_NOT_FOUND`, `DSV_OBJECT_CORRUPT` */
  getBlob(id: BlobId): Promise<Uint8Array>
  /** Streams a blob of any size in pieces; the last piece is held back until the whole is checked. */
  streamBlob(id: BlobId): AsyncIterable<Uint8Array>
  /**
   * Returns the pieces that a blob consists of, in order, so that a part of it can be read; itself when
   * it is stored whole. That they make up the blob shows when all were read and hashed.
   *
   * @throws `DSV_OBJECT_NOT_FOUND`
   */
  piecesOf(id: BlobId): Promise<readonly BlobPiece[]>
  /** @throws `DSV_OBJECT_NOT_FOUND`, `DSV_OBJECT_CORRUPT` */
  getObject(kind: ObjectKind, id: ObjectId): Promise<StoredObject>
}

/** Reads and writes. Storing what is there already changes nothing. */
export interface ObjectStore extends ObjectReader {
  /** Stores a blob and returns its id. */
  putBlob(bytes: Uint8Array): Promise<BlobId>
  /** Stores a blob that need not fit in memory. */
  putBlobStream(pieces: AsyncIterable<Uint8Array>): Promise<BlobId>
  /** Stores an object and returns its id. */
  putObject(kind: ObjectKind, object: StoredObject): Promise<ObjectId>
}
