import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { openDriver } from '@dsv/remote'
import { withoutTokens } from '../../src/driver/without-tokens.ts'

const SECRETS = {
  AZURE_STORAGE_KEY: 'c2VjcmV0LWtleQ==',
  AZURE_STORAGE_SAS_TOKEN: 'sig=secret-sas',
  DSV_GIT_TOKEN: 'secret-git',
  DSV_SSH_PASSWORD: 'secret-password',
  DSV_TOKEN: 'secret-token',
}

let server: Server
let asked: IncomingMessage[]
let folder: string
beforeEach(async () => {
  asked = []
  folder = mkdtempSync(path.join(tmpdir(), 'dsv-recorded-test-'))
  server = createServer((request, response) => {
    asked.push(request)
    response.writeHead(404).end()
  })
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
})
afterEach(async () => {
  rmSync(folder, { recursive: true })
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
})

function addressOf(): string {
  const address: AddressInfo | string | null = server.address()
  if (typeof address !== 'object' || address === null) throw new Error('It listens.')
  return `127.0.0.1:${address.port}`
}

/** Reads from an address that a repository named; returns all that the other side got to see. */
async function seenAt(address: string, options: Record<string, string> = {}): Promise<string> {
  const env = { ...SECRETS, HOME: folder, XDG_CONFIG_HOME: folder }
  const driver = await openDriver(address, { base: folder, options, env, isRecorded: true })
  try {
    await driver.readVersioned('root')
  } catch {
    // What it says of the server does not matter here.
  }
  await driver.close?.()
  expect(asked).not.toEqual([])
  return asked.map(({ url, rawHeaders }) => [url, ...rawHeaders].join('\n')).join('\n')
}

describe('an address that a repository names', () => {
  it('gets no token over HTTP or from a Git host', async () => {
    expect(await seenAt(`http://${addressOf()}/x`)).not.toMatch(/secret|authorization/i)
    expect(await seenAt(`git+http://${addressOf()}/x.git`)).not.toMatch(/secret|authorization/i)
  })

  it('gets nothing signed that is good elsewhere', async () => {
    const endpoint = `http://${addressOf()}`
    const seen = await seenAt('azure://account/container', { endpoint })
    expect(seen).not.toMatch(/secret|authorization|sig=|sharedkey/i)
  })

  it.each([
    ['http://127.0.0.1:9/x', 'token-file'],
    ['http://127.0.0.1:9/x', 'allow-insecure'],
    ['sftp://example.org/x', 'identity-file'],
    ['sftp://example.org/x', 'host-key'],
    ['sftp://example.org/x', 'known-hosts'],
    ['sftp://example.org/x', 'ssh-config'],
    ['s3://bucket/x', 'profile'],
    ['git+https://example.org/x.git', 'media-token-file'],
    ['git+https://example.org/x.git', 'media-media-profile'],
  ])('%s chooses no %s of this machine', async (address, option) => {
    writeFileSync(path.join(folder, 'secret'), 'a', { mode: 0o600 })
    const given = { base: folder, options: { [option]: 'secret' }, env: {}, isRecorded: true }
    await expect(openDriver(address, given)).rejects.toMatchObject({
      code: 'DSV_REMOTE_OPTION_INVALID',
    })
  })

  it('sees no password of SSH', () => {
    expect(Object.values(withoutTokens(SECRETS))).toEqual([SECRETS.AZURE_STORAGE_KEY])
  })
})
