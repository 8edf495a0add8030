import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import { fetch, openDriver, openRemote, push, type RemoteRepository } from '@dsv/remote'
import { checkStore, Store, type StorageDriver } from '@dsv/store'
import { box, tinyRepository, type TinyRepository } from '../../../../core/test/tiny-repository.ts'
import { emptyRepository } from '../../transfer/two-people.ts'
import { type S3Server, startS3Server } from './s3-server.ts'

const MAIN = 'refs/heads/main'
const env = { AWS_ACCESS_KEY_ID: 'key', AWS_SECRET_ACCESS_KEY: 'secret' }
const opened: { close: () => Promise<void> }[] = []
let server: S3Server
beforeAll(async () => {
  server = await startS3Server()
})
afterAll(() => server.stop())
beforeEach(async () => {
  server.files.clear()
  server.fault = () => undefined
  await Store.create(await openBucket())
  server.log.length = 0
})
afterEach(async () => {
  for (const each of opened.splice(0)) await each.close()
})

const openBucket = (): Promise<StorageDriver> =>
  openDriver('s3://bucket/data', { base: '.', options: { endpoint: server.url }, env })
const open = async (): Promise<RemoteRepository> => openRemote('origin', await openBucket())

async function author(): Promise<TinyRepository> {
  const tiny = await tinyRepository()
  opened.push(tiny)
  for (let index = 0; index < 40; index += 1) tiny.item(`train/${index}`, [box('cat', index)])
  return tiny
}

/** How many requests of each kind came since the last call. */
function countRequests(): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const line of server.log.splice(0)) {
    const operation = line.split(' ')[0] ?? ''
    counts[operation] = (counts[operation] ?? 0) + 1
  }
  return counts
}

describe('a repository in a bucket', () => {
  it('is pushed to and fetched from with few requests', async () => {
    const one = await author()
    const first = await one.commit('first')
    await push(one.repository, await open(), [{ name: MAIN, to: first }])
    const { GET: pushGets = 0, HEAD: pushHeads = 0, PUT: puts, DELETE: deletes } = countRequests()
    // Lease, media, metadata, index and root; the root is read again before it is swapped.
    expect({ puts, deletes }).toEqual({ puts: 5, deletes: 1 })
    expect(pushGets + pushHeads).toBeLessThanOrEqual(6)
    const two = await emptyRepository()
    opened.push(two)
    await fetch(two.repository, await open())
    const { GET: fetchGets = 0, HEAD: heads = 0 } = countRequests()
    expect(fetchGets + heads).toBeLessThanOrEqual(12)
    const problems: unknown[] = []
    for await (const each of checkStore((await open()).store, { level: 4 })) problems.push(each)
    expect(problems).toEqual([])
  })

  it('is pushed to once when the answer to the new root got lost', async () => {
    const one = await author()
    const first = await one.commit('first')
    let lost = 0
    server.fault = ({ operation, key }) => {
      if (operation !== 'PUT' || key !== 'data/root' || lost > 0) return undefined
      lost += 1
      return { type: 'lost' }
    }
    const outcome = await push(one.repository, await open(), [{ name: MAIN, to: first }])
    expect(outcome.refs).toMatchObject([{ name: MAIN, to: first, type: 'new' }])
    expect(lost).toBe(1)
    expect((await (await open()).store.readRoot()).generation).toBe(1)
  })
})
