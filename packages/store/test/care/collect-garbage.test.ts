import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { EventEmitter, once } from 'node:events'
import {
  type BlobId,
  collectGarbage,
  isDsvError,
  memoryDriver,
  type StorageDriver,
  Store,
} from '@dsv/store'
import { moveRef, putCommit, readRef, testInfo } from '../root/test-store.ts'

const HOUR_MS = 3_600_000

interface World {
  readonly driver: StorageDriver
  readonly store: Store
  clockMs: number
  open(): Promise<Store>
}

async function newWorld(settings = {}): Promise<World> {
  const world = { clockMs: 1_000_000_000 }
  const nowMs = (): number => world.clockMs
  const driver = memoryDriver({ nowMs, packBelowBytes: 8 })
  const store = await Store.create(driver, {
    nowMs,
    settings: { keepOperations: 1, keepOperationsMs: 0, graceMs: HOUR_MS, ...settings },
  })
  return Object.assign(world, { driver, store, open: () => Store.open(driver, { nowMs }) })
}

async function paths(driver: StorageDriver, prefix = 'objects/'): Promise<string[]> {
  const found: string[] = []
  for await (const { path } of driver.list(prefix)) found.push(path)
  return found
}

async function blobId(store: Store, text: string): Promise<BlobId> {
  return store.write(testInfo('probe'), (session) => session.putBlob(Buffer.from(text)))
}

describe('collectGarbage', () => {
  it('takes the clock of a storage that dates files to the fraction of a millisecond', async () => {
    const world = await newWorld()
    await moveRef(world.store, 'refs/heads/main', 'kept')
    await moveRef(world.store, 'refs/heads/old', 'lost')
    await moveRef(world.store, 'refs/heads/old', undefined)
    await moveRef(world.store, 'refs/heads/x', 'x')
    world.clockMs += 2 * HOUR_MS + 0.25
    expect((await collectGarbage(world.store)).condemned).toBeGreaterThan(0)
    world.clockMs += 2 * HOUR_MS + 0.5
    expect((await collectGarbage(world.store)).deleted).toBeGreaterThan(0)
    expect(await readRef(await world.open(), 'refs/heads/x')).toBe('x')
  })

  it('deletes what nothing refers to, one grace period after it saw that', async () => {
    const world = await newWorld()
    await moveRef(world.store, 'refs/heads/main', 'kept\nkept and large')
    await moveRef(world.store, 'refs/heads/old', 'lost\nlost and large')
    const lost = await blobId(world.store, 'lost')
    const lostFile = await blobId(world.store, 'lost and large')
    await moveRef(world.store, 'refs/heads/old', undefined)
    await moveRef(world.store, 'refs/heads/x', 'x')
    world.clockMs += 2 * HOUR_MS

    const first = await collectGarbage(world.store)
    expect(first.condemned).toBeGreaterThan(0)
    expect(first.deleted).toBe(0)
    expect(await world.store.objects.has(lost)).toBe(false)
    expect(await world.store.objects.has(lostFile)).toBe(true)

    world.clockMs += HOUR_MS / 2
    expect((await collectGarbage(world.store)).deleted).toBe(0)
    world.clockMs += HOUR_MS
    expect((await collectGarbage(world.store)).deleted).toBeGreaterThan(0)

    const reopened = await world.open()
    expect(await reopened.objects.has(lostFile)).toBe(false)
    expect(await readRef(reopened, 'refs/heads/main')).toBe('kept\nkept and large')
    expect((await reopened.readRoot()).condemned).toEqual([])
  })

  it('goes by the clock of the storage where its own is wrong', async () => {
    const world = await newWorld()
    await moveRef(world.store, 'refs/heads/old', 'lost\nlost and large')
    await moveRef(world.store, 'refs/heads/old', 'other')
    await moveRef(world.store, 'refs/heads/x', 'x')
    const ahead = await Store.open(world.driver, { nowMs: () => world.clockMs + 48 * HOUR_MS })
    // A writer of an hour behind, whose last sign of life the storage dates right.
    const behind = await Store.open(world.driver, { nowMs: () => world.clockMs - HOUR_MS })
    await behind.write(testInfo('slow'), async (session) => {
      await session.putBlob(Buffer.from('written by somebody who still runs'))
      await session.checkpoint()
      world.clockMs += HOUR_MS / 60
      const outcome = await collectGarbage(ahead)
      expect(outcome).toMatchObject({ deleted: 0, remains: 0 })
      expect(outcome.condemned).toBeGreaterThan(0)
      expect((await collectGarbage(ahead)).deleted).toBe(0)
      world.clockMs += 2 * HOUR_MS
    })
    expect((await collectGarbage(ahead)).deleted).toBeGreaterThan(0)
  })

  it('changes nothing in a dry run', async () => {
    const world = await newWorld()
    await moveRef(world.store, 'refs/heads/old', 'lost\nlost and large')
    await moveRef(world.store, 'refs/heads/old', 'other')
    await moveRef(world.store, 'refs/heads/x', 'x')
    world.clockMs += 2 * HOUR_MS
    const before = [await paths(world.driver, ''), await world.store.readRoot()]

    const outcome = await collectGarbage(world.store, { dryRun: true })

    expect(outcome.condemned).toBeGreaterThan(0)
    expect([await paths(world.driver, ''), await world.store.readRoot()]).toEqual(before)
  })

  it('keeps what an operation within the window refers to', async () => {
    const world = await newWorld({ keepOperations: 3 })
    await moveRef(world.store, 'refs/heads/old', 'undoable\nand large enough')
    await moveRef(world.store, 'refs/heads/old', undefined)
    const kept = await blobId(world.store, 'undoable')
    world.clockMs += 2 * HOUR_MS

    await collectGarbage(world.store, { graceMs: 0 })
    await collectGarbage(world.store, { graceMs: 0 })

    expect(await world.store.objects.has(kept)).toBe(true)
  })

  it('keeps what a writer has stored but not published, and lets it publish', async () => {
    const world = await newWorld()
    await moveRef(world.store, 'refs/heads/main', 'main')
    await world.store.write(testInfo('slow'), async (session) => {
      const to = await putCommit(session, 'slow\nslow and large')
      world.clockMs += 5 * HOUR_MS
      await collectGarbage(await world.open(), { graceMs: 0 })
      await collectGarbage(await world.open(), { graceMs: 0 })
      await session.publish(() => ({ refs: [{ name: 'refs/heads/slow', from: undefined, to }] }))
    })

    const reopened = await world.open()
    expect(await readRef(reopened, 'refs/heads/slow')).toBe('slow\nslow and large')
    expect(await readRef(reopened, 'refs/heads/main')).toBe('main')
  })

  it('lets a writer take back a large blob that was condemned while it wrote', async () => {
    const world = await newWorld()
    await moveRef(world.store, 'refs/heads/old', 'shared and large')
    await moveRef(world.store, 'refs/heads/old', undefined)
    await moveRef(world.store, 'refs/heads/x', 'x')
    world.clockMs += 2 * HOUR_MS
    await world.store.write(testInfo('reuse'), async (session) => {
      const to = await putCommit(session, 'fresh\nshared and large')
      await collectGarbage(await world.open())
      await session.publish(() => ({ refs: [{ name: 'refs/heads/new', from: undefined, to }] }))
    })
    const { condemned } = await world.store.readRoot()
    expect(condemned.filter(({ path }) => path.startsWith('objects/condemned/'))).toEqual([])
    world.clockMs += 2 * HOUR_MS
    await collectGarbage(world.store)
    world.clockMs += 2 * HOUR_MS
    await collectGarbage(world.store)

    expect(await readRef(await world.open(), 'refs/heads/new')).toBe('fresh\nshared and large')
  })

  it.each([
    ['object', 'reused'],
    ['part of an object', 'fresh\nreused'],
  ])('makes a writer begin again when an %s it found is gone', async (_what, text) => {
    const world = await newWorld()
    await moveRef(world.store, 'refs/heads/old', 'reused')
    await moveRef(world.store, 'refs/heads/old', undefined)
    await moveRef(world.store, 'refs/heads/x', 'x')
    const before = (await world.store.readRoot()).refs

    const reuse = world.store.write(testInfo('reuse'), async (session) => {
      const to = await putCommit(session, text)
      await collectGarbage(await world.open())
      await session.publish(() => ({ refs: [{ name: 'refs/heads/new', from: undefined, to }] }))
    })

    await expect(reuse).rejects.toMatchObject({ code: 'DSV_SESSION_EXPIRED' })
    expect((await world.store.readRoot()).refs).toEqual(before)
    await moveRef(world.store, 'refs/heads/new', text)
    expect(await readRef(await world.open(), 'refs/heads/new')).toBe(text)
  })

  it('keeps what is published again while it is about to condemn it', async () => {
    const world = await newWorld()
    await moveRef(world.store, 'refs/heads/old', 'lost\nlost and large')
    await moveRef(world.store, 'refs/heads/old', undefined)
    await moveRef(world.store, 'refs/heads/x', 'x')
    world.clockMs += 2 * HOUR_MS
    let isDone = false
    const interrupted: StorageDriver = {
      ...world.driver,
      write: async (path, bytes) => {
        await world.driver.write(path, bytes)
        if (isDone || !path.startsWith('objects/condemned/')) return
        isDone = true
        await moveRef(await world.open(), 'refs/heads/back', 'lost\nlost and large')
      },
    }

    await collectGarbage(await Store.open(interrupted, { nowMs: () => world.clockMs }))

    expect(isDone).toBe(true)
    world.clockMs += 2 * HOUR_MS
    await collectGarbage(await world.open())
    expect(await readRef(await world.open(), 'refs/heads/back')).toBe('lost\nlost and large')
  })

  it('keeps the pieces of a large blob', async () => {
    const world = await newWorld({ chunkFromBytes: 1_000_000 })
    const bytes = Buffer.alloc(3_000_000)
    for (let at = 0; at < bytes.length; at += 4)
      bytes.writeUInt32LE(Math.imul(at, 2654435761) >>> 0, at)
    const large = await world.store.write(testInfo('large'), async (session) => {
      const blob = await session.putBlob(bytes)
      const to = await session.putObject('commit', { links: [blob], payload: Buffer.from('') })
      await session.publish(() => ({ refs: [{ name: 'refs/heads/l', from: undefined, to }] }))
      return blob
    })
    expect((await world.store.objects.chunksOf(large)).length).toBeGreaterThan(1)
    await moveRef(world.store, 'refs/heads/old', 'lost')
    await moveRef(world.store, 'refs/heads/old', undefined)
    await moveRef(world.store, 'refs/heads/x', 'x')
    for (let round = 0; round < 3; round += 1) {
      world.clockMs += 2 * HOUR_MS
      await collectGarbage(world.store)
    }

    expect(Buffer.from(await (await world.open()).objects.getBlob(large)).equals(bytes)).toBe(true)
  })

  it('refuses while something in use is missing', async () => {
    const world = await newWorld()
    await moveRef(world.store, 'refs/heads/main', 'large enough for a file')
    for (const path of await paths(world.driver, 'objects/blob/')) await world.driver.delete(path)

    await expect(collectGarbage(world.store)).rejects.toMatchObject({ code: 'DSV_GC_REFUSED' })
  })

  it('puts many small packs and index fragments together', async () => {
    const world = await newWorld({ keepOperations: 1000 })
    for (let at = 0; at < 20; at += 1) await moveRef(world.store, `refs/heads/b${at}`, `text ${at}`)
    world.clockMs += 2 * HOUR_MS
    await collectGarbage(world.store)
    world.clockMs += 2 * HOUR_MS
    await collectGarbage(world.store)

    const reopened = await world.open()
    expect((await paths(world.driver, 'objects/pack/')).length).toBeLessThan(4)
    for (let at = 0; at < 20; at += 1) {
      expect(await readRef(reopened, `refs/heads/b${at}`)).toBe(`text ${at}`)
    }
  })

  it('never loses what is published, whatever happens in whatever order', async () => {
    const texts = fc.constantFrom(
      'a',
      'b\na',
      'large blob one',
      'large blob one\nb',
      'another large',
    )
    const names = fc.constantFrom('refs/heads/x', 'refs/heads/y', 'refs/tags/t')
    const step = fc.oneof(
      fc.record({ do: fc.constant('move' as const), name: names, text: fc.option(texts) }),
      fc.record({ do: fc.constant('begin' as const), name: names, text: texts }),
      fc.record({ do: fc.constant('end' as const) }),
      fc.record({ do: fc.constant('gc' as const), graceMs: fc.constantFrom(0, HOUR_MS) }),
      fc.record({ do: fc.constant('wait' as const) }),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 14 }), async (steps) => {
        const world = await newWorld({ packTargetBytes: 200 })
        const expected = new Map<string, string>()
        const open: { finish: () => void; done: Promise<void> }[] = []
        for (const [at, drawn] of steps.entries()) {
          // Commits that are new, of parts that may have been there before.
          const each =
            'text' in drawn ? { ...drawn, text: drawn.text && `${at}\n${drawn.text}` } : drawn
          world.clockMs += 1000
          if (each.do === 'wait') world.clockMs += 2 * HOUR_MS
          if (each.do === 'gc') await collectGarbage(await world.open(), { graceMs: each.graceMs })
          if (each.do === 'move') {
            await moveRef(world.store, each.name, each.text ?? undefined)
            if (each.text === null) expected.delete(each.name)
            else expected.set(each.name, each.text)
          }
          if (each.do === 'begin')
            open.push(await beginSlowWrite(world, expected, { ...each, text: each.text ?? '' }))
          if (each.do === 'end') await finish(open.shift())
        }
        for (const each of open) await finish(each)
        await collectGarbage(await world.open(), { graceMs: 0 })
        world.clockMs += 1000
        await collectGarbage(await world.open(), { graceMs: 0 })
        const reopened = await world.open()
        for (const [name, text] of expected) expect(await readRef(reopened, name)).toBe(text)
      }),
      { numRuns: 150 },
    )
  })
})

async function finish(
  open: { finish: () => void; done: Promise<void> } | undefined,
): Promise<void> {
  open?.finish()
  await open?.done
}

/** A promise that somebody else fulfils. */
interface Signal {
  readonly sent: Promise<unknown>
  readonly send: () => void
}

function signal(): Signal {
  const events = new EventEmitter()
  return { sent: once(events, 'sent'), send: () => void events.emit('sent') }
}

/** Stores a commit now and publishes it when `finish` is called. */
async function beginSlowWrite(
  world: World,
  expected: Map<string, string>,
  { name, text }: { readonly name: string; readonly text: string },
): Promise<{ finish: () => void; done: Promise<void> }> {
  const store = await world.open()
  const stored = signal()
  const finished = signal()
  const done = store
    .write(testInfo('slow', world.clockMs), async (session) => {
      const to = await putCommit(session, text)
      stored.send()
      await finished.sent
      await session.publish((root) => ({ refs: [{ name, from: root.refs.get(name), to }] }))
      expected.set(name, text)
    })
    .catch((error: unknown) => {
      if (!isDsvError(error, 'DSV_SESSION_EXPIRED')) throw error
    })
  await stored.sent
  return { finish: finished.send, done }
}
