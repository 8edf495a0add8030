export { giveWay } from './give-way.ts'
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
export type {
  BlobPiece,
  ObjectInfo,
  ObjectReader,
  ObjectStore,
  StoredObject,
} from './object/object-store.ts'
export {
  EMPTY_TREE,
  type KeyRange,
  type TreeChange,
  type TreeEdit,
  type TreeEntry,
  type TreeRef,
} from './tree/tree.ts'
export type { Blake3Choice } from './hash/blake3-engine.ts'
export {
  type BlobHasher,
  createBlobHasher,
  deriveKeyHash,
  hashBlob,
  hashObject,
  keyHash32,
  selectBlake3,
} from './hash/blake3.ts'
export { type FileStatus, type FileSystem, nodeFileSystem } from './driver/file-system.ts'
export {
  type FolderDriver,
  folderDriver,
  type FolderDriverOptions,
  isFolderDriver,
} from './driver/folder-driver.ts'
export {
  ownerOf,
  ownerState,
  type ProcessOwner,
  readOwner,
  thisOwner,
} from './driver/process-owner.ts'
export { memoryDriver, type MemoryDriverOptions } from './driver/memory-driver.ts'
export { memoryObjectStore } from './object/memory-object-store.ts'
export { decodeObject, encodeObject } from './object/object-envelope.ts'
export { decodeCanonical, encodeCanonical } from './object/canonical.ts'
export { type CreateStoreOptions, Store, type StoreOptions } from './open-store.ts'
export {
  readOperations,
  redoOperation,
  restoreOperation,
  undoOperation,
} from './root/operation-log.ts'
export type { Change, Operation, OperationInfo, RefChange } from './root/operation.ts'
export { checkRefName } from './root/ref-name.ts'
export { DEFAULT_SETTINGS, type RepositorySettings } from './root/repository-settings.ts'
export type { CondemnedFile, Head, RootRecord, RootView } from './root/root-record.ts'
export type { RootUpdate } from './root/root-update.ts'
export type { WriteSession } from './root/write-session.ts'
export { fileChanged, objectCorrupt, objectNotFound } from './errors.ts'
export { buildTree } from './tree/build-tree.ts'
export { compareBytes, equalBytes } from './tree/compare-bytes.ts'
export { diffTrees, diffTreesBatches } from './tree/diff-trees.ts'
export { decodeNode } from './tree/decode-node.ts'
export { nodeEntry, type TreeNode } from './tree/node.ts'
export { editTree } from './tree/edit-tree.ts'
export { prefixRange } from './tree/prefix-range.ts'
export {
  countEntries,
  firstEntry,
  getEntries,
  getEntry,
  keyAt,
  lastEntry,
  scanBatches,
  scanTree,
  type TreeNodeInfo,
  treeNodes,
} from './tree/read-tree.ts'
export { KEY_BYTES_MAX, TREE_SETTINGS, type TreeSettings } from './tree/tree-settings.ts'
export { type CacheChange, type LevelCache, openLevelCache } from './cache/level-cache.ts'
export { type ResultCache, resultCache } from './cache/result-cache.ts'
export type { FileStat } from './cache/stat-bucket.ts'
export {
  loadStatCache,
  type StatCache,
  type StatCacheEntry,
  type StatCacheUpdate,
} from './cache/stat-cache.ts'
export {
  type EntryConflict,
  mergeTrees,
  type MergeSides,
  type ResolveConflict,
} from './tree/merge-trees.ts'
export { SortedEntries, type SortedEntriesOptions } from './tree/sorted-entries.ts'
export {
  type ClosableObjectReader,
  type FetchMissing,
  openObjectReader,
} from './object/object-reader.ts'
export type { FragmentSource, ObjectPlace, PackedPlace } from './object/object-locator.ts'
export {
  beginObjectWrites,
  type HandedOverObjects,
  type ObjectWriteOptions,
  type ObjectWriteSession,
  type SealedObjects,
} from './object/object-write-session.ts'
export type { ChunkSizes } from './object/chunker.ts'
export type { EntryKind } from './pack/entry-kind.ts'
export { type PackContents, type PackEntry, readPackContents } from './pack/read-pack-contents.ts'
export { listBlobFiles } from './pack/list-blob-files.ts'
export {
  type FragmentEntry,
  writeIndexFragment,
  type WrittenFragment,
} from './pack/write-index-fragment.ts'
export {
  blobPath,
  FRAGMENT_PREFIX,
  fragmentPath,
  PACK_PREFIX,
  packPath,
} from './pack/storage-layout.ts'
export type { FileStamp, IngestedFile } from './ingest/ingest-batch.ts'
export { type FileAside, ingestAside } from './ingest/ingest-aside.ts'
export { isSameStamp, stampFrom } from './ingest/ingest-batch.ts'
export {
  type BatchOptions,
  type BatchProgress,
  type FileToIngest,
  ingestFiles,
  placeFiles,
} from './ingest/ingest-files.ts'
export type { PlacedFile, Placement } from './ingest/place-batch.ts'
export { placeBlob, type PlaceOptions } from './ingest/place-blob.ts'
export { IdSet } from './care/id-set.ts'
export { collectGarbage, type CollectOptions, type CollectOutcome } from './care/collect-garbage.ts'
export { CACHE_FOLDER, TEMPORARY_PREFIX } from './layout.ts'
export { decodeLocalState } from './root/operation.ts'
export { type CheckOptions, checkStore } from './care/check-store.ts'
export type { Dependents, Finding } from './care/finding.ts'
export { restoreRoot } from './care/restore-root.ts'
export { repairStore, type RepairOutcome } from './care/repair-store.ts'
export type { WriterProcess } from './root/writer-process.ts'
export { FORMAT_VERSION, LOCAL_CONFIG_PATH, LOCAL_PREFIX } from './layout.ts'
export { checkIncomingIndex, type IncomingIndex } from './care/check-incoming-index.ts'
export { checkIncomingPack } from './care/check-incoming-pack.ts'
export { isBlobList, readCondemnedBlobs } from './care/condemned-blobs.ts'
export { checkStoragePath, checkStoragePrefix } from './driver/storage-path.ts'
export { decodeRoot, encodeRoot } from './root/encode-root.ts'
export { isSameHead } from './root/root-update.ts'
export { keepRootCopy } from './root/root-copy.ts'
export { decodeOperation } from './root/operation.ts'
export {
  blobIdOfPath,
  CONDEMNED_PREFIX,
  ROOT_COPY_PATH,
  ROOT_PATH,
  SESSION_PREFIX,
} from './layout.ts'
export {
  lockHeld,
  storageConflict,
  storageDenied,
  storageFailed,
  storageFull,
  storageNotFound,
  storagePathInvalid,
} from './errors.ts'
