import type { FileEntryWithStats, Stats } from 'ssh2'

import { isMissing, SFTP_STATUS, sftpStatus } from './sftp-errors.ts'
import { isConnectionLost, type SftpSession } from './sftp-session.ts'

/**
 * Bytes of one read or write. Servers need not take packets of more than 34,000 bytes (draft-ietf-secsh-
 * filexfer-02, 3), and ssh2 cuts larger ones into pieces that wait for each other.
 */
const CHUNK_BYTES = 31 * 1024
/** As many as the window of the channel in ssh2 holds, 2 MiB. */
const AT_ONCE = 64
/** A server may answer a read with fewer bytes, but not with next to none for ever. */
const SHORT_READS = 64
/** No file of a repository is larger: blobs are stored in chunks, packs and indexes have targets. */
const FILE_BYTES = 2 ** 31
/** More names in one folder than any repository has. */
const MOST_NAMES = 4_000_000

/** Reads a whole file; undefined when there is none. The size it has when it is opened counts. */
export async function readWholeFile(
  session: SftpSession,
  file: string,
): Promise<Buffer | undefined> {
  try {
    return await withHandle(session, file, 'r', async (handle) => {
      const sizeBytes = await sizeOfHandle(session, handle)
      if (sizeBytes > FILE_BYTES) throw new Error(`it has ${sizeBytes} bytes`)
      const bytes = await readSpan(session, handle, 0, sizeBytes)
      if (bytes.length < sizeBytes) {
        throw new Error(`it ends after ${bytes.length} of ${sizeBytes} bytes`)
      }
      return bytes
    })
  } catch (error) {
    if (isMissing(error)) return undefined
    throw error
  }
}

/** Reads a part of a file, as `StorageDriver.readRange` does. */
export async function readFileRange(
  session: SftpSession,
  file: string,
  offset: number,
  length: number,
): Promise<Buffer> {
  return withHandle(session, file, 'r', async (handle) => {
    if (offset >= 0) return readSpan(session, handle, offset, length)
    const from = Math.max(0, (await sizeOfHandle(session, handle)) + offset)
    return readSpan(session, handle, from, length)
  })
}

/** Writes a file anew and makes its bytes durable where the server can. */
export async function writeNewFile(
  session: SftpSession,
  file: string,
  bytes: Uint8Array,
): Promise<void> {
  await withHandle(session, file, 'w', async (handle) => {
    const all = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    await inChunks(all.length, async (at, size) => {
      await session.call((sftp, done) =>
        sftp.write(handle, all, at, size, at, (error) => done(error)),
      )
      return size
    })
    await syncHandle(session, handle)
  })
}

/** Makes a file, and by the journal of most file systems its name, durable where the server can. */
export async function syncFile(session: SftpSession, file: string): Promise<void> {
  await withHandle(session, file, 'r', (handle) => syncHandle(session, handle))
}

/** Returns what a path names, links followed; undefined when there is nothing. */
export async function statFile(session: SftpSession, file: string): Promise<Stats | undefined> {
  return unlessMissing(session.ask<Stats>((sftp, done) => sftp.stat(file, done)))
}

/** Returns what a path names, a link as such; undefined when there is nothing. */
export async function lstatFile(session: SftpSession, file: string): Promise<Stats | undefined> {
  return unlessMissing(session.ask<Stats>((sftp, done) => sftp.lstat(file, done)))
}

/** Returns the names in a folder that can be parts of a path; undefined when there is no such folder. */
export async function namesInFolder(
  session: SftpSession,
  folder: string,
): Promise<FileEntryWithStats[] | undefined> {
  const handle = await unlessMissing(
    session.ask<Buffer>((sftp, done) => sftp.opendir(folder, done)),
  )
  if (handle === undefined) return undefined
  const found: FileEntryWithStats[] = []
  try {
    for (;;) {
      const some = await unlessEnd(
        session.ask<FileEntryWithStats[]>((sftp, done) => sftp.readdir(handle, done)),
      )
      if (some === undefined || some.length === 0) return found
      for (const each of some) if (isPlainName(each.filename)) found.push(each)
      if (found.length > MOST_NAMES) throw new Error(`${folder} has over ${MOST_NAMES} names`)
    }
  } finally {
    closeLater(session, handle)
  }
}

/** Makes a folder and those above it; one that exists is no error. */
export async function makeFolder(session: SftpSession, folder: string): Promise<void> {
  try {
    await session.call((sftp, done) => sftp.mkdir(folder, done))
  } catch (error) {
    if (isConnectionLost(error)) throw error
    // What a server answers for a folder that exists differs, so it is looked at.
    if ((await statFile(session, folder))?.isDirectory() === true) return
    const above = folder.slice(0, folder.lastIndexOf('/'))
    if (!isMissing(error) || above === '') throw error
    await makeFolder(session, above)
    await makeFolderBeside(session, folder)
  }
}

/** Moves a file or folder; what lies there already is replaced where the server can. */
export async function moveOver(session: SftpSession, from: string, to: string): Promise<void> {
  await session.call((sftp, done) => {
    if (session.canReplace) sftp.ext_openssh_rename(from, to, done)
    else sftp.rename(from, to, done)
  })
}

/** Deletes a file; one that is already gone is no error. */
export async function deleteFile(session: SftpSession, file: string): Promise<void> {
  await unlessMissing(session.call((sftp, done) => sftp.unlink(file, done)))
}

/** Deletes a folder if it is empty; any answer will do. */
export async function deleteEmptyFolder(session: SftpSession, folder: string): Promise<void> {
  try {
    await session.call((sftp, done) => sftp.rmdir(folder, done))
  } catch (error) {
    if (sftpStatus(error) === undefined) throw error
  }
}

/** The folder above exists now; somebody else may make this one meanwhile. */
async function makeFolderBeside(session: SftpSession, folder: string): Promise<void> {
  try {
    await session.call((sftp, done) => sftp.mkdir(folder, done))
  } catch (error) {
    if (isConnectionLost(error)) throw error
    if ((await statFile(session, folder))?.isDirectory() !== true) throw error
  }
}

async function withHandle<Result>(
  session: SftpSession,
  file: string,
  flags: 'r' | 'w',
  use: (handle: Buffer) => Promise<Result>,
): Promise<Result> {
  const handle = await session.ask<Buffer>((sftp, done) => sftp.open(file, flags, done))
  let result: Result
  try {
    result = await use(handle)
  } catch (error) {
    closeLater(session, handle)
    throw error
  }
  // Some servers find out that a disk is full only when a file is closed.
  if (flags === 'w') await session.call((sftp, done) => sftp.close(handle, done))
  else closeLater(session, handle)
  return result
}

/** A handle that was read from needs no answer. */
function closeLater(session: SftpSession, handle: Buffer): void {
  void session
    .call((sftp, done) => sftp.close(handle, () => done(undefined)))
    .catch(() => undefined)
}

async function syncHandle(session: SftpSession, handle: Buffer): Promise<void> {
  if (!session.canSync) return
  await session.call((sftp, done) => sftp.ext_openssh_fsync(handle, (error) => done(error)))
}

async function sizeOfHandle(session: SftpSession, handle: Buffer): Promise<number> {
  const { size } = await session.ask<Stats>((sftp, done) => sftp.fstat(handle, done))
  if (!Number.isSafeInteger(size) || size < 0) throw new Error('the server gives it no size')
  return size
}

/** Reads up to `length` bytes; memory grows with what arrives, not with what is claimed. */
async function readSpan(
  session: SftpSession,
  handle: Buffer,
  from: number,
  length: number,
): Promise<Buffer> {
  const parts: { readonly at: number; readonly bytes: Buffer }[] = []
  const end = await inChunks(length, async (at, size) => {
    const bytes = await readChunk(session, handle, from + at, size)
    parts.push({ at, bytes })
    return bytes.length
  })
  const inOrder = parts.filter(({ at }) => at < end).toSorted((a, b) => a.at - b.at)
  return Buffer.concat(inOrder.map(({ bytes }) => bytes))
}

async function readChunk(
  session: SftpSession,
  handle: Buffer,
  from: number,
  size: number,
): Promise<Buffer> {
  const chunk = Buffer.allocUnsafe(size)
  let filled = 0
  for (let reads = 0; filled < size; reads += 1) {
    if (reads === SHORT_READS) throw new Error('the server sends next to nothing at a time')
    const rest = size - filled
    const count = await session.ask<number>((sftp, done) =>
      sftp.read(handle, chunk.subarray(filled), 0, rest, from + filled, done),
    )
    if (count === 0) break
    if (count > rest) throw new Error('the server sends more than it was asked for')
    filled += count
  }
  return chunk.subarray(0, filled)
}

/**
 * Does `length` bytes in chunks, many under way at once. Returns where it ended: a chunk that did fewer
 * bytes than it should is the last.
 */
async function inChunks(
  length: number,
  run: (at: number, size: number) => Promise<number>,
): Promise<number> {
  let next = 0
  let end = length
  async function work(): Promise<void> {
    while (next < end) {
      const at = next
      const size = Math.min(CHUNK_BYTES, end - at)
      next += size
      try {
        const done = await run(at, size)
        if (done < size) end = Math.min(end, at + done)
      } catch (error) {
        next = Number.POSITIVE_INFINITY
        throw error
      }
    }
  }
  const workers = Math.min(AT_ONCE, Math.ceil(length / CHUNK_BYTES))
  await Promise.all(Array.from({ length: workers }, work))
  return end
}

async function unlessMissing<Result>(answer: Promise<Result>): Promise<Result | undefined> {
  try {
    return await answer
  } catch (error) {
    if (isMissing(error)) return undefined
    throw error
  }
}

async function unlessEnd<Result>(answer: Promise<Result>): Promise<Result | undefined> {
  try {
    return await answer
  } catch (error) {
    if (sftpStatus(error) === SFTP_STATUS.eof) return undefined
    throw error
  }
}

/** A hostile server could name files that lie elsewhere. */
function isPlainName(name: string): boolean {
  // eslint-disable-next-line no-control-regex -- a NUL is what is looked for
  return name !== '' && name !== '.' && name !== '..' && !/[/\\:\0]/.test(name)
}
