import type { BlobPiece } from '@dsv/store'
import type { AnnotationType } from '../model/annotation.ts'
import type { AnnotatedItem, ItemKey, Media, MediaInfo, SourceItem } from '../model/item.ts'
import type { Json } from '../model/json.ts'
import type { Schema } from '../model/schema.ts'

/** What a format is called and can hold. Cheap to import: it loads no parser. */
export interface Format {
  /** What users type, in kebab-case: `coco`, `voc`. */
  readonly name: string
  readonly title: string
  /** The specification or reference implementation the adapter follows. */
  readonly source: URL
  /** Annotation types that survive a write followed by a read. */
  readonly holds: ReadonlySet<AnnotationType>
  /** False for formats that are only read. Default true. */
  readonly canWrite?: boolean
  /** Variants that `--variant` chooses when writing, the default first; empty when there is one. */
  readonly variants: readonly string[]
  /**
   * Whether it says of an item that it is a frame of a video. Others are handed the picture: media of kind `image` with a
   * `frame`, whose blob is the video. Default false.
   */
  readonly holdsFrames?: boolean
  /** Whether readers can be told what the columns of a table mean (`--map`). Default false. */
  readonly takesMap?: boolean
}

/** How sure an adapter is that a folder is in its format, 0…1, and why (or why not). */
export interface Detection {
  readonly confidence: number
  readonly reason: string
}

/** What one format says of a folder. */
export interface DetectedFormat extends Detection {
  readonly format: string
}

/** A file open for reading at any offset. */
export interface OpenFile {
  readonly sizeBytes: number
  /** Reads up to `length` bytes from `offset`; fewer when the file ends before. */
  read(offset: number, length: number): Promise<Uint8Array>
  /** Closes the file. */
  close(): Promise<void>
}

/** The frames of one video, decoded when they are asked for. */
export interface FrameCursor {
  /** Returns a frame as a PNG. Going on is cheap, going back is not. @throws `DSV_FILE_NOT_FOUND` behind the last */
  frame(index: number): Promise<Uint8Array>
  /** Lets go of the video. */
  close(): Promise<void>
}

/** The files of a dataset by `/`-separated path relative to its root: on disk, in a zip, in the store. */
export interface Folder {
  /** All file paths below `under` (default: the root), sorted; cheap to call again. */
  list(under?: string): Promise<readonly string[]>
  /** Returns whether there is such a file. */
  has(path: string): Promise<boolean>
  /** All bytes of one file. @throws `DSV_FILE_NOT_FOUND` */
  read(path: string): Promise<Uint8Array>
  /** @throws `DSV_FILE_NOT_FOUND` */
  open(path: string): Promise<OpenFile>
  /**
   * Tells of which pieces a file consists, in order: where ids are the same, so are the bytes. Absent
   * where only reading the file can tell.
   */
  piecesOf?(path: string): Promise<readonly BlobPiece[]>
}

/** The side that is written. */
export interface WritableFolder {
  /** Writes one file, making the folders on the way. A stream is written as it comes. */
  write(path: string, bytes: Uint8Array | AsyncIterable<Uint8Array>): Promise<void>
  /** Puts the bytes of a media file at `path`; does nothing when media are not exported. */
  placeMedia(path: string, media: Media): Promise<void>
}

/** One thing that a target format cannot hold, or that a reader had to leave out. */
export interface Loss {
  /** What is lost: `annotation: polygon`, `attribute: pose`, `field: area`. */
  readonly what: string
  /** Where it happened, for examples: an item as `subset/id`, a file, a category. */
  readonly where: string
}

/** What every call of an adapter needs. */
export interface AdapterContext {
  readonly signal: AbortSignal
  /** Called for each thing that is lost; the rest is still read or written. */
  readonly onLoss: (loss: Loss) => void
}

/** What reading needs besides. */
export interface ReadContext extends AdapterContext {
  /** Size and kind of a media file, from its first bytes; undefined when the file is missing or unknown. */
  probe(path: string): Promise<MediaInfo | undefined>
  /**
   * What to do with a file or record that cannot be read: `fail` throws; `skip` calls `onProblem` and
   * goes on.
   */
  readonly onError: 'fail' | 'skip'
  /** Called for each file or record that was left out. */
  readonly onProblem: (problem: { readonly file: string; readonly message: string }) => void
  /** What the columns of a table mean, where the user says it (`--map`). */
  readonly map?: string
  /** The layout that the same adapter gave when it read this dataset before. */
  readonly layoutBefore?: Json
  /** For `readChanged`: the files that the dataset before was read from, where they are stored. */
  readonly filesBefore?: FilesBefore
}

/** The files of a version of a dataset, and how it and the files to read differ from them. */
export interface FilesBefore {
  readonly folder: Folder
  /** All files that are edited, new or gone since. */
  readonly changed: readonly string[]
  /** Items of which the dataset before does not say what these files say. */
  readonly edited: readonly ItemKey[]
}

/** What writing needs besides. */
export interface WriteContext extends AdapterContext {
  /** One of {@link Format.variants}; undefined for the default. */
  readonly variant: string | undefined
  /** The layer to write where the format holds one; default `ground_truth`. */
  readonly layer: string
  /** The pixels of a media file, for the few writers that need them. */
  readMedia(media: Media): Promise<Uint8Array>
  /** For `writeChanged`: the files as they were before the edits, which say all of what was there. */
  readonly folderBefore?: Folder
}

/**
 * A dataset as an adapter reads it: the schema first, then the items as a stream, in any order.
 *
 * `schema` categories have keys; annotations name them by key. `layout` is what the adapter wants to
 * remember about how the folder was laid out, so that a later `write` keeps it.
 */
export interface DatasetStream {
  readonly schema: Schema
  readonly layout: Json
  readonly items: AsyncIterable<SourceItem>
}

/** A stored dataset, as an adapter sees it when it writes or re-reads a part. */
export interface DatasetView {
  readonly schema: Schema
  /** The layout that the same adapter gave when it read; null when the dataset comes from elsewhere. */
  readonly layout: Json
  /** Names of the subsets, sorted. */
  readonly subsets: readonly string[]
  /** Items in key order (subset, then id). May be iterated several times. */
  items(subset?: string): AsyncIterable<AnnotatedItem>
  /** Returns one item, or undefined when there is none of that key. */
  item(key: ItemKey): Promise<AnnotatedItem | undefined>
}

/** What re-reading some files yields: these items replace those of the same key. */
export interface ItemPatch {
  readonly items: AsyncIterable<SourceItem>
  readonly removed: readonly ItemKey[]
  /** What to remember of the folder from now on; absent when that stays as it was. */
  readonly layout?: Json
}

/** An item that differs from what the files say. */
export interface ItemEdit {
  readonly before: AnnotatedItem | undefined
  readonly after: AnnotatedItem | undefined
}

/** One annotation format. Every adapter passes `testAdapter` of the contract suite. */
export interface FormatAdapter {
  readonly format: Format
  /** Looks at names and first bytes only; answers in milliseconds however large the dataset is. */
  detect(folder: Folder, map?: string): Promise<Detection>
  /** Reads the dataset as a stream. @throws `DSV_FORMAT_SYNTAX` with the file and the place in it */
  read(folder: Folder, context: ReadContext): Promise<DatasetStream>
  /**
   * Re-reads only what `changed` files (edited, new or gone) say, or only the items that files of many
   * items say something else of than `context.filesBefore`. What it returns makes the dataset before
   * the one that a full read gives; undefined when only a full read can tell.
   */
  readChanged?(
    folder: Folder,
    changed: readonly string[],
    before: DatasetView,
    context: ReadContext,
  ): Promise<ItemPatch | undefined>
  /**
   * Writes the dataset in its layout, or in the format's usual one; reports through
   * `context.onLoss` what the format cannot hold. Returns the layout to remember.
   */
  write(dataset: DatasetView, folder: WritableFolder, context: WriteContext): Promise<Json>
  /**
   * Writes only the files that `edits` touch: the files of an item, or those in `context.folderBefore`
   * with the records of these items replaced. Returns the paths of files to delete, or undefined when
   * only a full write will do; nothing is written then.
   */
  writeChanged?(
    dataset: DatasetView,
    edits: readonly ItemEdit[],
    folder: WritableFolder,
    context: WriteContext,
  ): Promise<readonly string[] | undefined>
}
