import { describe, expect, it } from '@jest/globals'
import { isDsvError, type StorageDriver } from '@dsv/store'
import fc from 'fast-check'

const bytes = (text: string): Uint8Array => Buffer.from(text)
const text = (read: Uint8Array): string => Buffer.from(read).toString()

async function listed(driver: StorageDriver, prefix: string): Promise<string[]> {
  const paths: string[] = []
  for await (const { path } of driver.list(prefix)) paths.push(path)
  return paths
}

/** Checks a {@link StorageDriver}; `open` gives an empty storage each time. */
export function testStorageDriver(name: string, open: () => Promise<StorageDriver>): void {
  describe(name, () => {
    it('reads back exactly the bytes that were written', async () => {
      const driver = await open()
      await fc.assert(
        fc.asyncProperty(fc.uint8Array({ maxLength: 2000 }), fc.nat(), async (content, number) => {
          const path = `objects/pack/${number}-${content.length}-${Buffer.from(content).toString('hex').slice(0, 32)}`
          await driver.delete(path)
          await driver.write(path, content)
          expect(Buffer.from(await driver.read(path))).toEqual(Buffer.from(content))
          expect(await driver.sizeOf(path)).toBe(content.length)
        }),
        { numRuns: 30 },
      )
    })

    it('reads the same range as slicing the bytes', async () => {
      const driver = await open()
      const content = Uint8Array.from({ length: 100 }, (_, index) => index)
      await driver.write('a/b', content)
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
      )
    })

    it('accepts the same bytes twice', async () => {
      const driver = await open()
      await driver.write('a', bytes('one'))
      await driver.write('a', bytes('one'))
      expect(text(await driver.read('a'))).toBe('one')
    })

    it('does not share memory with its callers', async () => {
      const driver = await open()
      const content = Buffer.from('one')
      await driver.write('a', content)
      content.fill(0)
      const read = await driver.read('a')
      read.fill(0)
      expect(text(await driver.read('a'))).toBe('one')
    })

    it('says which file is missing', async () => {
      const driver = await open()
      const missing = { code: 'DSV_STORAGE_NOT_FOUND', details: { path: 'a/b' } }
      await expect(driver.read('a/b')).rejects.toMatchObject(missing)
      await expect(driver.readRange('a/b', 0, 1)).rejects.toMatchObject(missing)
      expect(await driver.sizeOf('a/b')).toBeUndefined()
      expect(await driver.readVersioned('a/b')).toBeUndefined()
    })

    it('lists what begins with a prefix, sorted by path', async () => {
      const driver = await open()
      const paths = ['a/b/c', 'a/b-c', 'a/b', 'a.x', 'b/a', 'a/bb'].filter((path) => path !== 'a/b')
      for (const path of paths) await driver.write(path, bytes(path))
      expect(await listed(driver, '')).toEqual(paths.toSorted())
      expect(await listed(driver, 'a/')).toEqual(['a/b-c', 'a/b/c', 'a/bb'])
      expect(await listed(driver, 'a/b')).toEqual(['a/b-c', 'a/b/c', 'a/bb'])
      expect(await listed(driver, 'a/b/')).toEqual(['a/b/c'])
      expect(await listed(driver, 'nothing/')).toEqual([])
    })

    it('lists sizes and times', async () => {
      const driver = await open()
      await driver.write('a', bytes('12345'))
      for await (const entry of driver.list('')) {
        expect(entry.sizeBytes).toBe(5)
        expect(Math.abs(entry.modifiedMs - Date.now())).toBeLessThan(60_000)
      }
      expect(await listed(driver, '')).toEqual(['a'])
    })

    it('deletes a file, also one that is gone', async () => {
      const driver = await open()
      await driver.write('a', bytes('one'))
      await driver.delete('a')
      await driver.delete('a')
      expect(await driver.sizeOf('a')).toBeUndefined()
    })

    it('refuses paths that leave the storage', async () => {
      const driver = await open()
      for (const path of [
        '',
        '/a',
        '../a',
        'a/../../b',
        'a//b',
        './a',
        'a/',
        'a\0b',
        'a\\..\\b',
        'c:x',
      ]) {
        const refused = { code: 'DSV_STORAGE_PATH_INVALID' }
        await expect(driver.read(path)).rejects.toMatchObject(refused)
        await expect(driver.write(path, bytes('x'))).rejects.toMatchObject(refused)
        await expect(driver.delete(path)).rejects.toMatchObject(refused)
        await expect(driver.replaceIf(path, undefined, bytes('x'))).rejects.toMatchObject(refused)
      }
      await expect(listed(driver, '../')).rejects.toMatchObject({
        code: 'DSV_STORAGE_PATH_INVALID',
      })
    })

    it('replaces a file when nobody did meanwhile', async () => {
      const driver = await open()
      const first = await driver.replaceIf('root', undefined, bytes('one'))
      const second = await driver.replaceIf('root', first, bytes('two'))
      expect(second).not.toBe(first)
      const read = await driver.readVersioned('root')
      expect(read && { ...read, bytes: text(read.bytes) }).toEqual({
        bytes: 'two',
        version: second,
      })
    })

    it('refuses to replace a file that somebody else did', async () => {
      const driver = await open()
      const first = await driver.replaceIf('root', undefined, bytes('one'))
      await driver.replaceIf('root', first, bytes('two'))
      const conflict = { code: 'DSV_STORAGE_CONFLICT' }
      await expect(driver.replaceIf('root', first, bytes('x'))).rejects.toMatchObject(conflict)
      await expect(driver.replaceIf('root', undefined, bytes('x'))).rejects.toMatchObject(conflict)
      await expect(driver.replaceIf('new', first, bytes('x'))).rejects.toMatchObject(conflict)
      expect(text(await driver.read('root'))).toBe('two')
    })

    it('loses no update of many at once', async () => {
      const driver = await open()
      async function append(letter: string): Promise<void> {
        for (;;) {
          const read = await driver.readVersioned('root')
          const next = Buffer.concat([read?.bytes ?? bytes(''), bytes(letter)])
          try {
            await driver.replaceIf('root', read?.version, next)
            return
          } catch (error) {
            if (!isDsvError(error, 'DSV_STORAGE_CONFLICT')) throw error
          }
        }
      }
      const letters = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']
      await Promise.all(letters.map(append))
      expect(
        text(await driver.read('root'))
          .split('')
          .toSorted(),
      ).toEqual(letters)
    })

    it('keeps what was written when it is flushed', async () => {
      const driver = await open()
      for (let index = 0; index < 100; index += 1) await driver.write(`f/${index}`, bytes('x'))
      await driver.flush()
      await driver.flush()
      expect(await listed(driver, 'f/')).toHaveLength(100)
    })
  })
}
