import type { StorageDriver } from '../driver/storage-driver.ts'
import { type AnyId, ID_BYTES } from '../hash/object-id.ts'
import { type AppendFile, createAppendFile } from './append-file.ts'
import { compressPayload } from './entry-codec.ts'
import { type EntryKind, kindToByte } from './entry-kind.ts'
import {
  encodeEntryHeader,
  encodeFooter,
  PACK_MAGIC,
  TABLE_STRIDE,
  type TableLine,
  writeTableLine,
} from './pack-format.ts'
import { packPath } from './storage-layout.ts'

/** A pack that is written but may not have its name yet. */
export interface CompletePack {
  readonly packId: string
  /** Where it lies until it is moved to its name; undefined when it has its name. */
  readonly temporary: string | undefined
  readonly sizeBytes: number
  readonly entries: number
}

/** Writes one pack; see {@link PACK_MAGIC} for the bytes. */
export class PackWriter {
  readonly #file: AppendFile
  #lines: Buffer = Buffer.allocUnsafe(256 * TABLE_STRIDE)
  #count = 0

  /** `temporary` is where the pack lies in a folder until it is complete. */
  constructor(driver: StorageDriver, temporary?: string) {
    this.#file = createAppendFile(driver, temporary)
    this.#file.append(PACK_MAGIC)
  }

  get sizeBytes(): number {
    return this.#file.sizeBytes
  }

  get entries(): number {
    return this.#count
  }

  /** Appends a payload, compressed when that pays, and returns its line of the table. */
  append(kind: EntryKind, id: AnyId, bytes: Uint8Array): TableLine {
    const { codec, stored } = compressPayload(kind, bytes)
    const byte = kindToByte(kind)
    this.#file.append(encodeEntryHeader(byte, codec, bytes.length, stored.length))
    const line = {
      offset: this.#file.sizeBytes,
      storedLength: stored.length,
      rawLength: bytes.length,
      kind: byte,
      codec,
    }
    this.#file.append(stored)
    this.#addLine(id, line)
    return line
  }

  /** Reads stored bytes back. */
  read(offset: number, length: number): Buffer {
    return this.#file.read(offset, length)
  }

  /** Writes the table and ends the pack. Nothing may be appended after. */
  async complete(): Promise<CompletePack> {
    const { footer, packId } = encodeFooter(this.#lines, this.#count)
    this.#file.append(footer)
    const { sizeBytes, temporary } = this.#file
    await this.#file.complete(packPath(packId))
    this.#lines = Buffer.alloc(0)
    return { packId, temporary, sizeBytes, entries: this.#count }
  }

  /** Deletes what was written. */
  discard(): void {
    this.#file.discard()
  }

  #addLine(id: AnyId, line: TableLine): void {
    const at = this.#count * TABLE_STRIDE
    if (at + TABLE_STRIDE > this.#lines.length) {
      this.#lines = Buffer.concat([this.#lines, Buffer.allocUnsafe(this.#lines.length)])
    }
    this.#lines.write(id, at, ID_BYTES, 'hex')
    writeTableLine(this.#lines, at, line)
    this.#count += 1
  }
}
