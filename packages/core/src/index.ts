export type * from './model/annotation.ts'
export type { Json } from './model/json.ts'
export {
  type AnnotatedItem,
  GROUND_TRUTH,
  type Item,
  type ItemKey,
  type Media,
  type MediaInfo,
  type MediaSource,
  type SourceItem,
  type SourceMedia,
} from './model/item.ts'
export {
  type AttributeDefinition,
  type Category,
  type CategoryDraft,
  EMPTY_SCHEMA,
  type Schema,
  type Skeleton,
} from './model/schema.ts'
export type * from './format/format-adapter.ts'
export { type FrameSource, frameSource } from './format/frame-source.ts'
export { framesAsImages, isFramePicture } from './format/frames-as-images.ts'
export {
  ALL_MEDIA,
  isAllMedia,
  type MediaFilter,
  type PartialClone,
  readPartialClone,
  writePartialClone,
} from './partial/media-filter.ts'
export { fillMedia } from './partial/fill-media.ts'
export { historyCut } from './errors.ts'
export { checkMap } from './format/check-map.ts'
export { fileNotFound, formatSyntax, nothingCommitted } from './errors.ts'
export { checkPath } from './record/check-path.ts'
export {
  EXCLUDE_FILE,
  foldersAbove,
  ignorePatterns,
  isNeverTracked,
  readIgnoreRules,
} from './working-tree/ignore-rules.ts'
export { nearNames } from './query/near-names.ts'
export { jsonErrorLine } from './config/json-error-line.ts'
export { writeByRename } from './working-tree/write-by-rename.ts'
export {
  compareItemKeys,
  decodeItemKey,
  encodeItemKey,
  MAX_ITEM_KEY_BYTES,
  subsetRange,
} from './record/item-key.ts'
export { decodeItem, encodeItem } from './record/item-record.ts'
export {
  isAnnotation,
  isAnnotationDraft,
  isAttributes,
  isFieldOf,
} from './record/annotation-fields.ts'
export { decodeAnnotations, encodeAnnotations, FIELD_NAMES } from './record/annotation-record.ts'
export {
  decodeFile,
  decodePath,
  encodeFile,
  encodePath,
  type FileRecord,
  type FileRole,
} from './record/file-record.ts'
export { type DatasetRecord, decodeDataset, encodeDataset } from './record/dataset-record.ts'
export { type Commit, decodeCommit, encodeCommit, type Snapshot } from './record/commit-record.ts'
export type { Signature } from './record/signature.ts'
export { decodeTag, encodeTag, type Tag } from './record/tag-record.ts'
export { itemKeyInvalid, recordMalformed, recordVersionUnsupported } from './errors.ts'
export {
  compileQuery,
  type LayeredAnnotation,
  type Query,
  type QueryUses,
} from './query/compile-query.ts'
export { compileExpression, type Expression } from './query/compile-expression.ts'
export type { QueryValue } from './query/query-scope.ts'
export { querySyntax } from './errors.ts'
export type { CommitReader } from './history/commit-reader.ts'
export { walkCommits, type WalkedCommit, type WalkOptions } from './history/walk-commits.ts'
export { countAheadBehind, isAncestor, mergeBases } from './history/merge-base.ts'
export {
  parseRevision,
  parseRevisionRange,
  printRevision,
  printRevisionRange,
  type Revision,
  type RevisionRange,
} from './history/parse-revision.ts'
export {
  type ResolvedRange,
  resolveRevision,
  resolveRevisionRange,
  type RevisionSources,
} from './history/resolve-revision.ts'
export { type Blame, blameItem, type BlameReader } from './history/blame-item.ts'
export { type ChangedSince, filterLog, type LogFilter } from './history/filter-log.ts'
export { type ClockTime, parseDate } from './history/parse-date.ts'
export { dateSyntax, revisionAmbiguous, revisionSyntax, revisionUnknown } from './errors.ts'
export { areaOf } from './model/geometry/area.ts'
export { boundsOf } from './model/geometry/bounds.ts'
export { boxArea, boxIou } from './model/geometry/box.ts'
export { hasManyCrossings } from './model/geometry/edge-crossings.ts'
export { clipGeometry } from './model/geometry/clip-geometry.ts'
export { joinParts } from './model/geometry/clip-parts.ts'
export { ellipseArea, ellipseBounds, ellipseRing } from './model/geometry/ellipse.ts'
export { iouOf } from './model/geometry/iou.ts'
export { cropMask, resizeMask } from './model/geometry/mask-crop.ts'
export { type ImageExtent, moveGeometry } from './model/geometry/move-geometry.ts'
export { scaleGeometry } from './model/geometry/scale-geometry.ts'
export {
  bitmapToCounts,
  type Counts,
  countsToBitmap,
  formatCounts,
  MAX_BITMAP_PIXELS,
  parseCounts,
} from './model/geometry/mask-counts.ts'
export {
  type Mask,
  maskArea,
  maskBounds,
  maskGeometry,
  maskIou,
  type MaskOperation,
  mergeMasks,
  readMask,
} from './model/geometry/mask-rle.ts'
export { imageSize } from './model/image-size.ts'
export { primaryMedium } from './model/primary-medium.ts'
export { joinStretches, type Stretch, stretchesOf } from './model/geometry/mask-stretches.ts'
export { maskToPolygon } from './model/geometry/mask-to-polygon.ts'
export { keypointSimilarity } from './model/geometry/points.ts'
export { type Parts, partsArea, partsBounds, partsIou } from './model/geometry/polygon.ts'
export { polygonToMask } from './model/geometry/polygon-to-mask.ts'
export { isConvex, pointsBounds, ringArea } from './model/geometry/ring.ts'
export { rotatedBoxCorners, rotatedBoxIou } from './model/geometry/rotated-box.ts'
export { isEqual } from './diff/is-equal.ts'
export { assignPairs, type WeightedPair } from './diff/assign-pairs.ts'
export { contentKey } from './diff/content-key.ts'
export { type Candidate, overlapCandidates } from './diff/overlap-candidates.ts'
export { type AnnotationMatch, matchAnnotations } from './diff/match-annotations.ts'
export { identifyAnnotations, newUid } from './diff/identify-annotations.ts'
export {
  type AnnotationChange,
  type AnnotationDiff,
  applyAnnotationDiff,
  diffAnnotations,
} from './diff/diff-annotations.ts'
export {
  applyItemChange,
  diffItem,
  type ItemChange,
  type PairedMoves,
  pairMoves,
} from './diff/diff-item.ts'
export type { KeyedChange, KeyedDiff } from './diff/keyed-list.ts'
export type { FieldChange } from './diff/record-fields.ts'
export {
  applySchemaDiff,
  diffSchema,
  isEmptySchemaDiff,
  type SchemaDiff,
} from './diff/diff-schema.ts'
export {
  type AnnotationCounts,
  type DiffSummarizer,
  diffSummarizer,
  type DiffSummary,
  type Flow,
  type ItemCounts,
  type ItemDiff,
  summarizeDiff,
} from './diff/summarize-diff.ts'
export {
  type AnnotationConflict,
  type Conflict,
  type ConflictChoice,
  type Favour,
  type FileConflict,
  isConflict,
  type ItemConflict,
  type MediaConflict,
  type MergeOptions,
  type MergeOutcome,
  type SchemaConflict,
} from './merge/conflict.ts'
export { type AnnotationPlace, mergeAnnotations } from './merge/merge-annotations.ts'
export { mergeAnnotatedItem, mergeItem } from './merge/merge-item.ts'
export { mergeSchema, type SchemaOutcome, type SourceIdChange } from './merge/merge-schema.ts'
export { type RestoredSchema, restoreUsedCategories } from './merge/restore-used-categories.ts'
export { mergeValue } from './merge/merge-fields.ts'
export {
  resolveAnnotationConflict,
  resolveItemConflict,
  resolveSchemaConflict,
} from './merge/resolve-conflict.ts'
export { conflictChoiceInvalid } from './errors.ts'
export { isDsvError, DsvError } from '@dsv/store'
export type {
  DateTime,
  Environment,
  FormatProvider,
  Identity,
  Progress,
} from './repository/environment.ts'
export {
  findRepository,
  type InitOptions,
  Repository,
  REPOSITORY_FOLDER,
  type RepositoryState,
  type StateChange,
  type Transaction,
  operationInfo,
} from './repository/repository.ts'
export { add } from './repository/add.ts'
export { renderSelection, selectItems, type SelectRequest } from './repository/select-dataset.ts'
export {
  transform,
  type TransformContext,
  type TransformInput,
  type TransformOutcome,
  type TransformRequest,
} from './repository/transform.ts'
export { type DatasetContent, storeItems } from './stage/store-items.ts'
export { newDataset } from './repository/transform.ts'
export { isBelow } from './working-tree/path-range.ts'
export { fileIn } from './repository/file-in.ts'
export { recognizePart, type RecognizeRequest } from './repository/recognize-part.ts'
export { type Graft, graft } from './repository/graft.ts'
export {
  partAt,
  partDatasets,
  partFiles,
  type SnapshotPart,
  withPart,
} from './repository/snapshot-part.ts'
export { commit, type CommitOutcome, type CommitRequest, signature } from './repository/commit.ts'
export {
  isClean,
  type Status,
  status,
  type StatusRequest,
  type StagedDatasetStatus,
  type UnstagedPath,
} from './repository/status.ts'
export { resolveCommit } from './repository/revisions.ts'
export { diff, type DiffSide } from './repository/diff.ts'
export { type DatasetDiff, type FileDiff, type SnapshotDiff } from './repository/diff-snapshots.ts'
export { type DiffFilter, filterDiff } from './repository/filter-diff.ts'
export { type SwitchOutcome, type SwitchRequest, switchTo } from './repository/switch.ts'
export { undo } from './repository/undo.ts'
export { findOperation, restoreTo } from './repository/restore-operation.ts'
export { PREVIEW_FILES, PREVIEW_FOLDERS, previewFiles } from './stage/preview-files.ts'
export type { StagedDataset, StageOutcome, StageRequest } from './stage/stage-working-tree.ts'
export type { PendingMerge, WorkingFormat, WorkState } from './stage/work-state.ts'
export { abortMerge, merge, type MergeRequest, type MergeResult } from './repository/merge.ts'
export { type ApplyCommitRequest, cherryPick, revert } from './repository/apply-commit.ts'
export { resolve, type ResolveOutcome, type ResolveRequest } from './repository/resolve.ts'
export {
  type Branch,
  branches,
  createBranch,
  deleteBranch,
  renameBranch,
} from './repository/branches.ts'
export { createTag, deleteTag, type NamedTag, tags } from './repository/tags.ts'
export { reset, type ResetRequest } from './repository/reset.ts'
export { restore, type RestoreRequest } from './repository/restore.ts'
export {
  movePath,
  removePaths,
  type RemoveRequest,
  type RenameRequest,
} from './repository/remove-paths.ts'
export {
  stashApply,
  stashDrop,
  stashEntries,
  type StashEntry,
  stashPush,
} from './repository/stash.ts'
export { log, type LogEntry, type LogRequest } from './inspect/log.ts'
export { show, type ShownCommit } from './inspect/show.ts'
export { blame, type BlamedAnnotation, type BlameRequest } from './inspect/blame.ts'
export { list, type ListedItem, type ListRequest } from './inspect/list.ts'
export { type ListedFile, listFiles } from './inspect/list-files.ts'
export {
  type AnnotationTotals,
  type ListedDataset,
  type ListedLayer,
  listDatasets,
  type ListDatasetsRequest,
} from './inspect/list-datasets.ts'
export {
  readDatasets,
  type ReadDatasetsRequest,
  type StoredDataset,
  type StoredDatasets,
} from './inspect/read-datasets.ts'
export { filteredView, type ViewFilter } from './inspect/filtered-view.ts'
export { catFile, readItem } from './inspect/cat-file.ts'
export { exportPart, type ExportPartRequest } from './inspect/export-part.ts'
export { exportTransformed, type ExportTransformedRequest } from './inspect/export-transformed.ts'
export { exportDataset, type ExportOutcome, type ExportRequest } from './inspect/export-dataset.ts'
export {
  checkoutFormat,
  type CheckoutFormatRequest,
  type ReformattedDataset,
} from './inspect/checkout-format.ts'
export { info, type RepositoryInfo, type StoredFiles } from './inspect/info.ts'
export { withOutput } from './inspect/with-output.ts'
export { type ImportContext, importDataset, type StoredMedia } from './stage/import-dataset.ts'
export { datasetView } from './repository/dataset-view.ts'
export { configInvalid, exportLossy, formatAmbiguous, outputNotEmpty } from './errors.ts'
export {
  type ConfigSections,
  configValueAt,
  readConfigFile,
  withConfigValue,
  writeConfigFile,
} from './config/config-file.ts'
export { type LossCounter, lossCounter, type LossSummary } from './inspect/loss-counter.ts'
export {
  CONFIG_KEYS,
  type ConfigKey,
  type ConfigKeys,
  type ConfigValue,
} from './config/config-keys.ts'
export {
  type ConfigEntry,
  type ConfigFiles,
  type ConfigOrigin,
  getConfig,
  listConfig,
  localConfigFile,
  setConfig,
  unsetConfig,
} from './config/config.ts'
export { mergePending } from './errors.ts'
export { isRunsRef, remoteRunsRef, RUNS_REF } from './history/run-refs.ts'
export { storeFolder } from './stage/store-folder.ts'
export {
  contentId,
  contentIdOf,
  isTrackedAt,
  type ComparedTree,
} from './working-tree/content-id.ts'
export { type ComparedStage, withComparedTree } from './repository/with-compared-tree.ts'
export { type OutputPart, type Publication, publishOutputs } from './repository/publish-outputs.ts'
export { buildDataset, type BuiltDataset } from './repository/build-dataset.ts'
export { workingParts, type WorkingPart } from './repository/working-parts.ts'
export { meaningOf, rememberMeaning } from './working-tree/meaning-of.ts'
export { meaningId } from './repository/reformatted.ts'
export { transformContext } from './repository/transform.ts'
export { snapshotAt, storedDataset } from './inspect/snapshot-at.ts'
