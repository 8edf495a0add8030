import fs from 'node:fs'
import net from 'node:net'
import type { Duplex } from 'node:stream'

import { isDsvError, systemErrorCode } from '@dsv/store'
import type { AnyAuthMethod, Client, ConnectConfig, ServerHostKeyAlgorithm } from 'ssh2'

import {
  remoteCredentialsMissing,
  remoteCredentialsRejected,
  remoteUnreachable,
  sshHostChanged,
  sshHostUnknown,
} from '../../errors.ts'
import {
  checkHostKey,
  fingerprintOf,
  keyTypeOf,
  type KnownHost,
  knownKeyTypes,
  parseKnownHosts,
} from './known-hosts.ts'
import type { SshLogin } from './plan-ssh-login.ts'

/** A connection to a host, perhaps through others. */
export interface SshConnection {
  readonly client: Client
  /** The connection that leaves this machine: it alone can keep the process running. */
  readonly socket: net.Socket
  /** Ends it and those it goes through. */
  destroy(): void
}

/** Settings of {@link connectSsh}. */
export interface ConnectSshOptions {
  /** How long connecting to one host may take, in milliseconds; 20,000 by default. */
  readonly connectMs?: number
}

/**
 * Connects and logs in.
 *
 * @throws `DSV_SSH_HOST_UNKNOWN`, `DSV_SSH_HOST_CHANGED`, `DSV_REMOTE_CREDENTIALS_MISSING`,
 *   `DSV_REMOTE_CREDENTIALS_REJECTED`, `DSV_REMOTE_UNREACHABLE`
 */
export async function connectSsh(
  login: SshLogin,
  location: string,
  options: ConnectSshOptions = {},
): Promise<SshConnection> {
  const { connectMs = 20_000 } = options
  const hops = [...login.jumps, login]
  const [first = login] = hops
  const socket = net.connect({ host: first.host, port: first.port })
  // Tells a line that was cut from one that is silent, without a timer of ours.
  socket.setKeepAlive(true, 15_000)
  socket.setNoDelay(true)
  let fault: Error | undefined
  // It may fail while the client is still being loaded: without a listener that would end the process.
  socket.on('error', (error) => (fault ??= error))
  const clients: Client[] = []
  const destroy = (): void => {
    for (const client of clients.toReversed()) client.destroy()
    socket.destroy()
  }
  try {
    let through: Duplex = socket
    for (const [index, hop] of hops.entries()) {
      const client = await logIn(hop, through, { location, connectMs })
      clients.push(client)
      const next = hops[index + 1]
      if (next === undefined) return { client, socket, destroy }
      through = await forward(client, next)
    }
    throw new Error('a login without a host')
  } catch (error) {
    destroy()
    throw connectError(isDsvError(error) ? error : (fault ?? error), location)
  }
}

/**
 * Returns whether connecting again may help. Before a host was ever reached, an address that is wrong is
 * likelier than a fault that passes.
 */
export function isConnectRetryable(error: unknown, wasReached: boolean): boolean {
  if (!isDsvError(error, 'DSV_REMOTE_UNREACHABLE')) return false
  const { cause } = error
  const isDisagreement = cause instanceof Error && 'level' in cause && cause.level === 'handshake'
  return !isDisagreement && (wasReached || !LASTING.has(systemErrorCode(cause) ?? ''))
}

const LASTING = new Set([
  'ENOTFOUND',
  'ECONNREFUSED',
  'EACCES',
  'EINVAL',
  'EHOSTUNREACH',
  'ETIMEDOUT',
])

interface LogInContext {
  readonly location: string
  readonly connectMs: number
}

async function logIn(login: SshLogin, sock: Duplex, context: LogInContext): Promise<Client> {
  const { default: ssh2 } = await import('ssh2')
  const lines = login.knownHostsFiles.flatMap((file) => parseKnownHosts(readText(file)))
  const { methods, tried } = await authMethods(login)
  const client = new ssh2.Client()
  let refusal: Error | undefined
  const config: ConnectConfig = {
    sock,
    username: login.user,
    readyTimeout: context.connectMs,
    algorithms: {
      serverHostKey: { append: [], prepend: wantedAlgorithms(lines, login), remove: [] },
    },
    authHandler: methods,
    hostVerifier: (key: Buffer) => {
      refusal = refuseHost(lines, login, key)
      return refusal === undefined
    },
  }
  return new Promise((resolve, reject) => {
    client.once('ready', () => resolve(client))
    // Stays: an error after the login is told by `close`, and without a listener it would end the process.
    client.on('error', (error) => {
      // Without an agent the next method has its turn.
      if (error.level !== 'agent') reject(refusal ?? loginError(error, login, context, tried))
    })
    client.once('close', () => reject(new Error('the host closed the connection')))
    if (sock.destroyed) reject(new Error('the host closed the connection'))
    // Before the handshake the client does not tell.
    sock.once('close', () => reject(new Error('the host closed the connection')))
    client.connect(config)
  })
}

async function forward(client: Client, next: SshLogin): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    client.forwardOut('127.0.0.1', 0, next.host, next.port, (error, channel) => {
      if (error === undefined) resolve(channel)
      else reject(error)
    })
  })
}

/** Returns why a host may not be trusted, or undefined when its key is the right one. */
function refuseHost(lines: readonly KnownHost[], login: SshLogin, key: Buffer): Error | undefined {
  const fingerprint = fingerprintOf(key)
  const host = login.knownName
  const state = checkHostKey(lines, host, key)
  if (state === 'revoked') return sshHostChanged(host, fingerprint, 'is revoked in known_hosts')
  if (login.pinnedKey !== undefined) {
    if (login.pinnedKey === fingerprint) return undefined
    return sshHostChanged(
      host,
      fingerprint,
      `is not the one of option host-key, ${login.pinnedKey}`,
    )
  }
  if (state === 'known') return undefined
  if (state === 'changed') return sshHostChanged(host, fingerprint, 'is not the one in known_hosts')
  return sshHostUnknown(host, fingerprint, `${host} ${keyTypeOf(key)} ${key.toString('base64')}`)
}

const ALGORITHMS: Readonly<Record<string, readonly ServerHostKeyAlgorithm[]>> = {
  'ssh-ed25519': ['ssh-ed25519'],
  'ecdsa-sha2-nistp256': ['ecdsa-sha2-nistp256'],
  'ecdsa-sha2-nistp384': ['ecdsa-sha2-nistp384'],
  'ecdsa-sha2-nistp521': ['ecdsa-sha2-nistp521'],
  'ssh-rsa': ['rsa-sha2-512', 'rsa-sha2-256', 'ssh-rsa'],
}

/** A host with several keys should show one that is known. */
function wantedAlgorithms(lines: readonly KnownHost[], login: SshLogin): ServerHostKeyAlgorithm[] {
  return knownKeyTypes(lines, login.knownName).flatMap((type) => ALGORITHMS[type] ?? [])
}

/** Returns what to log in with, and words for it. */
async function authMethods(
  login: SshLogin,
): Promise<{ readonly methods: AnyAuthMethod[]; readonly tried: string[] }> {
  const { default: ssh2 } = await import('ssh2')
  const { user: username, passphrase, password, agent } = login
  const methods: AnyAuthMethod[] = [{ type: 'none', username }]
  const tried: string[] = []
  for (const file of login.identityFiles) {
    const text = readText(file)
    if (text === '') continue
    const key = ssh2.utils.parseKey(text, passphrase)
    if (key instanceof Error || Array.isArray(key)) {
      tried.push(`${file} (not usable: ${key instanceof Error ? key.message : 'several keys'})`)
    } else if (key.isPrivateKey()) {
      methods.push({ type: 'publickey', username, key })
      tried.push(file)
    }
  }
  if (agent !== undefined && agent !== '') {
    methods.push({ type: 'agent', username, agent })
    tried.push('the ssh-agent')
  }
  if (password !== undefined) {
    methods.push({ type: 'password', username, password })
    methods.push({
      type: 'keyboard-interactive',
      username,
      prompt: (_name, _instructions, _language, prompts, finish) => {
        // A question whose answer is shown is not one for a password.
        finish(prompts.map(({ echo }) => (echo === true ? '' : password)))
      },
    })
    tried.push('DSV_SSH_PASSWORD')
  }
  return { methods, tried }
}

function loginError(
  error: Error,
  login: SshLogin,
  { location }: LogInContext,
  tried: readonly string[],
): Error {
  if (!('level' in error) || error.level !== 'client-authentication') return error
  const who = `user ${login.user} of ${login.host}`
  if (tried.length > 0) {
    return remoteCredentialsRejected(location, `${who}, tried ${tried.join(', ')}`, error)
  }
  return remoteCredentialsMissing(location, NO_KEY, error)
}

const NO_KEY =
  'Start an ssh-agent, name a key with the option identity-file (DSV_SSH_PASSPHRASE opens it), or set DSV_SSH_PASSWORD.'

function connectError(error: unknown, location: string): unknown {
  if (isDsvError(error)) return error
  const problem =
    typeof error === 'object' && error !== null && 'message' in error
      ? String(error.message)
      : String(error)
  return remoteUnreachable(location, problem, error)
}

function readText(file: string): string {
  try {
    return fs.readFileSync(file, 'utf8')
  } catch (error) {
    // A file that is missing, or that only others may read, says nothing.
    if (systemErrorCode(error) !== undefined) return ''
    throw error
  }
}
