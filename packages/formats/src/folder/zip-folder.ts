import type { OpenFile } from '@dsv/core'
import { fileNotFound } from '@dsv/core'
import { randomUUID } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { open, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { callbackify } from 'node:util'
import type { Entry, ZipFile } from 'yauzl'
import { fromRandomAccessReaderPromise, openPromise, RandomAccessReader } from 'yauzl'
import { archiveInvalid, fileTooLarge } from '../errors.ts'
import { compareText } from '../shared/compare-text.ts'
import { handleFile, memoryFile } from './open-file.ts'
import type { OpenedFolder } from './open-folder.ts'
import { hasPath, pathsBelow } from './path-list.ts'
import { safePath } from './safe-path.ts'

/** Limits on what an archive may claim. */
export interface ZipLimits {
  /** Default 5,000,000. */
  readonly maxEntries?: number
  /** Bytes of all entries unpacked; default: 200 times the archive, at least 4 GiB. */
  readonly maxTotalBytes?: number
  /** Up to this many bytes an opened entry is held in memory, else in a temporary file; default 16 MiB. */
  readonly memoryBytes?: number
}

const MAX_READ_BYTES = 2 ** 31 - 1

/**
 * Opens a zip file as a folder. Entries are unpacked when they are opened; unpacking stops at the size
 * the directory of the archive claims, and the sum of these is limited.
 *
 * @throws `DSV_ARCHIVE_INVALID` when it is damaged, its entries overlap, or it claims too much;
 *   `DSV_PATH_UNSAFE` when an entry leaves the folder.
 */
export async function zipFolder(file: string, limits: ZipLimits = {}): Promise<OpenedFolder> {
  return openZip(file, openPromise(file, { autoClose: false }), limits)
}

/**
 * Opens a zip file that lies in another folder; the caller closes `source` after it.
 *
 * @param name - What errors call it
 * @throws as {@link zipFolder}
 */
export async function nestedZipFolder(
  source: OpenFile,
  name: string,
  limits: ZipLimits = {},
): Promise<OpenedFolder> {
  const reader = new OpenFileReader(source)
  const zip = fromRandomAccessReaderPromise(reader, source.sizeBytes, { autoClose: false })
  return openZip(name, zip, limits)
}

/** What yauzl wants of a file. */
class OpenFileReader extends RandomAccessReader {
  readonly #source: OpenFile

  constructor(source: OpenFile) {
    super()
    this.#source = source
  }

  override _readStreamForRange(start: number, end: number): Readable {
    return Readable.from(piecesBetween(this.#source, start, end))
  }

  override read(
    buffer: Buffer,
    offset: number,
    length: number,
    position: number,
    callback: (error?: Error) => void,
  ): void {
    const copy = async (): Promise<void> => {
      const bytes = await this.#source.read(position, length)
      if (bytes.length < length) throw new Error('the file ends early')
      buffer.set(bytes, offset)
    }
    callbackify(copy)((error) => callback(error ?? undefined))
  }
}

const PIECE_BYTES = 2 ** 20

async function* piecesBetween(
  source: OpenFile,
  start: number,
  end: number,
): AsyncGenerator<Uint8Array> {
  for (let at = start; at < end; at += PIECE_BYTES) {
    yield Buffer.from(await source.read(at, Math.min(PIECE_BYTES, end - at)))
  }
}

async function openZip(
  file: string,
  opening: Promise<ZipFile>,
  limits: ZipLimits,
): Promise<OpenedFolder> {
  const zip = await opening.catch((error: unknown) => {
    throw archiveInvalid(file, 'cannot be read', error)
  })
  try {
    const entries = await readDirectory(file, zip, limits)
    return folderOver(file, zip, entries, limits.memoryBytes ?? 16 * 2 ** 20)
  } catch (error) {
    zip.close()
    throw error
  }
}

function folderOver(
  file: string,
  zip: ZipFile,
  entries: ReadonlyMap<string, Entry>,
  memoryBytes: number,
): OpenedFolder {
  const paths = [...entries.keys()].toSorted(compareText)
  const find = (name: string): Entry => {
    const entry = entries.get(name)
    if (entry === undefined) throw fileNotFound(name)
    return entry
  }
  return {
    list: async (under) => pathsBelow(paths, under),
    has: async (name) => hasPath(paths, name),
    read: async (name) => {
      const entry = find(name)
      if (entry.uncompressedSize > MAX_READ_BYTES) {
        throw fileTooLarge(name, entry.uncompressedSize, MAX_READ_BYTES)
      }
      return unpackToMemory(file, zip, entry)
    },
    open: async (name) => {
      const entry = find(name)
      if (entry.uncompressedSize > memoryBytes) return unpackToFile(file, zip, entry)
      return memoryFile(await unpackToMemory(file, zip, entry))
    },
    close: async () => zip.close(),
  }
}

async function readDirectory(
  file: string,
  zip: ZipFile,
  limits: ZipLimits,
): Promise<ReadonlyMap<string, Entry>> {
  const maxEntries = limits.maxEntries ?? 5_000_000
  const maxTotal = limits.maxTotalBytes ?? Math.max(4 * 2 ** 30, zip.fileSize * 200)
  if (zip.entryCount > maxEntries) throw archiveInvalid(file, `claims ${zip.entryCount} entries`)
  const entries = new Map<string, Entry>()
  let packed = 0
  let unpacked = 0
  for await (const entry of walk(file, zip)) {
    if (isLeftOut(entry)) continue
    packed += entry.compressedSize
    unpacked += entry.uncompressedSize
    if (packed > zip.fileSize) throw archiveInvalid(file, 'has entries that overlap')
    if (unpacked > maxTotal) throw archiveInvalid(file, `claims more than ${maxTotal} bytes`)
    entries.set(safePath(entry.fileName), entry)
  }
  return entries
}

async function* walk(file: string, zip: ZipFile): AsyncGenerator<Entry> {
  const iterator = zip.eachEntry()[Symbol.asyncIterator]()
  for (;;) {
    const next = await iterator.next().catch((error: unknown) => {
      throw archiveInvalid(file, 'has a damaged directory', error)
    })
    if (next.done === true) return
    yield next.value
  }
}

/** Folders, symbolic links, and what macOS adds. */
function isLeftOut(entry: Entry): boolean {
  const mode = entry.externalFileAttributes >>> 16
  const isLink = (mode & 0o170000) === 0o120000
  const segments = entry.fileName.split('/')
  return (
    isLink ||
    entry.fileName.endsWith('/') ||
    segments[0] === '__MACOSX' ||
    segments.some((segment) => segment === '.git' || segment === '.dsv')
  )
}

async function unpackToMemory(file: string, zip: ZipFile, entry: Entry): Promise<Uint8Array> {
  const pieces: Buffer[] = []
  await unpack(file, zip, entry, async (stream) => {
    for await (const piece of stream) pieces.push(piece)
  })
  return Buffer.concat(pieces)
}

async function unpackToFile(file: string, zip: ZipFile, entry: Entry): Promise<OpenFile> {
  const temporary = path.join(tmpdir(), `dsv-unzip-${randomUUID()}`)
  try {
    await unpack(file, zip, entry, (stream) =>
      pipeline(stream, createWriteStream(temporary, { flags: 'wx', mode: 0o600 })),
    )
    const handle = await open(temporary, 'r')
    return handleFile(handle, entry.uncompressedSize, () => rm(temporary, { force: true }))
  } catch (error) {
    await rm(temporary, { force: true })
    throw error
  }
}

async function unpack(
  file: string,
  zip: ZipFile,
  entry: Entry,
  consume: (stream: AsyncIterable<Buffer> & NodeJS.ReadableStream) => Promise<void>,
): Promise<void> {
  if (entry.isEncrypted()) throw archiveInvalid(file, `has the encrypted entry ${entry.fileName}`)
  try {
    await consume(await zip.openReadStreamPromise(entry))
  } catch (error) {
    throw archiveInvalid(file, `has the damaged entry ${entry.fileName}`, error)
  }
}
