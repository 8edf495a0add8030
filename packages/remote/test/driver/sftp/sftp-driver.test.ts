import { randomBytes } from 'node:crypto'
import fs from 'node:fs'
import path from 'node:path'

import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals'
import { folderDriver, hashBlob, isDsvError } from '@dsv/store'

import { testStorageDriver } from '../../../../store/test/driver/storage-driver-contract.ts'
import {
  type SftpDriver,
  sftpDriver,
  type SftpDriverOptions,
} from '../../../src/driver/sftp/sftp-driver.ts'
import { type SftpFaults, type SftpTestServer, startSftpServer } from './sftp-test-server.ts'

const FAST: SftpDriverOptions = {
  retries: { firstWaitMs: 2, longestWaitMs: 20 },
  lock: { staleMs: 300, waitMs: 5000 },
}

let server: SftpTestServer
const opened: SftpDriver[] = []

beforeAll(async () => {
  server = await startSftpServer()
})
afterEach(async () => {
  for (const key of Object.keys(server.faults)) delete server.faults[key as keyof SftpFaults]
  await Promise.all(opened.splice(0).map((driver) => driver.close()))
})
afterAll(async () => {
  await server.stop()
})

let folders = 0

function newFolder(): string {
  folders += 1
  return path.join(server.folder, `storage-${folders}`)
}

function openAt(folder: string, options: SftpDriverOptions = FAST): SftpDriver {
  const { env, port } = server
  const address = `sftp://127.0.0.1:${port}${folder}`
  const driver = sftpDriver(address, { base: '/', env, options: { 'ssh-config': 'none' } }, options)
  opened.push(driver)
  return driver
}

testStorageDriver('sftpDriver', async () => openAt(newFolder()))

describe('sftpDriver', () => {
  const one = Buffer.from('one')
  const two = Buffer.from('two')

  it('reads and writes what takes many requests at once', async () => {
    const driver = openAt(newFolder())
    const bytes = randomBytes(3_000_001)
    await driver.write('objects/pack/a', bytes)
    expect(await readHash(driver, 'objects/pack/a')).toBe(hashBlob(bytes))
    const range = await driver.readRange('objects/pack/a', -2_000_000, 1_500_000)
    expect(hashBlob(range)).toBe(hashBlob(bytes.subarray(1_000_001, 2_500_001)))
    expect(await driver.readRange('objects/pack/a', 2_999_999, 1_000_000)).toHaveLength(2)
  })

  it('puts answers together that are shorter than what was asked for', async () => {
    const driver = openAt(newFolder())
    const bytes = randomBytes(100_000)
    await driver.write('a', bytes)
    server.faults.shortReads = 1000
    expect(await readHash(driver, 'a')).toBe(hashBlob(bytes))
  })

  it('refuses a file that is shorter than the server says', async () => {
    const driver = openAt(newFolder())
    await driver.write('a', one)
    for (const lieBytes of [1, 2 ** 30, 2 ** 45]) {
      server.faults.lieBytes = lieBytes
      await expect(driver.read('a')).rejects.toMatchObject({ code: 'DSV_STORAGE_FAILED' })
    }
  })

  it('gets over a connection that is cut at any request', async () => {
    // All of them take a while: scripts/remotes.sh does.
    const isThorough = process.env['DSV_TEST_REMOTES'] !== undefined
    for (const cutAfter of [false, true]) {
      const step = isThorough ? 1 : cutAfter ? 2 : 5
      for (let cut = 1; ; cut += step) {
        const driver = openAt(newFolder())
        const from = server.requests()
        Object.assign(server.faults, { cutAt: from + cut, cutAfter })
        await driver.write('f/a', one)
        const first = await driver.replaceIf('root', undefined, one)
        const second = await driver.replaceIf('root', first, two)
        await driver.flush()
        expect(await driver.readVersioned('root')).toEqual({ bytes: two, version: second })
        expect(await readHash(driver, 'f/a')).toBe(hashBlob(one))
        await driver.close()
        if (server.requests() - from < cut) break
      }
    }
  })

  it('lets one of many writers on connections of their own replace a file', async () => {
    const folder = newFolder()
    const drivers = [openAt(folder), openAt(folder), openAt(folder)]
    await openAt(folder).replaceIf('root', undefined, Buffer.from('0'))
    await Promise.all(drivers.flatMap((driver) => [increment(driver, 5), increment(driver, 5)]))
    expect(Buffer.from(await openAt(folder).read('root')).toString()).toBe('30')
    expect(fs.existsSync(path.join(folder, 'root.lock'))).toBe(false)
    expect(fs.readdirSync(path.join(folder, 'local/tmp'))).toEqual([])
  })

  it('loses no update beside a writer in the folder itself', async () => {
    const folder = newFolder()
    const remote = openAt(folder)
    await remote.replaceIf('root', undefined, Buffer.from('0'))
    await Promise.all([increment(remote, 10), increment(folderDriver(folder), 10)])
    expect(Buffer.from(await remote.read('root')).toString()).toBe('20')
  })

  it('takes away a lock that nobody changes', async () => {
    const folder = newFolder()
    fs.mkdirSync(path.join(folder, 'root.lock'), { recursive: true })
    fs.writeFileSync(path.join(folder, 'root.lock', 'nonce-of-a-dead-writer'), 'x')
    await Promise.allSettled([
      openAt(folder).replaceIf('root', undefined, one),
      openAt(folder).replaceIf('root', undefined, two),
    ])
    expect(fs.readdirSync(folder).toSorted()).toEqual(['local', 'root'])
  })

  it('takes an empty lock at once', async () => {
    const folder = newFolder()
    fs.mkdirSync(path.join(folder, 'root.lock'), { recursive: true })
    const patient = { ...FAST, lock: { staleMs: 60_000, waitMs: 2000 } }
    await openAt(folder, patient).replaceIf('root', undefined, one)
    expect(await readHash(openAt(folder), 'root')).toBe(hashBlob(one))
  })

  it('does not replace a file through a lock that was taken away', async () => {
    const folder = newFolder()
    const root = path.join(folder, 'root')
    const version = await openAt(folder).replaceIf('root', undefined, one)
    // Just when the owner of the lock wants to commit, another writer takes it away and is done at once.
    server.faults.beforeRename = (from) => {
      if (!from.startsWith(`${root}.lock/`)) return
      delete server.faults.beforeRename
      fs.renameSync(`${root}.lock`, path.join(folder, 'local/tmp/taken'))
      fs.writeFileSync(root, 'theirs')
    }
    await expect(openAt(folder).replaceIf('root', version, two)).rejects.toMatchObject({
      code: 'DSV_STORAGE_CONFLICT',
    })
    expect(fs.readFileSync(root, 'utf8')).toBe('theirs')
  })

  it('locks anew when its lock was taken away for nothing', async () => {
    const folder = newFolder()
    const root = path.join(folder, 'root')
    const version = await openAt(folder).replaceIf('root', undefined, one)
    server.faults.beforeRename = (from) => {
      if (!from.startsWith(`${root}.lock/`)) return
      delete server.faults.beforeRename
      fs.renameSync(`${root}.lock`, path.join(folder, 'local/tmp/taken'))
      fs.mkdirSync(`${root}.lock`)
      fs.writeFileSync(`${root}.lock/nonce-of-the-taker`, 'who crashed then')
    }
    expect(await openAt(folder).replaceIf('root', version, two)).toBe(hashBlob(two))
    expect(fs.readFileSync(root, 'utf8')).toBe('two')
    expect(fs.existsSync(`${root}.lock`)).toBe(false)
  })

  it('gives up a lock that others hold all the time', async () => {
    const folder = newFolder()
    fs.mkdirSync(path.join(folder, 'root.lock'), { recursive: true })
    fs.writeFileSync(path.join(folder, 'root.lock', 'nonce'), 'x')
    const driver = openAt(folder, { ...FAST, lock: { staleMs: 60_000, waitMs: 100 } })
    await expect(driver.replaceIf('root', undefined, one)).rejects.toMatchObject({
      code: 'DSV_LOCK_HELD',
    })
    expect(fs.readdirSync(path.join(folder, 'local/tmp'))).toEqual([])
  })

  it('writes but does not replace where the server cannot do so at once', async () => {
    server.faults.without = ['posix-rename@openssh.com', 'fsync@openssh.com']
    const driver = openAt(newFolder())
    await driver.write('a', one)
    await driver.write('a', one)
    expect(await readHash(driver, 'a')).toBe(hashBlob(one))
    const version = await driver.replaceIf('root', undefined, one)
    await expect(driver.replaceIf('root', version, two)).rejects.toMatchObject({
      code: 'DSV_REMOTE_UNSAFE',
    })
    expect(await readHash(driver, 'root')).toBe(hashBlob(one))
  })

  it('says that a disk is full', async () => {
    const driver = openAt(newFolder())
    server.faults.freeBytes = 0
    await expect(driver.write('a', one)).rejects.toMatchObject({ code: 'DSV_STORAGE_FULL' })
    await expect(driver.replaceIf('a', undefined, one)).rejects.toMatchObject({
      code: 'DSV_STORAGE_FULL',
    })
  })

  it('says what it may not do', async () => {
    const driver = sftpDriver(`sftp://127.0.0.1:${server.port}/proc/dsv`, {
      base: '/',
      env: server.env,
      options: {},
    })
    opened.push(driver)
    await expect(driver.write('a', one)).rejects.toMatchObject({
      code: expect.stringMatching(/^DSV_STORAGE_(DENIED|FAILED|NOT_FOUND)$/),
    })
  })

  it('gives up a connection that answers nothing', async () => {
    const driver = openAt(newFolder(), {
      ...FAST,
      stallMs: 500,
      retries: { attempts: 2, firstWaitMs: 1 },
    })
    await driver.write('a', one)
    server.faults.silent = true
    await expect(driver.read('a')).rejects.toMatchObject({ code: 'DSV_REMOTE_UNREACHABLE' })
    server.faults.silent = false
    expect(await readHash(driver, 'a')).toBe(hashBlob(one))
  })

  it('lists neither links nor what they lead to', async () => {
    const folder = newFolder()
    const driver = openAt(folder)
    await driver.write('a/b', one)
    fs.symlinkSync('/etc', path.join(folder, 'a/link'))
    fs.symlinkSync('b', path.join(folder, 'a/c'))
    const paths: string[] = []
    for await (const entry of driver.list('a/')) paths.push(entry.path)
    expect(paths).toEqual(['a/b'])
  })

  it('lists no names that lead elsewhere', async () => {
    const driver = openAt(newFolder())
    await driver.write('a/b', one)
    server.faults.extraNames = ['..', '.', '', '../x', '/etc/passwd', 'c:d', 'e\\f', 'g\0h']
    const paths: string[] = []
    for await (const entry of driver.list('a/')) paths.push(entry.path)
    expect(paths).toEqual(['a/b'])
  })

  it('goes on with what it reads and lists when the connection is cut', async () => {
    const driver = openAt(newFolder())
    const bytes = randomBytes(1_000_000)
    await driver.write('f/0/a', bytes)
    for (let index = 1; index < 12; index += 1) await driver.write(`f/${index}/a`, one)
    for (const cut of [2, 5, 20]) {
      server.faults.cutAt = server.requests() + cut
      expect(await readHash(driver, 'f/0/a')).toBe(hashBlob(bytes))
      server.faults.cutAt = server.requests() + cut
      let count = 0
      for await (const entry of driver.list('f/')) count += entry.path.endsWith('/a') ? 1 : 0
      expect(count).toBe(12)
    }
  })

  it('uses one connection for all', async () => {
    const driver = openAt(newFolder())
    const before = server.connections()
    await Promise.all(Array.from({ length: 20 }, (_, index) => driver.write(`f/${index}`, one)))
    expect(server.connections() - before).toBe(1)
  })
})

async function readHash(driver: SftpDriver, file: string): Promise<string> {
  return hashBlob(await driver.read(file))
}

async function increment(
  driver: Pick<SftpDriver, 'readVersioned' | 'replaceIf'>,
  times: number,
): Promise<void> {
  for (let done = 0; done < times;) {
    const found = await driver.readVersioned('root')
    const next = Number(Buffer.from(found?.bytes ?? []).toString()) + 1
    try {
      await driver.replaceIf('root', found?.version, Buffer.from(String(next)))
      done += 1
    } catch (error) {
      if (!isDsvError(error, 'DSV_STORAGE_CONFLICT')) throw error
    }
  }
}
