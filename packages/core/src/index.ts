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
