import { randomUUID } from 'node:crypto'

import {
  checkStoragePath,
  checkStoragePrefix,
  hashBlob,
  type StorageDriver,
  type StoragePath,
  storageNotFound,
} from '@dsv/store'

import { listSftp } from './list-sftp.ts'
import { parseSftpAddress } from './parse-sftp-address.ts'
import { planSshLogin, type SshLoginContext } from './plan-ssh-login.ts'
import { replaceUnderLock, type SftpLockOptions } from './replace-under-lock.ts'
import { isMissing, sftpStorageError, sftpWriteError } from './sftp-errors.ts'
import {
  deleteFile,
  makeFolder,
  moveOver,
  readFileRange,
  readWholeFile,
  statFile,
  syncFile,
  writeNewFile,
} from './sftp-files.ts'
import { sftpLink, type SftpLinkOptions } from './sftp-link.ts'
import { isConnectionLost, type SftpSession } from './sftp-session.ts'

/** Settings of {@link sftpDriver}. */
export interface SftpDriverOptions extends SftpLinkOptions {
  readonly lock?: SftpLockOptions
}

/** A storage on a host that is reached by SFTP. */
export interface SftpDriver extends StorageDriver {
  /** Ends the connection, which would not keep the process running. */
  close(): Promise<void>
}

/** A request is costly, so small blobs travel in packs. */
const PACK_BELOW_BYTES = 16 * 1024 * 1024

/**
 * Returns the storage at an address of SFTP; nothing is connected before it is used.
 *
 * @throws `DSV_REMOTE_URL_INVALID`, `DSV_REMOTE_OPTION_INVALID`
 */
export function sftpDriver(
  address: string,
  context: SshLoginContext,
  options: SftpDriverOptions = {},
): SftpDriver {
  const { folder, location } = parseSftpAddress(address)
  const link = sftpLink(planSshLogin(address, context), location, options)
  const scratch = `${folder}/local/tmp`
  let unflushed = new Set<string>()

  function fileOf(path: StoragePath): string {
    checkStoragePath(path)
    return `${folder}/${path}`
  }
  async function use<Result>(
    path: StoragePath,
    run: (session: SftpSession) => Promise<Result>,
  ): Promise<Result> {
    try {
      return await link.use(run)
    } catch (error) {
      throw sftpStorageError(error, location, path)
    }
  }
  async function readWhole(path: StoragePath): Promise<Buffer | undefined> {
    const file = fileOf(path)
    return use(path, (session) => readWholeFile(session, file))
  }

  return {
    location,
    localFolder: undefined,
    packBelowBytes: PACK_BELOW_BYTES,
    async read(path) {
      const bytes = await readWhole(path)
      if (bytes === undefined) throw storageNotFound(location, path)
      return bytes
    },
    async readRange(path, offset, length) {
      const file = fileOf(path)
      return use(path, (session) => readFileRange(session, file, offset, length))
    },
    async sizeOf(path) {
      const file = fileOf(path)
      const found = await use(path, (session) => statFile(session, file))
      return found?.isFile() === true ? found.size : undefined
    },
    async write(path, bytes) {
      const file = fileOf(path)
      await use(path, async (session) => {
        try {
          await writeWhole(session, { file, scratch, bytes })
        } catch (error) {
          throw await sftpWriteError(session, error, { location, path, folder }, bytes.length)
        }
      })
      unflushed.add(path)
    },
    async *list(prefix) {
      checkStoragePrefix(prefix)
      try {
        yield* listSftp(link, folder, prefix)
      } catch (error) {
        throw sftpStorageError(error, location, prefix)
      }
    },
    async delete(path) {
      const file = fileOf(path)
      await use(path, (session) => deleteFile(session, file))
      unflushed.delete(path)
    },
    async readVersioned(path) {
      const bytes = await readWhole(path)
      return bytes && { bytes, version: hashBlob(bytes) }
    },
    async replaceIf(path, expected, bytes) {
      const target = fileOf(path)
      const replacement = { location, path, target, scratch, expected, bytes: bytes.slice() }
      try {
        return await replaceUnderLock(link, replacement, options.lock)
      } catch (error) {
        throw sftpStorageError(error, location, path)
      }
    },
    async flush() {
      const pending = unflushed
      unflushed = new Set()
      try {
        await Promise.all(
          [...pending].map((path) => use(path, (session) => syncName(session, fileOf(path)))),
        )
      } catch (error) {
        for (const path of pending) unflushed.add(path)
        throw error
      }
    },
    close: () => link.close(),
  }
}

interface NewFile {
  readonly file: string
  readonly scratch: string
  readonly bytes: Uint8Array
}

/** Writes beside the place and renames. Folders are made when they turn out to be missing. */
async function writeWhole(session: SftpSession, { file, scratch, bytes }: NewFile): Promise<void> {
  const temporary = `${scratch}/${randomUUID()}`
  await withFolder(session, temporary, () => writeNewFile(session, temporary, bytes))
  try {
    await withFolder(session, file, () => moveOver(session, temporary, file))
  } catch (error) {
    if (isConnectionLost(error)) throw error
    // Without posix-rename a file that exists is in the way; what is there may be damaged, so it goes.
    const isInTheWay = !session.canReplace && (await statFile(session, file))?.isFile() === true
    if (isInTheWay) {
      await deleteFile(session, file)
      await moveOver(session, temporary, file)
      return
    }
    await deleteFile(session, temporary)
    throw error
  }
}

async function withFolder(
  session: SftpSession,
  file: string,
  run: () => Promise<void>,
): Promise<void> {
  try {
    await run()
  } catch (error) {
    if (!isMissing(error)) throw error
    await makeFolder(session, file.slice(0, file.lastIndexOf('/')))
    await run()
  }
}

/** Its bytes are durable since it was written; its name is with the journal that a flush writes. */
async function syncName(session: SftpSession, file: string): Promise<void> {
  if (!session.canSync) return
  try {
    await syncFile(session, file)
  } catch (error) {
    // It was deleted meanwhile.
    if (!isMissing(error)) throw error
  }
}
