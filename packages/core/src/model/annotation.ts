import type { Json } from './json.ts'

/** The stable key of a category: made once from its first name, never changed. */
export type CategoryKey = string

/** The value of an attribute. */
export type AttributeValue = string | number | boolean | null | readonly AttributeValue[]

/** Attributes by name. */
export type Attributes = Readonly<Record<string, AttributeValue>>

/** `[x, y, width, height]` in pixels; `x, y` is the top-left corner, the origin is top left. */
export type BoxNumbers = readonly [x: number, y: number, width: number, height: number]

/** A closed ring as flat numbers `[x0, y0, x1, y1, …]` in pixels; the first point is not repeated. */
export type Ring = readonly number[]

/** What every annotation may say, whatever its type. Absent means that the source did not say. */
export interface AnnotationCommon {
  readonly category?: CategoryKey
  readonly attributes?: Attributes
  /** Confidence of a prediction, as the source gives it (mostly 0…1). */
  readonly score?: number
  /** Annotations of one item with the same group belong together. */
  readonly group?: number | string
  /** The same object over several items (frames). */
  readonly track?: number | string
  readonly zOrder?: number
  readonly occluded?: boolean
  readonly outside?: boolean
  readonly truncated?: boolean
  /** The id that the source format gave it. */
  readonly sourceId?: number | string
  /** `manual`, `import`, or `model:<digest>`. */
  readonly provenance?: string
  /** The bounding box that the source states beside another geometry (COCO `bbox` of a polygon). */
  readonly box?: BoxNumbers
  /** The area in square pixels that the source states, kept as read. */
  readonly area?: number
  /** COCO's `iscrowd`: one annotation stands for many objects. */
  readonly crowd?: boolean
  /** Fields of the source format we have no name for, by format: `{ coco: { … } }`. */
  readonly extra?: Readonly<Record<string, Json>>
}

/** A class of the whole item. */
export interface LabelGeometry {
  readonly type: 'label'
}

/** An axis-aligned box, in pixels from the top-left corner. */
export interface BoxGeometry {
  readonly type: 'box'
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

/** A rotated box: centre and size in pixels, `angle` in radians, clockwise as seen on the image. */
export interface RotatedBoxGeometry {
  readonly type: 'rotated-box'
  readonly cx: number
  readonly cy: number
  readonly width: number
  readonly height: number
  readonly angle: number
}

/** Four corners as `[x0, y0, … x3, y3]` in pixels, in the order of the source. */
export interface QuadGeometry {
  readonly type: 'quad'
  readonly points: readonly number[]
}

/** One or several parts; each part is its outer ring followed by its holes. */
export interface PolygonGeometry {
  readonly type: 'polygon'
  readonly parts: readonly (readonly Ring[])[]
}

/** An open line as flat numbers in pixels, or a closed one. */
export interface PolylineGeometry {
  readonly type: 'polyline'
  readonly points: readonly number[]
  readonly closed?: boolean
}

/**
 * Points or a skeleton: flat numbers in pixels, and one visibility for each point (0 absent, 1 hidden,
 * 2 visible). Names and edges are in the skeleton of the category.
 */
export interface PointsGeometry {
  readonly type: 'points'
  readonly points: readonly number[]
  readonly visibility: readonly number[]
}

/** An ellipse: centre and radii in pixels, `angle` in radians, clockwise. */
export interface EllipseGeometry {
  readonly type: 'ellipse'
  readonly cx: number
  readonly cy: number
  readonly rx: number
  readonly ry: number
  readonly angle: number
}

/** A mask as COCO's compressed run-length string: column-major, runs start with background. */
export interface MaskGeometry {
  readonly type: 'mask'
  readonly width: number
  readonly height: number
  readonly counts: string
}

/** A segment of a panoptic map; `counts` is its mask as in {@link MaskGeometry}. */
export interface PanopticSegmentGeometry {
  readonly type: 'panoptic-segment'
  readonly segmentId: number
  readonly width: number
  readonly height: number
  readonly counts: string
}

/** Eight corners of a cuboid drawn on an image, `[x0, y0, … x7, y7]`, four near then four far. */
export interface Cuboid2dGeometry {
  readonly type: 'cuboid-2d'
  readonly points: readonly number[]
}

/** A cuboid in space: metres; `rotation` in radians about x, y, z. */
export interface Cuboid3dGeometry {
  readonly type: 'cuboid-3d'
  readonly position: readonly [number, number, number]
  readonly rotation: readonly [number, number, number]
  readonly size: readonly [number, number, number]
}

/** A sentence about the item. */
export interface CaptionGeometry {
  readonly type: 'caption'
  readonly text: string
  readonly language?: string
}

/** Text that can be read in the image, with the region it is in. */
export interface TextGeometry {
  readonly type: 'text'
  readonly text: string
  readonly parts: readonly (readonly Ring[])[]
}

/** Another file that says something per pixel: a depth map, a high-resolution image. */
export interface ReferenceGeometry {
  readonly type: 'reference'
  readonly role: 'depth' | 'high-resolution' | 'mask'
  readonly path: string
  readonly unit?: string
}

/** A feature vector. */
export interface VectorGeometry {
  readonly type: 'vector'
  readonly values: readonly number[]
}

/** A row of a table. */
export interface TabularGeometry {
  readonly type: 'tabular'
  readonly values: Attributes
}

/** A span of time in seconds. */
export interface TemporalSegmentGeometry {
  readonly type: 'temporal-segment'
  readonly startSeconds: number
  readonly endSeconds: number
}

/** A relation between two annotations of the item, by uid. */
export interface RelationGeometry {
  readonly type: 'relation'
  readonly subject: string
  readonly predicate: string
  readonly object: string
}

/** What an annotation says, told apart by `type`. */
export type Geometry =
  | LabelGeometry
  | BoxGeometry
  | RotatedBoxGeometry
  | QuadGeometry
  | PolygonGeometry
  | PolylineGeometry
  | PointsGeometry
  | EllipseGeometry
  | MaskGeometry
  | PanopticSegmentGeometry
  | Cuboid2dGeometry
  | Cuboid3dGeometry
  | CaptionGeometry
  | TextGeometry
  | ReferenceGeometry
  | VectorGeometry
  | TabularGeometry
  | TemporalSegmentGeometry
  | RelationGeometry

/** The name of a kind of annotation. */
export type AnnotationType = Geometry['type']

/** An annotation as a format reads it, before it is known which stored annotation it continues. */
export type AnnotationDraft = AnnotationCommon & Geometry

/** An annotation of a dataset; `uid` is stable across edits and unique within its item and layer. */
export type Annotation = AnnotationDraft & { readonly uid: string }
