import { expect, it } from '@jest/globals'
import { type BlobId, memoryDriver, Store } from '@dsv/store'
import { planTransfer } from '../../src/transfer/copy-commits.ts'
import type { MissingObject } from '../../src/transfer/missing-objects.ts'

it('takes a blob once that files and items both name', async () => {
  const store = await Store.create(memoryDriver())
  const info = { description: 'images', command: '', host: '', user: '', timeMs: 0 }
  const [first, second] = await store.write(info, async (session) => {
    const ids = [
      await session.putBlob(Buffer.from('one')),
      await session.putBlob(Buffer.from('second')),
    ] as const
    await session.checkpoint()
    return ids
  })
  const plan = await planTransfer(
    named([first, second, first]),
    { isThere: async () => false },
    { reader: store.objects, signal: new AbortController().signal },
  )
  expect(plan).toMatchObject({ blobs: 2, blobBytes: 9 })
  expect([...plan.missing].map(({ id }) => id)).toEqual([first, second])
})

async function* named(ids: readonly BlobId[]): AsyncGenerator<MissingObject, void, undefined> {
  for (const id of ids) yield { kind: 'blob', id }
}
