/** The part of yauzl that is used here; the package ships no types. */
declare module 'yauzl' {
  import type { Readable } from 'node:stream'

  export interface Entry {
    readonly fileName: string
    readonly compressedSize: number
    readonly uncompressedSize: number
    readonly compressionMethod: number
    readonly externalFileAttributes: number
    isEncrypted(): boolean
  }

  export interface ZipFile {
    readonly fileSize: number
    readonly entryCount: number
    eachEntry(): AsyncIterable<Entry>
    openReadStreamPromise(entry: Entry): Promise<Readable>
    close(): void
  }

  export function openPromise(
    file: string,
    options: { readonly autoClose: false },
  ): Promise<ZipFile>

  /** Reads from something else than a file on disk. */
  export class RandomAccessReader {
    _readStreamForRange(start: number, end: number): Readable
    read(
      buffer: Buffer,
      offset: number,
      length: number,
      position: number,
      callback: (error?: Error) => void,
    ): void
  }

  export function fromRandomAccessReaderPromise(
    reader: RandomAccessReader,
    totalSize: number,
    options: { readonly autoClose: false },
  ): Promise<ZipFile>
}
