import { remoteUnreachable } from '../../errors.ts'
import { adaptiveLimit } from '../shared/adaptive-limit.ts'
import { type RetryOptions, withRetries } from '../shared/with-retries.ts'
import { connectSsh, isConnectRetryable } from './connect-ssh.ts'
import type { SshLogin } from './plan-ssh-login.ts'
import { isConnectionLost, openSftpSession, type SftpSession } from './sftp-session.ts'

/** Settings of {@link sftpLink}. */
export interface SftpLinkOptions {
  /** A connection that answers nothing for so long is given up, in milliseconds; 60,000 by default. */
  readonly stallMs?: number
  /** How long connecting may take, in milliseconds; 20,000 by default. */
  readonly connectMs?: number
  /** How often and how long to try again. */
  readonly retries?: Omit<RetryOptions, 'classify'>
}

/** A connection that is made when it is needed, and made again when it was lost. */
export interface SftpLink {
  /**
   * Runs something that may run twice: when the connection is lost it begins anew over another one, and
   * `attempt` says so.
   */
  use<Result>(run: (session: SftpSession, attempt: number) => Promise<Result>): Promise<Result>
  close(): Promise<void>
}

/** A host that never answered as it should is likelier one that does not speak SFTP. */
const FIRST_ATTEMPTS = 3

/** Returns a link to a host; nothing is connected before it is used. */
export function sftpLink(
  login: SshLogin,
  location: string,
  options: SftpLinkOptions = {},
): SftpLink {
  const { stallMs = 60_000, connectMs = 20_000, retries } = options
  // One connection carries everything; what is limited is how many files are open at once.
  const limit = adaptiveLimit({ isSlowDown: () => false, start: 16, most: 16 })
  let opening: Promise<SftpSession> | undefined
  let wasOpen = false
  let isClosed = false

  async function connect(): Promise<SftpSession> {
    const connection = await connectSsh(login, location, { connectMs })
    try {
      const session = await openSftpSession(connection, location, stallMs)
      wasOpen = true
      return session
    } catch (error) {
      connection.destroy()
      throw isConnectionLost(error)
        ? error
        : remoteUnreachable(location, 'the host offers no SFTP', error)
    }
  }
  async function current(): Promise<SftpSession> {
    if (isClosed) throw new Error(`${location} was closed`)
    const mine = (opening ??= connect())
    try {
      const session = await mine
      if (session.lost === undefined) return session
    } catch (error) {
      if (opening === mine) opening = undefined
      throw error
    }
    if (opening === mine) opening = undefined
    return current()
  }
  /** One classifier for one use. */
  function classifier(): (error: unknown) => 'retry' | 'fail' {
    let failures = 0
    return (error) => {
      failures += 1
      if (!wasOpen && failures >= FIRST_ATTEMPTS) return 'fail'
      if (isConnectionLost(error)) return 'retry'
      return isConnectRetryable(error, wasOpen) ? 'retry' : 'fail'
    }
  }

  return {
    async use(run) {
      try {
        return await withRetries(
          async (attempt) => limit.run(async () => run(await current(), attempt)),
          { ...retries, classify: classifier() },
        )
      } catch (error) {
        if (!isConnectionLost(error)) throw error
        throw remoteUnreachable(location, messageOf(error), error)
      }
    },
    async close() {
      isClosed = true
      const session = await opening?.catch(() => undefined)
      session?.destroy()
    },
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
