import path from 'node:path'

import { systemErrorCode } from '../dsv-error.ts'
import { storageError, withFile, writeFully } from '../driver/file-system.ts'
import { type FolderDriver, isFolderDriver } from '../driver/folder-driver.ts'
import type { StorageDriver } from '../driver/storage-driver.ts'
import type { AnyId, BlobId } from '../hash/object-id.ts'
import { type AppendFile, createAppendFile } from '../pack/append-file.ts'
import { type EntryKind, kindToByte } from '../pack/entry-kind.ts'
import type { EntryPlace } from '../pack/index-format.ts'
import type { OpenFiles } from '../pack/open-files.ts'
import { PackWriter } from '../pack/pack-writer.ts'
import { blobPath, packPath } from '../pack/storage-layout.ts'
import { BackgroundWork } from './background-work.ts'

/** When a pack is full. */
export interface PackLimits {
  readonly sizeBytes: number
  readonly entries: number
}

/** A place that unsealed objects are in: a pack that is complete, or a folder of files named by id. */
export type CompleteSource =
  | { readonly type: 'pack'; readonly packId: string; readonly temporary: string | undefined }
  | { readonly type: 'files'; readonly folder: string | undefined }

type Source = CompleteSource | { readonly type: 'writer'; readonly writer: PackWriter }

/** One entry whose bytes lie in a file of their own. */
export interface UnsealedFile {
  readonly id: AnyId
  readonly source: number
}

/**
 * The files that a session writes: packs that grow, and blobs as files of their own. In a folder they
 * lie in a temporary folder until {@link UnsealedFiles.publish}; elsewhere they get their names at
 * once, which harms nobody because no index names them.
 */
export class UnsealedFiles {
  readonly #driver: StorageDriver
  readonly #limits: PackLimits
  readonly #sources: Source[] = []
  readonly #growing = new Map<'media' | 'metadata', number>()
  readonly #folders: string[] = []
  readonly #uploads = new BackgroundWork(UPLOADS)
  #ownFolder: string | undefined
  #ownFiles: number | undefined
  #made = 0

  constructor(driver: StorageDriver, limits: PackLimits) {
    this.#driver = driver
    this.#limits = limits
  }

  /** Puts a payload into the pack of its sort; the `pack` of the place is the number of the source. */
  async append(kind: EntryKind, id: AnyId, bytes: Uint8Array): Promise<EntryPlace> {
    const sort = kind === 'blob' ? 'media' : 'metadata'
    const last = this.#growing.get(sort)
    if (last !== undefined && this.#isFull(this.#writerAt(last), bytes.length)) {
      await this.#completePack(sort)
    }
    let number = this.#growing.get(sort)
    if (number === undefined) {
      const writer = new PackWriter(this.#driver, this.#temporary())
      number = this.#sources.push({ type: 'writer', writer }) - 1
      this.#growing.set(sort, number)
    }
    return { ...this.#writerAt(number).append(kind, id, bytes), pack: number }
  }

  /** Writes a blob as a file of its own. */
  async writeFile(id: BlobId, bytes: Uint8Array): Promise<EntryPlace> {
    const driver = this.#driver
    if (isFolderDriver(driver)) {
      const file = path.join(this.#folderOf(driver), id)
      guarded(file, () =>
        withFile(driver.files, file, 'w', (descriptor) =>
          writeFully(driver.files, descriptor, bytes),
        ),
      )
    } else {
      // The caller may use its buffer again.
      const copy = Uint8Array.from(bytes)
      await this.#uploads.begin(async () => driver.write(blobPath(id), copy))
    }
    return this.#placeOfFile(bytes.length)
  }

  /** Returns a file to collect a blob in whose id is not known yet. */
  createSpool(): AppendFile {
    return createAppendFile(this.#driver, this.#temporary())
  }

  /** Makes a spool the file of a blob. */
  async keepSpool(id: BlobId, spool: AppendFile): Promise<EntryPlace> {
    const driver = this.#driver
    const { sizeBytes, temporary } = spool
    if (!isFolderDriver(driver) || temporary === undefined) {
      await this.#uploads.begin(async () => spool.complete(blobPath(id)))
    } else {
      await spool.complete(blobPath(id))
      const file = path.join(this.#folderOf(driver), id)
      guarded(file, () => driver.files.rename(temporary, file))
    }
    return this.#placeOfFile(sizeBytes)
  }

  /** Reads stored bytes back. */
  async read(id: AnyId, place: EntryPlace, files: OpenFiles): Promise<Uint8Array> {
    const source = this.#sources[place.pack]
    if (source === undefined) throw new Error(`There is no source ${place.pack}.`)
    const { offset, storedLength } = place
    if (source.type === 'writer') return source.writer.read(offset, storedLength)
    if (source.type === 'files') {
      if (source.folder !== undefined)
        return files.readAbsolute(path.join(source.folder, id), 0, storedLength)
      await this.#uploads.finish()
      return this.#driver.readRange(blobPath(id), 0, storedLength)
    }
    return source.temporary === undefined
      ? files.read(packPath(source.packId), offset, storedLength)
      : files.readAbsolute(source.temporary, offset, storedLength)
  }

  /** Returns the id of the pack a source is, or undefined when it is a folder of files. */
  packIdOf(number: number): string | undefined {
    const source = this.#sources[number]
    if (source?.type === 'writer') throw new Error('The pack is not complete.')
    return source?.type === 'pack' ? source.packId : undefined
  }

  /** Ends all packs that grow. */
  async complete(): Promise<void> {
    await Promise.all([this.#completePack('media'), this.#completePack('metadata')])
    await this.#uploads.finish()
  }

  /** Returns the sources from a number on, all complete, for another session. */
  completeFrom(number: number): readonly CompleteSource[] {
    return this.#sources.slice(number).map((source) => {
      if (source.type === 'writer') throw new Error('A pack is not complete.')
      return source
    })
  }

  /** Takes sources of another session; returns the number that its first has here. */
  take(sources: readonly CompleteSource[], folders: readonly string[]): number {
    const first = this.#sources.length
    this.#sources.push(...sources)
    this.#folders.push(...folders)
    return first
  }

  /** Number of sources. */
  get count(): number {
    return this.#sources.length
  }

  /** The temporary folders in use. */
  get folders(): readonly string[] {
    return this.#folders
  }

  /**
   * Flushes what lies in the temporary folders and moves it to its names; the moves are durable after the
   * next flush. The order matters: a name never stands for bytes that a power cut could lose.
   */
  async publish(unsealed: readonly UnsealedFile[]): Promise<void> {
    const driver = this.#driver
    if (!isFolderDriver(driver)) return
    const moves = [...this.#packMoves(), ...unsealed.map((file) => this.#fileMove(file))]
    driver.noteUnflushed(moves.map((move) => move.temporary))
    await driver.flush()
    for (const { temporary, to } of moves) driver.adopt(temporary, to)
    this.#sources.forEach((source, number) => {
      if (source.type === 'pack') this.#sources[number] = { ...source, temporary: undefined }
      if (source.type === 'files') this.#sources[number] = { ...source, folder: undefined }
    })
    this.#ownFiles = undefined
    this.#ownFolder = undefined
    this.#removeFolders(driver)
  }

  /** Deletes everything that has no name yet. */
  async discard(): Promise<void> {
    await this.#uploads.settle()
    for (const source of this.#sources) if (source.type === 'writer') source.writer.discard()
    if (isFolderDriver(this.#driver)) this.#removeFolders(this.#driver)
  }

  #isFull(writer: PackWriter, more: number): boolean {
    if (writer.entries === 0) return false
    return (
      writer.sizeBytes + more > this.#limits.sizeBytes || writer.entries >= this.#limits.entries
    )
  }

  #writerAt(number: number): PackWriter {
    const source = this.#sources[number]
    if (source?.type !== 'writer') throw new Error(`Source ${number} does not grow.`)
    return source.writer
  }

  /** Others may append while this waits, so the pack stops growing first. */
  async #completePack(sort: 'media' | 'metadata'): Promise<void> {
    const number = this.#growing.get(sort)
    if (number === undefined) return
    this.#growing.delete(sort)
    await this.#uploads.begin(async () => this.#completeSource(number))
  }

  async #completeSource(number: number): Promise<void> {
    const { packId, temporary } = await this.#writerAt(number).complete()
    this.#sources[number] = { type: 'pack', packId, temporary }
  }

  #placeOfFile(sizeBytes: number): EntryPlace {
    this.#ownFiles ??= this.#sources.push({ type: 'files', folder: this.#ownFolder }) - 1
    const pack = this.#ownFiles
    return { pack, offset: 0, storedLength: sizeBytes, rawLength: sizeBytes, kind: FILE, codec: 0 }
  }

  #folderOf(driver: FolderDriver): string {
    if (this.#ownFolder !== undefined) return this.#ownFolder
    const folder = driver.temporaryFile()
    guarded(folder, () => driver.files.createFolder(folder))
    this.#ownFolder = folder
    this.#folders.push(folder)
    return folder
  }

  #temporary(): string | undefined {
    if (!isFolderDriver(this.#driver)) return undefined
    this.#made += 1
    return path.join(this.#folderOf(this.#driver), `pack-${this.#made}`)
  }

  #packMoves(): { readonly temporary: string; readonly to: string }[] {
    return this.#sources.flatMap((source) =>
      source.type === 'pack' && source.temporary !== undefined
        ? [{ temporary: source.temporary, to: packPath(source.packId) }]
        : [],
    )
  }

  #fileMove({ id, source }: UnsealedFile): { readonly temporary: string; readonly to: string } {
    const files = this.#sources[source]
    if (files?.type !== 'files' || files.folder === undefined) {
      throw new Error(`The file of ${id} has its name already.`)
    }
    return { temporary: path.join(files.folder, id), to: blobPath(id) }
  }

  #removeFolders(driver: FolderDriver): void {
    for (const folder of this.#folders.splice(0)) removeFolder(driver, folder)
  }
}

const FILE = kindToByte('blob')
/** Packs and files that go to the storage at the same time; each lies in memory meanwhile. */
const UPLOADS = 3

function guarded<Result>(file: string, run: () => Result): Result {
  try {
    return run()
  } catch (error) {
    throw storageError(error, file)
  }
}

function removeFolder(driver: FolderDriver, folder: string): void {
  try {
    for (const { name } of driver.files.list(folder)) driver.files.unlink(path.join(folder, name))
    driver.files.removeFolder(folder)
  } catch (error) {
    // What stays is one of the temporary files that gc removes.
    if (systemErrorCode(error) === undefined) throw error
  }
}
