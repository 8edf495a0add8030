import { readFileSync } from 'node:fs'
import path from 'node:path'
import { afterEach, describe, expect, it } from '@jest/globals'
import { merge, type Repository, switchTo } from '@dsv/core'
import { checkStore, memoryDriver, type ObjectId } from '@dsv/store'
import { fetch, push, type RemoteRepository } from '@dsv/remote'
import fc from 'fast-check'
import { box, tinyRepository, type TinyRepository } from '../../../core/test/tiny-repository.ts'
import { emptyRemote, emptyRepository } from './two-people.ts'

const MAIN = 'refs/heads/main'
const opened: { close: () => Promise<void> }[] = []
afterEach(async () => {
  for (const each of opened.splice(0)) await each.close()
})

async function author(): Promise<TinyRepository> {
  const tiny = await tinyRepository()
  opened.push(tiny)
  return tiny
}

async function clone(remote: RemoteRepository): Promise<Repository> {
  const made = await emptyRepository()
  opened.push(made)
  await fetch(made.repository, remote)
  await switchTo(made.repository, { target: 'main', create: true, start: 'origin/main' })
  return made.repository
}

async function problems(remote: RemoteRepository): Promise<readonly unknown[]> {
  const found: unknown[] = []
  for await (const finding of checkStore(remote.store, { level: 4 })) found.push(finding)
  return found
}

describe('push and fetch', () => {
  it('carry a dataset to somebody else', async () => {
    const one = await author()
    one.item('train/a', [box('cat', 1), box('dog', 20)])
    one.item('train/b', [box('cat', 3)])
    const commitId = await one.commit('first')
    const open = await emptyRemote(memoryDriver())
    const outcome = await push(one.repository, await open(), [{ name: MAIN, to: commitId }])
    expect(outcome.refs).toEqual([{ name: MAIN, from: undefined, to: commitId, type: 'new' }])
    expect(await problems(await open())).toEqual([])

    const two = await clone(await open())
    for (const file of ['data/tiny.json', 'data/labels/train/a.json', 'data/media/train/b.png'])
      expect(readFileSync(path.join(two.folder, file))).toEqual(readFileSync(one.at(file)))
    expect((await two.state()).headCommit).toBe(commitId)
  })

  it('carry nothing twice', async () => {
    const one = await author()
    one.item('train/a', [box('cat', 1)])
    const first = await one.commit('first')
    const open = await emptyRemote(memoryDriver())
    await push(one.repository, await open(), [{ name: MAIN, to: first }])
    const again = await push(one.repository, await open(), [{ name: MAIN, to: first }])
    expect(again.refs[0]?.type).toBe('up-to-date')
    expect(again.count).toMatchObject({ commits: 0, objects: 0, blobs: 0 })
    one.item('train/a', [box('cat', 2)])
    const second = await one.commit('second')
    const next = await push(one.repository, await open(), [{ name: MAIN, to: second }])
    // The media stay where they are; only the file of the item is new.
    expect(next.count).toMatchObject({ commits: 1, blobs: 1 })
  })

  it('refuse to lose what somebody else pushed, until it is merged', async () => {
    const one = await author()
    one.item('train/a', [box('cat', 1), box('dog', 50)])
    const open = await emptyRemote(memoryDriver())
    await push(one.repository, await open(), [{ name: MAIN, to: await one.commit('first') }])
    const two = await author()
    await fetch(two.repository, await open())
    await switchTo(two.repository, { target: 'mine', create: true, start: 'origin/main' })
    two.item('train/b', [box('cat', 9)])
    const theirs = await two.commit('add b')
    await push(two.repository, await open(), [{ name: MAIN, to: theirs }])

    one.item('train/a', [box('cat', 2), box('dog', 50)])
    const ours = await one.commit('move a')
    await expect(
      push(one.repository, await open(), [{ name: MAIN, to: ours }]),
    ).rejects.toMatchObject({
      code: 'DSV_PUSH_REJECTED',
      details: { problems: [{ name: MAIN, reason: 'behind' }] },
    })
    expect((await open()).root.refs.get(MAIN)).toBe(theirs)

    await fetch(one.repository, await open())
    const merged = await merge(one.repository, { revision: 'origin/main' })
    expect(merged.type).toBe('merged')
    const to = merged.commitId as ObjectId
    const outcome = await push(one.repository, await open(), [{ name: MAIN, to }])
    expect(outcome.refs[0]?.type).toBe('forward')
    expect(await problems(await open())).toEqual([])
  })

  it('replace what is there only when told, and when it is what was expected', async () => {
    const one = await author()
    one.item('train/a', [box('cat', 1)])
    const first = await one.commit('first')
    one.item('train/a', [box('cat', 2)])
    const second = await one.commit('second')
    const open = await emptyRemote(memoryDriver())
    await push(one.repository, await open(), [{ name: MAIN, to: second }])
    const back = { name: MAIN, to: first, force: true }
    await expect(
      push(one.repository, await open(), [{ ...back, lease: first }]),
    ).rejects.toMatchObject({ code: 'DSV_PUSH_REJECTED' })
    const outcome = await push(one.repository, await open(), [{ ...back, lease: second }])
    expect(outcome.refs[0]?.type).toBe('forced')
    const gone = await push(one.repository, await open(), [{ name: MAIN, to: undefined }])
    expect(gone.refs[0]?.type).toBe('deleted')
    expect((await open()).root.refs.has(MAIN)).toBe(false)
  })

  it('change all refs or none', async () => {
    const one = await author()
    one.item('train/a', [box('cat', 1)])
    const first = await one.commit('first')
    one.item('train/a', [box('cat', 2)])
    const second = await one.commit('second')
    const open = await emptyRemote(memoryDriver())
    await push(one.repository, await open(), [{ name: MAIN, to: second }])
    await expect(
      push(one.repository, await open(), [
        { name: 'refs/heads/other', to: second },
        { name: MAIN, to: first },
      ]),
    ).rejects.toMatchObject({ code: 'DSV_PUSH_REJECTED' })
    expect([...(await open()).root.refs.keys()]).toEqual([MAIN])
  })

  it('a dry run says what would go over and leaves all as it is', async () => {
    const one = await author()
    one.item('train/a', [box('cat', 1)])
    const to = await one.commit('first')
    const open = await emptyRemote(memoryDriver())
    const planned = await push(one.repository, await open(), [{ name: MAIN, to }], { dryRun: true })
    expect((await open()).root.refs.size).toBe(0)
    const done = await push(one.repository, await open(), [{ name: MAIN, to }])
    expect(planned.count).toMatchObject({
      commits: done.count.commits,
      objects: done.count.objects,
      blobs: done.count.blobs,
      blobBytes: done.count.blobBytes,
    })
  })

  it('leave the remote complete after any history', async () => {
    const edit = fc.record({
      item: fc.constantFrom('train/a', 'train/b', 'val/c', 'val/d'),
      x: fc.nat({ max: 3 }),
      isPushed: fc.boolean(),
      from: fc.nat({ max: 5 }),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(edit, { minLength: 1, maxLength: 8 }), async (edits) => {
        const one = await tinyRepository()
        try {
          const open = await emptyRemote(memoryDriver())
          const commits: ObjectId[] = []
          for (const [at, { item, x, isPushed, from }] of edits.entries()) {
            const start = commits[from]
            if (start !== undefined)
              await switchTo(one.repository, { target: `b${at}`, create: true, start })
            one.item(item, [box('cat', x), box('dog', at)])
            commits.push(await one.commit(`edit ${at}`))
            if (!isPushed) continue
            const ref = { name: `refs/heads/b${at}`, to: commits.at(-1) }
            await push(one.repository, await open(), [ref])
            expect(await problems(await open())).toEqual([])
          }
        } finally {
          await one.close()
        }
      }),
      { numRuns: 10 },
    )
  })
})
