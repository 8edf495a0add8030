import { afterAll, describe, expect, it } from '@jest/globals'
import { folderDriver, nodeFileSystem } from '@dsv/store'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { hostname, tmpdir } from 'node:os'
import path from 'node:path'

import { testStorageDriver } from './storage-driver-contract.ts'

const sandbox = mkdtempSync(path.join(tmpdir(), 'dsv-folder-'))
afterAll(() => rmSync(sandbox, { recursive: true }))
let made = 0
const newFolder = (): string => path.join(sandbox, `${(made += 1)}`)

testStorageDriver('folderDriver', async () => folderDriver(newFolder()))

function lock(folder: string, content: string, ageSeconds = 0): void {
  const file = path.join(folder, 'root.lock')
  mkdirSync(folder, { recursive: true })
  writeFileSync(file, content)
  const time = Date.now() / 1000 - ageSeconds
  utimesSync(file, time, time)
}

/** The lock of a writer that came by SFTP is a folder with what it will commit inside. */
function lockFolder(folder: string, names: readonly string[], ageSeconds = 0): void {
  const inside = path.join(folder, 'root.lock')
  mkdirSync(inside, { recursive: true })
  for (const name of names) writeFileSync(path.join(inside, name), 'x')
  const time = Date.now() / 1000 - ageSeconds
  utimesSync(inside, time, time)
}

describe('folderDriver', () => {
  it('waits for a writer that came by SFTP, but not for one that is gone', async () => {
    const folder = newFolder()
    const driver = folderDriver(folder, { lockWaitMs: 50 })
    lockFolder(folder, ['nonce'])
    const held = { code: 'DSV_LOCK_HELD' }
    await expect(driver.replaceIf('root', undefined, Buffer.from('x'))).rejects.toMatchObject(held)
    lockFolder(folder, ['nonce'], 100)
    const version = await driver.replaceIf('root', undefined, Buffer.from('x'))
    lockFolder(folder, [])
    await driver.replaceIf('root', version, Buffer.from('y'))
    expect(readdirSync(folder).toSorted()).toEqual(['local', 'root'])
  })

  it('leaves no temporary file behind', async () => {
    const folder = newFolder()
    const driver = folderDriver(folder)
    await driver.write('a', Buffer.from('x'))
    await driver.replaceIf('root', undefined, Buffer.from('x'))
    const paths: string[] = []
    for await (const each of driver.list('')) paths.push(each.path)
    expect(paths).toEqual(['a', 'root'])
  })

  it('writes a file again that a power cut damaged', async () => {
    const driver = folderDriver(newFolder())
    await driver.write('a', Buffer.from('good'))
    writeFileSync(driver.absolutePath('a'), '\0\0\0\0')
    await driver.write('a', Buffer.from('good'))
    expect(Buffer.from(await driver.read('a')).toString()).toBe('good')
  })

  it.each([
    ['ENOSPC', 'DSV_STORAGE_FULL'],
    ['EDQUOT', 'DSV_STORAGE_FULL'],
    ['EACCES', 'DSV_STORAGE_DENIED'],
    ['EROFS', 'DSV_STORAGE_DENIED'],
    ['EIO', 'DSV_STORAGE_FAILED'],
  ])('says what %s means and leaves nothing', async (systemCode, code) => {
    const folder = newFolder()
    const files = {
      ...nodeFileSystem,
      write(): number {
        throw Object.assign(new Error('injected'), { code: systemCode })
      },
    }
    const driver = folderDriver(folder, { files })
    const cause = { code: systemCode }
    await expect(driver.write('a', Buffer.from('x'))).rejects.toMatchObject({ code, cause })
    const failing = driver.replaceIf('root', undefined, Buffer.from('x'))
    await expect(failing).rejects.toMatchObject({ code })
    const paths: string[] = []
    for await (const each of folderDriver(folder).list('')) paths.push(each.path)
    expect(paths).toEqual([])
  })

  it('has the old or the new root after a stop at any call', async () => {
    let stopAt = 0
    let isDone = false
    let lastRead = ''
    while (!isDone) {
      const folder = newFolder()
      const version = await folderDriver(folder).replaceIf('root', undefined, Buffer.from('old'))
      let calls = 0
      let stopped = false
      const stop = (): void => {
        if (stopped || calls === stopAt) {
          stopped = true
          throw new Error('stopped')
        }
        calls += 1
      }
      const files = {
        ...nodeFileSystem,
        open: (file: string, flags: string) => {
          if (flags !== 'r') stop()
          return nodeFileSystem.open(file, flags)
        },
        write: (descriptor: number, content: Uint8Array) => {
          stop()
          return nodeFileSystem.write(descriptor, content.subarray(0, 1))
        },
        fsync: (descriptor: number) => (stop(), nodeFileSystem.fsync(descriptor)),
        rename: (from: string, to: string) => (stop(), nodeFileSystem.rename(from, to)),
        unlink: (file: string) => (stop(), nodeFileSystem.unlink(file)),
      }
      const driver = folderDriver(folder, { files })
      const done = await driver.replaceIf('root', version, Buffer.from('new')).then(
        () => true,
        () => false,
      )
      const read = Buffer.from(await folderDriver(folder).read('root')).toString()
      expect(['old', 'new']).toContain(read)
      lastRead = read
      isDone = done
      stopAt += 1
    }
    expect(lastRead).toBe('new')
    expect(stopAt).toBeGreaterThan(8)
  })

  const owner = { pid: process.pid, host: hostname(), boot: '', startTime: '' }
  it.each([
    ['a process that is dead', { ...owner, pid: 2 ** 30 }, 0],
    ['a process whose number was given again', { ...owner, startTime: '1' }, 0],
    ['another boot', { ...owner, boot: 'other' }, 0],
    ['another machine that is silent', { ...owner, host: 'elsewhere' }, 61],
    ['a process that died before it wrote its name', '', 6],
  ])('takes the lock of %s', async (_, content, ageSeconds) => {
    const folder = newFolder()
    lock(folder, content === '' ? '' : JSON.stringify(content), ageSeconds)
    const driver = folderDriver(folder, { lockWaitMs: 500 })
    await driver.replaceIf('root', undefined, Buffer.from('x'))
    expect(existsSync(path.join(folder, 'root.lock'))).toBe(false)
  })

  it.each([
    ['a process that lives', owner, 300],
    ['another machine', { ...owner, host: 'elsewhere' }, 30],
  ])('does not take the lock of %s', async (_, content, ageSeconds) => {
    const folder = newFolder()
    lock(folder, JSON.stringify(content), ageSeconds)
    const driver = folderDriver(folder, { lockWaitMs: 50 })
    await expect(driver.replaceIf('root', undefined, Buffer.from('x'))).rejects.toMatchObject({
      code: 'DSV_LOCK_HELD',
      details: { owner: `process ${content.pid} on ${content.host}` },
    })
  })
})
