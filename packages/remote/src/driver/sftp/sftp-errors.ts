import { isDsvError, storageDenied, storageFailed, storageFull, storageNotFound } from '@dsv/store'

import type { SftpSession } from './sftp-session.ts'
import { isConnectionLost } from './sftp-session.ts'

/** Status codes of SFTP: those of version 3, and of later drafts that some servers send nevertheless. */
export const SFTP_STATUS = {
  eof: 1,
  noSuchFile: 2,
  permissionDenied: 3,
  failure: 4,
  unsupported: 8,
  noSuchPath: 10,
  writeProtected: 12,
  noSpace: 14,
  quotaExceeded: 15,
} as const

/** Returns the status that a server answered, or undefined for any other error. */
export function sftpStatus(error: unknown): number | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined
  return typeof error.code === 'number' ? error.code : undefined
}

/** Returns whether an answer says that there is no such file or folder. */
export function isMissing(error: unknown): boolean {
  const status = sftpStatus(error)
  return status === SFTP_STATUS.noSuchFile || status === SFTP_STATUS.noSuchPath
}

/** Returns the error of a storage for an answer. That of a lost connection stays, to be tried again. */
export function sftpStorageError(error: unknown, location: string, path: string): unknown {
  if (isDsvError(error) || isConnectionLost(error)) return error
  const file = `${location}/${path}`
  switch (sftpStatus(error)) {
    case SFTP_STATUS.noSuchFile:
    case SFTP_STATUS.noSuchPath:
      return storageNotFound(location, path)
    case SFTP_STATUS.permissionDenied:
    case SFTP_STATUS.writeProtected:
      return storageDenied(file, error)
    case SFTP_STATUS.noSpace:
    case SFTP_STATUS.quotaExceeded:
      return storageFull(file, error)
    case undefined:
    default:
      return storageFailed(file, error)
  }
}

/** Less than this left counts as full: others write too, and names need room as well. */
const SPARE_BYTES = 64 * 1024

/**
 * Returns the error of a write that failed. In version 3 of SFTP a full disk is nothing but a failure, so
 * the server is asked how much room there is.
 */
export async function sftpWriteError(
  session: SftpSession,
  error: unknown,
  place: { readonly location: string; readonly path: string; readonly folder: string },
  neededBytes: number,
): Promise<unknown> {
  if (sftpStatus(error) === SFTP_STATUS.failure) {
    const free = await freeBytes(session, place.folder)
    if (free !== undefined && free < neededBytes + SPARE_BYTES) {
      return storageFull(`${place.location}/${place.path}`, error)
    }
  }
  return sftpStorageError(error, place.location, place.path)
}

/** Undefined when the server cannot tell. */
async function freeBytes(session: SftpSession, folder: string): Promise<number | undefined> {
  try {
    const found = await session.ask<unknown>((sftp, done) => sftp.ext_openssh_statvfs(folder, done))
    if (typeof found !== 'object' || found === null) return undefined
    if (!('f_bavail' in found) || !('f_frsize' in found)) return undefined
    const bytes = Number(found.f_bavail) * Number(found.f_frsize)
    return Number.isFinite(bytes) ? bytes : undefined
  } catch (error) {
    if (isConnectionLost(error)) throw error
    return undefined
  }
}
