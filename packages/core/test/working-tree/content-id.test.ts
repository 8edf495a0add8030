import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from '@jest/globals'
import {
  add,
  contentId,
  contentIdOf,
  type Repository,
  storeFolder,
  withComparedTree,
} from '@dsv/core'
import fc from 'fast-check'
import { type TinyRepository, tinyRepository } from '../tiny-repository.ts'

async function idNow(repository: Repository, at: string): Promise<string | undefined> {
  return withComparedTree(repository, async (compared) => contentId(compared, at))
}

/** The id by looking at every byte. */
async function idByBytes({ repository, at }: TinyRepository, inside: string): Promise<string> {
  return repository.draft(async ({ session }) =>
    contentIdOf(session, await storeFolder(repository, session, at(inside), inside)),
  )
}

const names = fc.constantFrom('a.txt', 'b.txt', 'sub/a.txt', 'sub/deep/c.txt', 'sub.txt')
const step = fc.oneof(
  fc.record({
    type: fc.constant('write' as const),
    name: names,
    text: fc.constantFrom('x', 'y', 'zz'),
  }),
  fc.record({ type: fc.constant('delete' as const), name: names }),
  fc.record({ type: fc.constant('add' as const) }),
  fc.record({ type: fc.constant('look' as const) }),
)

test('the id of a folder is that of its bytes, whatever is staged, ignored and remembered', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 12 }), fc.boolean(), async (steps, isIgnored) => {
      const tiny = await tinyRepository()
      const look = async (): Promise<void> => {
        expect(await idNow(tiny.repository, 'd')).toBe(await idByBytes(tiny, 'd'))
      }
      try {
        if (isIgnored) tiny.write('.dsvignore', '/d/\n')
        tiny.write('d/first.txt', 'first')
        for (const each of steps) {
          if (each.type === 'write') tiny.write(`d/${each.name}`, each.text)
          if (each.type === 'delete') rmSync(tiny.at(`d/${each.name}`), { force: true })
          if (each.type === 'add') await add(tiny.repository, { paths: [''] })
          if (each.type === 'look') await look()
        }
        await look()
      } finally {
        await tiny.close()
      }
    }),
    { numRuns: 25 },
  )
}, 60_000)

test('a file is known by its bytes, what is not there by nothing', async () => {
  const tiny = await tinyRepository()
  tiny.write('d/a.txt', 'a')
  const id = await idNow(tiny.repository, 'd/a.txt')
  expect(id).toMatch(/^blob:[0-9a-f]{64}$/)
  await add(tiny.repository, { paths: ['d'] })
  expect(await idNow(tiny.repository, 'd/a.txt')).toBe(id)
  await expect(idNow(tiny.repository, 'd/b.txt')).resolves.toBeUndefined()
  await expect(idNow(tiny.repository, 'e')).resolves.toBeUndefined()
  rmSync(tiny.at('d'), { recursive: true })
  await expect(idNow(tiny.repository, 'd/a.txt')).resolves.toBeUndefined()
  await expect(idNow(tiny.repository, 'd')).resolves.toBeUndefined()
  // A folder in the place of the file.
  mkdirSync(path.join(tiny.at('d'), 'a.txt'), { recursive: true })
  writeFileSync(tiny.at('d/a.txt/x'), 'x')
  expect(await idNow(tiny.repository, 'd/a.txt')).toBe(await idByBytes(tiny, 'd/a.txt'))
  await tiny.close()
})
