import { afterEach, describe, expect, it } from '@jest/globals'
import { memoryDriver, Store, type StorageDriver } from '@dsv/store'
import { httpDriver } from '@dsv/remote'
import fc from 'fast-check'
import { closeServers } from '../../serve/open-storage.ts'
import { commitTo } from '../../serve/served-repository.ts'
import { staticServer, type StaticServerOptions } from './tiny-server.ts'

afterEach(closeServers)

const kinds: [string, StaticServerOptions][] = [
  ['that knows ranges', {}],
  ['without ranges', { hasRanges: false }],
  ['without HEAD', { hasHead: false }],
  ['without HEAD and ranges', { hasHead: false, hasRanges: false }],
  ['that never says how long', { hasHead: false, hasRanges: false, hasLength: false }],
  ['without ETags', { hasEtag: false }],
]

function open(url: string): StorageDriver {
  return httpDriver(url, { base: '/', env: {} })
}

describe.each(kinds)('httpDriver over a server of files %s', (_name, options) => {
  const content = Uint8Array.from({ length: 100 }, (_, index) => index)
  const files = new Map([
    ['a/b', content],
    ['empty', new Uint8Array(0)],
    ['a b%/ü', Buffer.from('odd')],
  ])

  it('reads files and what of them is wanted', async () => {
    const driver = open((await staticServer(files, options)).url)
    expect(Buffer.from(await driver.read('a/b'))).toEqual(Buffer.from(content))
    expect(Buffer.from(await driver.read('a b%/ü')).toString()).toBe('odd')
    expect(await driver.sizeOf('a/b')).toBe(100)
    expect(await driver.sizeOf('empty')).toBe(0)
    expect(await driver.readRange('empty', 0, 5)).toHaveLength(0)
    expect(await driver.readRange('empty', -5, 5)).toHaveLength(0)
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: -150, max: 150 }),
        fc.nat({ max: 150 }),
        async (offset, length) => {
          const from = offset < 0 ? Math.max(0, 100 + offset) : offset
          const read = await driver.readRange('a/b', offset, length)
          expect(Buffer.from(read)).toEqual(Buffer.from(content.slice(from, from + length)))
        },
      ),
      { numRuns: 30 },
    )
  })

  it('knows what is not there', async () => {
    const driver = open((await staticServer(files, options)).url)
    const missing = { code: 'DSV_STORAGE_NOT_FOUND', details: { path: 'c' } }
    await expect(driver.read('c')).rejects.toMatchObject(missing)
    await expect(driver.readRange('c', 0, 1)).rejects.toMatchObject(missing)
    await expect(driver.readRange('c', 0, 0)).rejects.toMatchObject(missing)
    expect(await driver.sizeOf('c')).toBeUndefined()
    expect(await driver.readVersioned('c')).toBeUndefined()
  })

  it('writes and lists nothing', async () => {
    const driver = open((await staticServer(files, options)).url)
    const refused = { code: 'DSV_REMOTE_READ_ONLY' }
    await expect(driver.write('x', content)).rejects.toMatchObject(refused)
    await expect(driver.delete('x')).rejects.toMatchObject(refused)
    await expect(driver.replaceIf('x', undefined, content)).rejects.toMatchObject(refused)
    const list = async (): Promise<unknown> => driver.list('')[Symbol.asyncIterator]().next()
    await expect(list()).rejects.toMatchObject(refused)
  })

  it('opens a repository', async () => {
    const memory = memoryDriver()
    const commitId = await commitTo(await Store.create(memory), 'first')
    const all = new Map<string, Uint8Array>()
    for await (const { path } of memory.list('')) all.set(path, await memory.read(path))
    const store = await Store.open(open((await staticServer(all, options)).url))
    expect((await store.readRoot()).refs.get('refs/heads/main')).toBe(commitId)
    expect((await store.objects.getObject('commit', commitId)).links).toEqual([])
  })
})
