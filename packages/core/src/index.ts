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
export { fileNotFound, formatSyntax } from './errors.ts'
export {
  compareItemKeys,
  decodeItemKey,
  encodeItemKey,
  MAX_ITEM_KEY_BYTES,
  subsetRange,
} from './record/item-key.ts'
export { decodeItem, encodeItem } from './record/item-record.ts'
export { isAnnotation, isAnnotationDraft, isAttributes } from './record/annotation-fields.ts'
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
export { querySyntax } from './errors.ts'
