import type { SFTPWrapper } from 'ssh2'

import { remoteStalled } from '../../errors.ts'
import type { SshConnection } from './connect-ssh.ts'

/** The answer of a request to {@link SftpSession.call}: an error, or what was asked for. */
export type SftpCallback<Result> = (error: unknown, result?: Result) => void

/** Requests over one connection, many at once. */
export interface SftpSession {
  /** Whether the server can replace a file at once. */
  readonly canReplace: boolean
  /** Whether the server can make a file durable. */
  readonly canSync: boolean
  /** How many files may be open at once. */
  readonly openFiles: number
  /** Undefined while the connection works. */
  readonly lost: Error | undefined
  /** Sends a request. Rejects with {@link isConnectionLost} when the connection ends before its answer. */
  call(start: (sftp: SFTPWrapper, done: SftpCallback<void>) => void): Promise<void>
  /** Sends a request whose answer has a result. */
  ask<Result>(start: (sftp: SFTPWrapper, done: SftpCallback<Result>) => void): Promise<Result>
  destroy(): void
}

/** Returns whether a request failed with its connection: what it did over there is not known. */
export function isConnectionLost(error: unknown): boolean {
  return (
    typeof error === 'object' && error !== null && 'code' in error && error.code === CONNECTION_LOST
  )
}

const CONNECTION_LOST = 'SFTP_CONNECTION_LOST'

/**
 * Opens SFTP over a connection. It does not keep the process running while no request is under way, and
 * ends when the server answers none of those that are for `stallMs`.
 */
export async function openSftpSession(
  connection: SshConnection,
  location: string,
  stallMs: number,
): Promise<SftpSession> {
  const { client, socket } = connection
  const waiting = new Set<(error: Error) => void>()
  let lost: Error | undefined
  let watch: NodeJS.Timeout | undefined

  function lose(cause: unknown): void {
    lost ??= connectionLost(cause)
    clearTimeout(watch)
    for (const reject of waiting) reject(lost)
    waiting.clear()
    connection.destroy()
  }
  /** Restarted by each answer; stopped when there is none to wait for. */
  function watchAgain(): void {
    clearTimeout(watch)
    if (waiting.size === 0) {
      socket.unref()
    } else {
      socket.ref()
      watch = setTimeout(() => lose(remoteStalled(location, stallMs)), stallMs)
    }
  }
  async function answered<Result>(
    start: (done: SftpCallback<Result>) => void,
  ): Promise<Result | undefined> {
    if (lost !== undefined) throw lost
    return new Promise((resolve, reject) => {
      waiting.add(reject)
      if (waiting.size === 1) watchAgain()
      const finish = (error: unknown, result?: Result): void => {
        if (!waiting.delete(reject)) return
        watchAgain()
        if (error === undefined || error === null) resolve(result)
        else reject(answerError(error))
      }
      try {
        start(finish)
      } catch (error) {
        finish(error)
      }
    })
  }

  client.on('error', (error) => {
    if (error.level !== 'agent') lose(error)
  })
  client.on('close', () => lose(new Error('the host closed the connection')))
  const sftp = await answered<SFTPWrapper>((done) => client.sftp(done))
  if (sftp === undefined) throw new Error('ssh2 gave no session')
  sftp.on('error', lose)
  sftp.on('close', () => lose(new Error('the host ended SFTP')))
  return {
    canReplace: hasExtension(sftp, 'posix-rename@openssh.com'),
    canSync: hasExtension(sftp, 'fsync@openssh.com'),
    openFiles: openFilesOf(sftp),
    get lost() {
      return lost
    },
    call: async (start) => answered<void>((done) => start(sftp, done)),
    async ask<Result>(start: (sftp: SFTPWrapper, done: SftpCallback<Result>) => void) {
      const result = await answered<Result>((done) => start(sftp, done))
      if (result === undefined) throw new Error('the server gave no result')
      return result
    },
    destroy: () => lose(new Error('closed')),
  }
}

function connectionLost(cause: unknown): Error {
  const why = cause instanceof Error ? cause.message : String(cause)
  return Object.assign(new Error(`the connection was lost: ${why}`, { cause }), {
    code: CONNECTION_LOST,
  })
}

/** ssh2 says so of requests whose channel ended; a server that answers it means nothing else. */
function answerError(error: unknown): unknown {
  if (typeof error !== 'object' || error === null || !('message' in error)) return error
  const isCut =
    !('code' in error) && /No response from server|Not connected/.test(String(error.message))
  return isCut ? connectionLost(error) : error
}

/** ssh2 keeps what the server offers to itself. */
function hasExtension(sftp: SFTPWrapper, name: string): boolean {
  if (!('_extensions' in sftp)) return false
  // eslint-disable-next-line no-underscore-dangle -- there is no other way to know before asking
  const offered = sftp._extensions
  return typeof offered === 'object' && offered !== null && Object.hasOwn(offered, name)
}

/** Some servers allow few; OpenSSH says how many. */
function openFilesOf(sftp: SFTPWrapper): number {
  const most = 'maxOpenHandles' in sftp ? sftp.maxOpenHandles : undefined
  return typeof most === 'number' && most > 0 ? Math.max(1, Math.min(32, most - 4)) : 32
}
