import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import fs from 'node:fs'
import net from 'node:net'
import path from 'node:path'

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'

import { fingerprintOf } from '../../../src/driver/sftp/known-hosts.ts'
import { sftpDriver } from '../../../src/driver/sftp/sftp-driver.ts'
import { type SftpTestServer, startSftpServer, TEST_PASSWORD } from './sftp-test-server.ts'

let server: SftpTestServer

beforeAll(async () => {
  server = await startSftpServer()
})
afterAll(async () => {
  await server.stop()
})

interface Login {
  readonly options?: Readonly<Record<string, string>>
  readonly env?: Readonly<Record<string, string | undefined>>
  readonly address?: string
}

async function logIn({ options = {}, env, address }: Login = {}): Promise<boolean> {
  const driver = sftpDriver(
    address ?? `sftp://127.0.0.1:${server.port}${server.folder}`,
    { base: server.home, options: { ...options }, env: { ...server.env, ...env } },
    { retries: { attempts: 1 } },
  )
  try {
    return (await driver.sizeOf('nothing')) === undefined
  } finally {
    await driver.close()
  }
}

function newFile(name: string, text: string): string {
  fs.writeFileSync(path.join(server.home, name), text, { mode: 0o600 })
  return path.join(server.home, name)
}

/** A home folder that knows the host but has no key. */
function homeWithoutKey(): string {
  const home = path.join(server.home, 'without-key')
  fs.mkdirSync(path.join(home, '.ssh'), { recursive: true })
  fs.copyFileSync(path.join(server.home, '.ssh/known_hosts'), path.join(home, '.ssh/known_hosts'))
  return home
}

const keyFile = (): string => path.join(server.home, '.ssh/id_ed25519')

describe('logging in', () => {
  it('uses the keys in ~/.ssh', async () => {
    expect(await logIn()).toBe(true)
  })

  it('uses the key that is named, and a passphrase from the environment', async () => {
    const file = newFile('locked', fs.readFileSync(keyFile(), 'utf8'))
    execFileSync('ssh-keygen', ['-q', '-p', '-P', '', '-N', 'open it', '-f', file])
    const login = { options: { 'identity-file': 'locked' }, env: {} }
    expect(await logIn({ ...login, env: { DSV_SSH_PASSPHRASE: 'open it' } })).toBe(true)
    await expect(logIn(login)).rejects.toMatchObject({
      code: 'DSV_REMOTE_CREDENTIALS_REJECTED',
      message: expect.stringContaining(file),
    })
  })

  it('uses a password from the environment, and shows it nowhere', async () => {
    const env = { HOME: homeWithoutKey() }
    expect(await logIn({ env: { ...env, DSV_SSH_PASSWORD: TEST_PASSWORD } })).toBe(true)
    const refused = await logIn({ env: { ...env, DSV_SSH_PASSWORD: 'secret-1' } }).catch(
      (error: unknown) => error as Error,
    )
    expect(refused).toMatchObject({ code: 'DSV_REMOTE_CREDENTIALS_REJECTED' })
    expect(JSON.stringify(refused) + String(refused)).not.toContain('secret-1')
    await expect(logIn({ env })).rejects.toMatchObject({ code: 'DSV_REMOTE_CREDENTIALS_MISSING' })
  })

  it('uses an ssh-agent', async () => {
    const socket = path.join(server.home, 'agent')
    const agent = spawn('ssh-agent', ['-D', '-a', socket])
    try {
      await once(agent.stdout, 'data')
      execFileSync('ssh-add', ['-q', keyFile()], { env: { SSH_AUTH_SOCK: socket } })
      expect(await logIn({ env: { HOME: homeWithoutKey(), SSH_AUTH_SOCK: socket } })).toBe(true)
    } finally {
      agent.kill()
    }
  })

  it('goes on without an agent that is gone', async () => {
    const env = { SSH_AUTH_SOCK: '/nonexistent' }
    expect(await logIn({ env })).toBe(true)
    const password = { HOME: homeWithoutKey(), DSV_SSH_PASSWORD: TEST_PASSWORD }
    expect(await logIn({ env: { ...env, ...password } })).toBe(true)
  })

  it('follows ~/.ssh/config, also through another host', async () => {
    const file = newFile(
      'config',
      `Host data
  HostName 127.0.0.1
  Port ${server.port}
  User tester
  IdentityFile ~/.ssh/id_ed25519
Host behind
  HostName 127.0.0.1
  Port ${server.port}
  ProxyJump data
`,
    )
    const options = { 'ssh-config': file }
    const env = { USER: 'nobody' }
    expect(await logIn({ options, env, address: `sftp://data${server.folder}` })).toBe(true)
    const before = server.connections()
    const address = `sftp://tester@behind${server.folder}`
    expect(await logIn({ options, env, address })).toBe(true)
    expect(server.connections() - before).toBe(2)
  })
})

describe('the key of the host', () => {
  const known = (): Readonly<Record<string, string>> => ({ 'known-hosts': 'hosts' })
  const name = (): string => `[127.0.0.1]:${server.port}`

  it('must be known, and the error says what to add', async () => {
    newFile('hosts', '')
    const refused = (await logIn({ options: known() }).catch((error: unknown) => error)) as {
      readonly code: string
      readonly details: { readonly line: string; readonly fingerprint: string }
    }
    expect(refused.code).toBe('DSV_SSH_HOST_UNKNOWN')
    expect(refused.details.fingerprint).toBe(fingerprintOf(server.hostKey.getPublicSSH()))
    newFile('hosts', `${refused.details.line}\n`)
    expect(await logIn({ options: known() })).toBe(true)
  })

  it('is found under its hashed name', async () => {
    const file = newFile('hosts', `${name()} ssh-ed25519 ${publicKey()}\n`)
    execFileSync('ssh-keygen', ['-q', '-H', '-f', file], { stdio: 'ignore' })
    expect(fs.readFileSync(file, 'utf8')).toMatch(/^\|1\|/)
    expect(await logIn({ options: known() })).toBe(true)
  })

  it('must not have changed', async () => {
    newFile('hosts', `${name()} ssh-ed25519 ${otherKey()}\n`)
    const changed = { code: 'DSV_SSH_HOST_CHANGED' }
    await expect(logIn({ options: known() })).rejects.toMatchObject(changed)
  })

  it('must not be revoked, even when it is pinned', async () => {
    newFile('hosts', `@revoked * ssh-ed25519 ${publicKey()}\n`)
    const pinned = { 'host-key': fingerprintOf(server.hostKey.getPublicSSH()) }
    const revoked = { code: 'DSV_SSH_HOST_CHANGED' }
    await expect(logIn({ options: { ...known(), ...pinned } })).rejects.toMatchObject(revoked)
  })

  it('can be pinned', async () => {
    newFile('hosts', '')
    const right = fingerprintOf(server.hostKey.getPublicSSH())
    expect(await logIn({ options: { ...known(), 'host-key': right } })).toBe(true)
    const wrong = fingerprintOf(Buffer.from(otherKey(), 'base64'))
    await expect(logIn({ options: { 'host-key': wrong } })).rejects.toMatchObject({
      code: 'DSV_SSH_HOST_CHANGED',
    })
  })

  it('is refused before a password is sent', async () => {
    newFile('hosts', '')
    const env = { HOME: homeWithoutKey(), DSV_SSH_PASSWORD: TEST_PASSWORD }
    const unknown = { code: 'DSV_SSH_HOST_UNKNOWN' }
    await expect(logIn({ options: known(), env })).rejects.toMatchObject(unknown)
  })
})

function publicKey(): string {
  return server.hostKey.getPublicSSH().toString('base64')
}

function otherKey(): string {
  const key = Buffer.from(server.hostKey.getPublicSSH())
  key[40] = (key[40] ?? 0) ^ 1
  return key.toString('base64')
}

describe('the address', () => {
  it.each([
    'sftp://user:secret-2@host/data',
    'sftp://host',
    'sftp://host/',
    'sftp://host/~',
    'sftp://host/a/../b?x',
    'sftp://host/%2e%2e/b',
    'sftp:///data',
    'sftp://host/a%00b',
    'sftp://-oProxyCommand=x/data',
  ])('%s is refused, without its password', (address) => {
    const context = { base: '/', options: {}, env: server.env }
    expect(() => sftpDriver(address, context)).toThrow(
      expect.objectContaining({
        code: 'DSV_REMOTE_URL_INVALID',
        message: expect.not.stringContaining('secret-2'),
      }),
    )
  })

  it('has no options but those that are known', () => {
    const refused = expect.objectContaining({ code: 'DSV_REMOTE_OPTION_INVALID' })
    for (const options of [{ password: 'x' }, { 'host-key': 'MD5:aa' }]) {
      const context = { base: '/', options, env: server.env }
      expect(() => sftpDriver('sftp://host/data', context)).toThrow(refused)
    }
  })

  it('says when somebody listens who does not speak SSH, after three attempts', async () => {
    let connections = 0
    const other = net.createServer((socket) => {
      connections += 1
      socket.resume().end('HTTP/1.1 400 Bad Request\r\n\r\n')
    })
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
    const { port } = other.address() as net.AddressInfo
    const driver = sftpDriver(
      `sftp://127.0.0.1:${port}/data`,
      { base: '/', options: {}, env: server.env },
      { retries: { firstWaitMs: 1 } },
    )
    await expect(driver.read('a')).rejects.toMatchObject({ code: 'DSV_REMOTE_UNREACHABLE' })
    expect(connections).toBe(3)
    await new Promise((resolve) => other.close(resolve))
  })

  it('says when nobody listens', async () => {
    await expect(logIn({ address: 'sftp://127.0.0.1:1/data' })).rejects.toMatchObject({
      code: 'DSV_REMOTE_UNREACHABLE',
      message: expect.stringContaining('ECONNREFUSED'),
    })
  })
})
