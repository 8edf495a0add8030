import type { AttributeValue, CategoryKey } from './annotation.ts'
import type { Json } from './json.ts'

/** What values an attribute may have. */
export interface AttributeDefinition {
  readonly name: string
  readonly type: 'boolean' | 'integer' | 'number' | 'string' | 'enum' | 'json'
  readonly values?: readonly AttributeValue[]
  readonly default?: AttributeValue
  /** May change from frame to frame of a track. */
  readonly mutable?: boolean
}

/** The named points of a category and how they are joined. */
export interface Skeleton {
  readonly points: readonly string[]
  /** Pairs of indexes into `points`, from 0. */
  readonly edges: readonly (readonly [number, number])[]
  /** COCO's per-point standard deviations. */
  readonly sigmas?: readonly number[]
}

/** What an annotation can say something is. */
export interface Category {
  readonly key: CategoryKey
  /** The display name; renaming a category changes only this. */
  readonly name: string
  readonly parent?: CategoryKey
  readonly supercategory?: string
  /** Red, green, blue, 0…255. */
  readonly color?: readonly [number, number, number]
  /** The id that a format knows it by, by format: `{ coco: 18 }`. */
  readonly sourceIds?: Readonly<Record<string, number | string>>
  readonly attributes?: readonly AttributeDefinition[]
  readonly skeleton?: Skeleton
  /** COCO panoptic's `isthing`. */
  readonly isThing?: boolean
  readonly extra?: Readonly<Record<string, Json>>
}

/** A category as a format reads it; a missing key is made from the name. */
export type CategoryDraft = Omit<Category, 'key'> & { readonly key?: CategoryKey }

/** What the annotations of a dataset may say. The order of categories is that of the source. */
export interface Schema {
  readonly categories: readonly Category[]
  /** Attributes that annotations of any category may have. */
  readonly attributes: readonly AttributeDefinition[]
  /** What the source says about the dataset as a whole, by format: `{ coco: { info: … } }`. */
  readonly info: Readonly<Record<string, Json>>
}

/** The schema that says nothing. */
export const EMPTY_SCHEMA: Schema = { categories: [], attributes: [], info: {} }
