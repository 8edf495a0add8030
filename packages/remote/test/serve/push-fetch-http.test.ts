import { afterEach, describe, expect, it } from '@jest/globals'
import { fetch, openDriver, openRemote, push, type Rights } from '@dsv/remote'
import { checkStore } from '@dsv/store'
import { box, tinyRepository } from '../../../core/test/tiny-repository.ts'
import { emptyRepository } from '../transfer/two-people.ts'
import { closeServers } from './open-storage.ts'
import { type ServedRepository, servedRepository } from './served-repository.ts'

const MAIN = 'refs/heads/main'
const opened: { close: () => Promise<void> }[] = []
afterEach(async () => {
  for (const each of opened.splice(0)) await each.close()
  await closeServers()
})

async function remote(served: ServedRepository, rights: Rights) {
  const env = { DSV_TOKEN: served.tokens[rights] }
  return openRemote('origin', await openDriver(served.url, { base: '/', env }))
}

describe('a served repository', () => {
  it('is where two people meet', async () => {
    const one = await tinyRepository()
    opened.push(one)
    const served = await servedRepository()
    one.item('train/a', [box('cat', 1), box('dog', 20)])
    const first = await one.commit('first')
    await push(one.repository, await remote(served, 'write'), [{ name: MAIN, to: first }])
    one.item('train/b', [box('cat', 3)])
    const second = await one.commit('second')
    await push(one.repository, await remote(served, 'write'), [{ name: MAIN, to: second }])

    const two = await emptyRepository()
    opened.push(two)
    await fetch(two.repository, await remote(served, 'read'))
    expect((await two.repository.commit(second)).parents).toEqual([first])
    const found: unknown[] = []
    for await (const finding of checkStore(await served.openFolder(), { level: 4 })) {
      found.push(finding)
    }
    expect(found).toEqual([])
    expect(served.log.filter(({ problem }) => problem !== undefined)).toEqual([])
  })

  it('takes nothing from those who may only read', async () => {
    const one = await tinyRepository()
    opened.push(one)
    const served = await servedRepository()
    one.item('train/a', [box('cat', 1)])
    const to = await one.commit('first')
    await expect(
      push(one.repository, await remote(served, 'read'), [{ name: MAIN, to }]),
    ).rejects.toMatchObject({ code: 'DSV_STORAGE_DENIED' })
  })
})
