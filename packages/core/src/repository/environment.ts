import type {
  DetectedFormat,
  Folder,
  Format,
  FormatAdapter,
  FrameCursor,
} from '../format/format-adapter.ts'
import type { MediaInfo } from '../model/item.ts'
import type { Repository } from './repository.ts'
import type { BlobId } from '@dsv/store'

/** A moment with the offset of the clock it was read from. */
export interface DateTime {
  /** Seconds since 1970 UTC. */
  readonly seconds: number
  /** Minutes east of UTC. */
  readonly offsetMinutes: number
}

/** Who did something. */
export interface Identity {
  readonly name: string
  readonly email: string
}

/** What long work reports while it goes on. */
export interface Progress {
  /** What is being done: `hashing`, `reading annotations`, `writing files`. */
  readonly task: string
  readonly done: number
  /** Absent when it is not known. */
  readonly total?: number
  readonly unit: 'bytes' | 'files' | 'items'
}

/** The formats that a program offers; `core` itself knows none. */
export interface FormatProvider {
  readonly names: readonly string[]
  /** @throws `DSV_FORMAT_UNKNOWN` */
  load(name: string): Promise<FormatAdapter>
  /** Describes a format without loading its parser. @throws `DSV_FORMAT_UNKNOWN` */
  describe(name: string): Promise<Format>
  /** What the formats say of a folder, the most confident first; with a map only those that take one. */
  detect(folder: Folder, map?: string): Promise<readonly DetectedFormat[]>
  /** Reads the first bytes of a media file; undefined when it is missing or of no known kind. */
  probe(folder: Folder, path: string): Promise<MediaInfo | undefined>
  /** Opens a video to decode frames of it. @throws `DSV_TOOL_NOT_FOUND`, `DSV_FORMAT_SYNTAX` */
  openFrames(
    name: string,
    video: AsyncIterable<Uint8Array>,
    signal: AbortSignal,
  ): Promise<FrameCursor>
}

/** What a repository needs from the program around it. */
export interface Environment {
  readonly formats: FormatProvider
  /** The clock. */
  readonly now: () => DateTime
  readonly user: Identity
  readonly host: string
  /** The command line as typed, for the operation log. */
  readonly command: string
  /** Whether a checkout may link media to the store (`checkout.link`) instead of copying them. */
  readonly link: 'copy' | 'hardlink'
  /** Aborts long work; what was done so far stays unseen. */
  readonly signal: AbortSignal
  /** Told now and then how far long work is. */
  readonly onProgress: (progress: Progress) => void
  /** The script of the worker threads; undefined does everything in this thread. */
  readonly workerUrl: URL | undefined
  /**
   * Stores blobs that a partial clone lacks, all or none that it finds. Without it, or for what it does
   * not find, reading them fails.
   */
  readonly fetchMissing?: (repository: Repository, ids: readonly BlobId[]) => Promise<void>
}
