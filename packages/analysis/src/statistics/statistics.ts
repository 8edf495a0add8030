import type { AnnotationType } from '@dsv/core'
import type { NamedSummary } from './named-tallies.ts'
import type { NumberBin, NumberSummary } from './number-tally.ts'
import type { PixelFigures } from './pixel-tally.ts'
import type { ItemName, RepeatedImages } from './repeated-images.ts'
import type { ValueSummary } from './value-tally.ts'

/**
 * What can be said of datasets in figures: a plain value of JSON. Categories of several datasets are one where they have
 * one name. Lists are sorted by count, the greatest first, unless they say otherwise. `docs/statistics.md` says how each
 * figure is computed.
 */
export interface Statistics {
  readonly datasets: readonly DatasetFigures[]
  /** The layers whose annotations are counted. */
  readonly layers: readonly string[]
  readonly items: ItemFigures
  readonly images: ImageFigures
  readonly annotations: AnnotationFigures
  /** By name. */
  readonly subsets: readonly SubsetFigures[]
  /** How much the categories of two subsets differ; of at most 20 subsets. */
  readonly divergences: readonly SubsetDivergence[]
  readonly custom: CustomFigures
}

/** A dataset that was counted. */
export interface DatasetFigures {
  readonly path: string
  readonly items: number
  readonly annotations: number
}

/** Items in figures. */
export interface ItemFigures {
  readonly count: number
  readonly annotated: number
  readonly unannotated: {
    readonly count: number
    /** The first thousand, in the order of the items. */
    readonly items: readonly ItemName[]
  }
  readonly attributes: readonly NamedSummary[]
  readonly tags: ValueSummary
}

/** Images in figures. */
export interface ImageFigures extends RepeatedImages {
  readonly count: number
  /** Items whose image file is not there. */
  readonly missing: number
  /** Images of which the size in pixels is not known. */
  readonly unknownSize: number
  /** As `640×480`. */
  readonly sizes: ValueSummary
  readonly width?: NumberSummary
  readonly height?: NumberSummary
  /** Width by height. */
  readonly aspect?: NumberSummary
  readonly channels: ValueSummary
  readonly bytes?: NumberSummary
  /** Only where pixels are read. */
  readonly pixels?: PixelStatistics
}

/** Pixels in figures. */
export interface PixelStatistics {
  readonly all: PixelFigures | null
  /** By name. */
  readonly subsets: readonly (PixelFigures & { readonly subset: string })[]
  /** Images that are not stored here, or cannot be decoded. */
  readonly unread: { readonly count: number; readonly examples: readonly string[] }
}

/** Annotations in figures. */
export interface AnnotationFigures {
  readonly count: number
  readonly byType: readonly { readonly type: AnnotationType; readonly count: number }[]
  /** All layers that there are, by name. */
  readonly byLayer: readonly {
    readonly layer: string
    readonly items: number
    readonly annotations: number
  }[]
  readonly categories: readonly CategoryStatistics[]
  /** Annotations without a category. */
  readonly uncategorised: number
  readonly attributes: readonly NamedSummary[]
  /** `occluded`, `truncated`, `outside`, `crowd`: where annotations say it. */
  readonly flags: readonly NamedSummary[]
  /** Of items, whether they have any or not. */
  readonly perItem?: NumberSummary
  /** Annotations with a place on the image, of each item. */
  readonly objectsPerItem?: NumberSummary
  /** Square pixels of annotations that have an area; bins are powers of two. */
  readonly areas?: NumberSummary
  /** The same in ten bins of equal width. */
  readonly areaBins: readonly NumberBin[]
  readonly sizeClasses: SizeClasses
  readonly coOccurrence: CoOccurrence
  readonly keypoints: readonly KeypointFigures[]
  readonly captions?: TextFigures
  readonly texts?: TextFigures
  readonly tracks?: TrackFigures
  readonly scores?: NumberSummary
}

/** How many annotations are of which size, in square pixels, as COCO divides them. */
export interface SizeClasses {
  /** Below 32². */
  readonly small: number
  /** From 32², below 96². */
  readonly medium: number
  /** From 96². */
  readonly large: number
}

/** A category in figures. */
export interface CategoryStatistics extends SizeClasses {
  readonly name: string
  readonly count: number
  /** Part of the annotations with a category, 0…1. */
  readonly share: number
  /** Items that have any. */
  readonly items: number
  /** Square pixels of all annotations together. */
  readonly area: number
  /** Part of the area of all annotations with a category, 0…1. */
  readonly areaShare: number
}

/** Which categories are found on one item. */
export interface CoOccurrence {
  /** Pairs of different categories, by the number of items that have both; at most 10,000. */
  readonly pairs: readonly { readonly a: string; readonly b: string; readonly items: number }[]
  /** Different pairs that are known: at most 250,000 are, the first that occur. */
  readonly distinct: number
  /** Items that have more than 500 categories, of which no pairs are counted. */
  readonly skippedItems: number
}

/** How visible the points of a category are. */
export interface KeypointFigures {
  readonly category: string
  /** In the order of the skeleton; at most 1,000. */
  readonly points: readonly {
    readonly name: string
    readonly absent: number
    readonly hidden: number
    readonly visible: number
  }[]
}

/** How long texts are. */
export interface TextFigures {
  readonly count: number
  readonly characters: NumberSummary
  readonly words: NumberSummary
}

/** How long tracks are. */
export interface TrackFigures {
  readonly count: number
  /** Annotations of each track. */
  readonly lengths: NumberSummary
  /** Annotations of tracks that are not kept: at most 200,000 tracks are, the first that occur. */
  readonly others: number
}

/** A subset in figures. */
export interface SubsetFigures {
  readonly subset: string
  readonly items: number
  readonly unannotated: number
  readonly annotations: number
  readonly categories: readonly {
    readonly name: string
    readonly count: number
    readonly share: number
  }[]
  /** How much its categories differ from those of all items, in bits, 0…1; null without any. */
  readonly divergence: number | null
}

/** How much the categories of two subsets differ, in bits, 0…1. */
export interface SubsetDivergence {
  readonly a: string
  readonly b: string
  readonly divergence: number | null
}

/** What the caller asked for. */
export interface CustomFigures {
  /** In the order asked for. */
  readonly counts: readonly {
    readonly name: string
    readonly query: string
    readonly items: number
    readonly annotations: number
  }[]
  /** In the order asked for. */
  readonly groups: readonly GroupFigures[]
}

/** The values of an expression. */
export interface GroupFigures extends ValueSummary {
  readonly expression: string
  /** Whether there is one value for each item, or for each annotation. */
  readonly about: 'item' | 'annotation'
}
