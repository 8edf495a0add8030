export { DsvError, type DsvErrorOptions, isDsvError, systemErrorCode } from './dsv-error.ts'
export {
  type AnyId,
  type BlobId,
  ID_BYTES,
  idFromBytes,
  idToBytes,
  isIdText,
  type ObjectId,
  type ObjectKind,
  toBlobId,
  toObjectId,
} from './hash/object-id.ts'
export type {
  StorageDriver,
  StorageEntry,
  StoragePath,
  VersionedBytes,
} from './driver/storage-driver.ts'
export type { ObjectInfo, ObjectReader, ObjectStore, StoredObject } from './object/object-store.ts'
export {
  EMPTY_TREE,
  type KeyRange,
  type TreeChange,
  type TreeEdit,
  type TreeEntry,
  type TreeRef,
} from './tree/tree.ts'
