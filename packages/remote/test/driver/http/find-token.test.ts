import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from '@jest/globals'
import { httpDriver, openDriver } from '@dsv/remote'
import { temporaryFolder } from '../../serve/open-storage.ts'
import { findToken } from '../../../src/driver/http/find-token.ts'
import { parseHttpAddress } from '../../../src/driver/http/parse-http-address.ts'

const DATA = 'https://data.example.org/cats'

function find(
  address: string,
  env: Record<string, string>,
  more: { tokenFile?: string; allowInsecure?: boolean; isRecorded?: boolean } = {},
): string | undefined {
  const sources = { tokenFile: undefined, allowInsecure: false, isRecorded: false, env, ...more }
  return findToken(parseHttpAddress(address), sources)
}

function folderWith(credentials: unknown): string {
  const folder = temporaryFolder('credentials')
  mkdirSync(path.join(folder, 'dsv'))
  const file = path.join(folder, 'dsv', 'credentials.json')
  writeFileSync(file, JSON.stringify(credentials), { mode: 0o600 })
  return folder
}

describe('findToken', () => {
  it('takes that of the environment, for its server only', () => {
    expect(find(DATA, {})).toBeUndefined()
    expect(find(DATA, { DSV_TOKEN: 'a' })).toBe('a')
    const origin = { DSV_TOKEN: 'a', DSV_TOKEN_ORIGIN: 'https://data.example.org' }
    expect(find(DATA, origin)).toBe('a')
    expect(find('https://data.example.org:8443/cats', origin)).toBeUndefined()
    expect(find('https://evil.example.org/cats', origin)).toBeUndefined()
    expect(find(DATA, { DSV_TOKEN: 'a' }, { isRecorded: true })).toBeUndefined()
    expect(find(DATA, origin, { isRecorded: true })).toBe('a')
  })

  it('takes that of its server from the list of the user', () => {
    const XDG_CONFIG_HOME = folderWith({
      'https://data.example.org': { token: 'a' },
      'https://other.example.org:8443/': { token: 'b' },
    })
    expect(find(DATA, { XDG_CONFIG_HOME })).toBe('a')
    expect(find('https://other.example.org:8443/x', { XDG_CONFIG_HOME })).toBe('b')
    expect(find('https://other.example.org/x', { XDG_CONFIG_HOME })).toBeUndefined()
    expect(find('http://127.0.0.1/x', { XDG_CONFIG_HOME })).toBeUndefined()
  })

  it('takes that of a file before all others', () => {
    const tokenFile = path.join(folderWith({}), 'token')
    writeFileSync(tokenFile, 'c\n', { mode: 0o600 })
    expect(find(DATA, { DSV_TOKEN: 'a' }, { tokenFile })).toBe('c')
  })

  it('takes none from a file that others can read, or that makes no sense', () => {
    const invalid = expect.objectContaining({ code: 'DSV_CREDENTIALS_INVALID' })
    const XDG_CONFIG_HOME = folderWith({ 'https://data.example.org': { token: 'a b\r\nx: y' } })
    const file = path.join(XDG_CONFIG_HOME, 'dsv', 'credentials.json')
    expect(() => find(DATA, { XDG_CONFIG_HOME })).toThrow(invalid)
    expect(() => find(DATA, { XDG_CONFIG_HOME: folderWith([]) })).toThrow(invalid)
    expect(() => find(DATA, {}, { tokenFile: `${file}.missing` })).toThrow(invalid)
    expect(() => find(DATA, { DSV_TOKEN: 'a b' })).toThrow(invalid)
    chmodSync(file, 0o644)
    expect(() => find(DATA, { XDG_CONFIG_HOME })).toThrow('others can read it')
  })

  it('sends none for everybody to read', () => {
    const env = { DSV_TOKEN: 'a' }
    const insecure = expect.objectContaining({ code: 'DSV_REMOTE_INSECURE' })
    expect(() => find('http://data.example.org/', env)).toThrow(insecure)
    expect(() => find('http://localhost.example.org/', env)).toThrow(insecure)
    expect(find('http://data.example.org/', env, { allowInsecure: true })).toBe('a')
    for (const host of ['localhost', '127.0.0.1:8080', '[::1]:80']) {
      expect(find(`http://${host}/`, env)).toBe('a')
    }
    expect(find('http://data.example.org/', {})).toBeUndefined()
  })
})

describe('httpDriver', () => {
  it.each([
    'https://user:secret@host/x',
    'https://token@host/x',
    'https://host/x?token=secret',
    'https://host/x#secret',
    'https:host',
    'https://',
    'https://[/x',
  ])('opens no %s', (address) => {
    let message = ''
    try {
      httpDriver(address, { base: '/', env: {} })
    } catch (error) {
      message = String(error)
    }
    expect(message).toContain('is no address of a remote')
    expect(message).not.toContain('user:secret')
  })

  it('knows its options', async () => {
    const settings = (options: Record<string, string>) => ({ base: '/', env: {}, options })
    const invalid = { code: 'DSV_REMOTE_OPTION_INVALID' }
    await expect(openDriver(DATA, settings({ region: 'x' }))).rejects.toMatchObject(invalid)
    await expect(openDriver(DATA, settings({ 'allow-insecure': 'yes' }))).rejects.toMatchObject(
      invalid,
    )
    const driver = await openDriver(DATA, settings({ 'allow-insecure': 'true' }))
    expect(driver.location).toBe(DATA)
    expect((await openDriver('HTTP://127.0.0.1:1/a/', settings({}))).location).toBe(
      'http://127.0.0.1:1/a',
    )
  })
})
