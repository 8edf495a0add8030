import os from 'node:os'
import path from 'node:path'

import { remoteOptionInvalid, remoteUrlInvalid } from '../../errors.ts'
import { checkOptions } from '../shared/check-options.ts'
import { knownHostName } from './known-hosts.ts'
import { parseSftpAddress } from './parse-sftp-address.ts'
import { readSshConfig, type SshHostConfig } from './read-ssh-config.ts'

/** The environment and options that a login is planned from. */
export interface SshLoginContext {
  /** Folder that relative paths of options are relative to. */
  readonly base: string
  readonly options: Readonly<Record<string, string>>
  readonly env: Readonly<Record<string, string | undefined>>
}

/** Everything that is decided before a host is connected to. */
export interface SshLogin {
  readonly host: string
  readonly port: number
  readonly user: string
  /** The name in `known_hosts`. */
  readonly knownName: string
  readonly knownHostsFiles: readonly string[]
  /** `SHA256:…`: the key that the host must have, whatever `known_hosts` says. */
  readonly pinnedKey: string | undefined
  /** Files that hold private keys; those that are missing are passed over. */
  readonly identityFiles: readonly string[]
  /** Socket of an ssh-agent. */
  readonly agent: string | undefined
  readonly passphrase: string | undefined
  readonly password: string | undefined
  /** Hosts to go through, first one first. */
  readonly jumps: readonly SshLogin[]
}

const OPTIONS = ['identity-file', 'host-key', 'known-hosts', 'ssh-config']
const DEFAULT_KEYS = ['id_ed25519', 'id_ecdsa', 'id_rsa']

/**
 * Plans a login from an address, options, the environment and `~/.ssh/config`; what comes first counts.
 *
 * @throws `DSV_REMOTE_URL_INVALID`, `DSV_REMOTE_OPTION_INVALID`
 */
export function planSshLogin(address: string, context: SshLoginContext): SshLogin {
  const { host, user, port, location } = parseSftpAddress(address)
  checkOptions(location, context.options, OPTIONS)
  const pinnedKey = context.options['host-key']
  if (pinnedKey !== undefined && !/^SHA256:[A-Za-z0-9+/]{43}$/.test(pinnedKey)) {
    throw remoteOptionInvalid(location, 'host-key', 'is not of the form SHA256:… (43 letters)')
  }
  const wanted = { host, user, port }
  const { jumps, config, login } = planHost(wanted, context)
  return {
    ...login,
    // A password is for the host that is named, not for those on the way to it.
    password: context.env['DSV_SSH_PASSWORD'],
    pinnedKey,
    jumps: jumps.map((jump) => planHost(parseJump(jump, location, config), context).login),
  }
}

interface WantedHost {
  readonly host: string
  readonly user: string | undefined
  readonly port: number | undefined
}

function planHost(
  wanted: WantedHost,
  context: SshLoginContext,
): { readonly login: SshLogin; readonly config: SshHostConfig; readonly jumps: readonly string[] } {
  const { options, env } = context
  const home = env['HOME'] ?? env['USERPROFILE'] ?? os.homedir()
  const file = (name: string): string =>
    path.resolve(context.base, name.replace(/^~(?=\/|$)/, home))
  const config = readSshConfig(wanted.host, { home, files: configFiles(home, options, file) })
  const port = wanted.port ?? config.port ?? 22
  const identity = options['identity-file']
  const named = [...(identity === undefined ? [] : [file(identity)]), ...config.identityFiles]
  const usual = DEFAULT_KEYS.map((name) => path.join(home, '.ssh', name))
  const knownHosts = options['known-hosts']
  const login: SshLogin = {
    host: config.hostName,
    port,
    user: wanted.user ?? config.user ?? userHere(env),
    knownName: knownHostName(config.hostKeyAlias ?? config.hostName, port),
    knownHostsFiles: knownHosts === undefined ? knownHostsOf(config, home) : [file(knownHosts)],
    pinnedKey: undefined,
    identityFiles: named.length === 0 ? usual : named,
    agent: config.identitiesOnly ? undefined : env['SSH_AUTH_SOCK'],
    passphrase: env['DSV_SSH_PASSPHRASE'],
    password: undefined,
    jumps: [],
  }
  return { login, config, jumps: config.jumps }
}

function configFiles(
  home: string,
  options: Readonly<Record<string, string>>,
  file: (name: string) => string,
): string[] {
  const given = options['ssh-config']
  if (given === 'none') return []
  return given === undefined
    ? [path.join(home, '.ssh', 'config'), '/etc/ssh/ssh_config']
    : [file(given)]
}

function knownHostsOf(config: SshHostConfig, home: string): string[] {
  const own =
    config.knownHostsFiles.length > 0
      ? config.knownHostsFiles
      : [path.join(home, '.ssh', 'known_hosts'), path.join(home, '.ssh', 'known_hosts2')]
  return [...own, '/etc/ssh/ssh_known_hosts']
}

function parseJump(jump: string, location: string, config: SshHostConfig): WantedHost {
  const text = jump.replace(/^ssh:\/\//, '')
  const [, user, bracketed, plain, port] =
    /^(?:([^@]*)@)?(?:\[([^\]]+)\]|([^:@[\]]+))(?::(\d{1,5}))?$/.exec(text) ?? []
  const host = bracketed ?? plain
  if (host === undefined || host === config.hostName) {
    throw remoteUrlInvalid(location, `ProxyJump ${jump} in ~/.ssh/config cannot be followed`)
  }
  return { host, user, port: port === undefined ? undefined : Number(port) }
}

function userHere(env: Readonly<Record<string, string | undefined>>): string {
  return env['USER'] ?? env['USERNAME'] ?? os.userInfo().username
}
