import type { BlobId } from '@dsv/store'
import type { Annotation, AnnotationDraft, Attributes } from './annotation.ts'
import type { Json } from './json.ts'

/** What a reader can tell from the first bytes of a media file. */
export interface MediaInfo {
  readonly kind: 'image' | 'video' | 'point-cloud' | 'other'
  /** Pixels, as stored: EXIF orientation is not applied. */
  readonly width?: number
  readonly height?: number
  readonly channels?: number
  /** EXIF orientation 1…8, when the file says one other than 1. */
  readonly orientation?: number
}

/** One media file of an item; `path` is relative to the root of the dataset. */
export interface MediaSource extends MediaInfo {
  /** `primary` for the image itself; others by their meaning (`depth`, `related`, `mask`). */
  readonly role: string
  readonly path: string
  /** Which frame of a video: of `path`, or, for the picture of one (kind `image`), of what the blob holds. */
  readonly frame?: { readonly index: number; readonly seconds?: number }
}

/**
 * A media file whose bytes are stored. `blob` is undefined when the annotations name a file that is
 * not in the folder.
 */
export interface Media extends MediaSource {
  readonly blob?: BlobId
  readonly sizeBytes?: number
}

/** The name of an item within its dataset. */
export interface ItemKey {
  /** The part it belongs to: `train`, `val`; `default` where the format has no subsets. */
  readonly subset: string
  /** Unique within the subset; mostly the path of the media without extension, `/`-separated. */
  readonly id: string
}

/** An item without its annotations. */
export interface Item extends ItemKey {
  readonly media: readonly Media[]
  readonly attributes?: Attributes
  readonly tags?: readonly string[]
  /** Fields of the source format we have no name for, by format. */
  readonly extra?: Readonly<Record<string, Json>>
}

/** The layer that a format's own annotations belong to. */
export const GROUND_TRUTH = 'ground_truth'

/** A media file as a format reads it. */
export interface SourceMedia extends MediaSource {
  /**
   * Reads the bytes of media that lie inside another file (TFRecord, Parquet, CIFAR). `path` is then the
   * name that the media would have as a file. Called at most once, while the stream is at this item.
   */
  readonly content?: () => Promise<Uint8Array>
}

/** An item as a format reads it: media are paths, annotations have no uid yet. */
export interface SourceItem extends ItemKey {
  readonly media: readonly SourceMedia[]
  readonly attributes?: Attributes
  readonly tags?: readonly string[]
  readonly extra?: Readonly<Record<string, Json>>
  /** Annotations by layer, mostly only {@link GROUND_TRUTH}, in the order of the source. */
  readonly layers: Readonly<Record<string, readonly AnnotationDraft[]>>
}

/** An item with all that is said about it. */
export interface AnnotatedItem extends Item {
  readonly layers: Readonly<Record<string, readonly Annotation[]>>
}
