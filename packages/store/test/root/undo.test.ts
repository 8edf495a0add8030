import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import {
  memoryDriver,
  type Operation,
  readOperations,
  redoOperation,
  restoreOperation,
  type RootUpdate,
  type RootView,
  Store,
  undoOperation,
} from '@dsv/store'
import { moveRef, putCommit, readRef, testInfo } from './test-store.ts'

async function log(store: Store): Promise<Operation[]> {
  const operations: Operation[] = []
  for await (const operation of readOperations(store)) operations.push(operation)
  return operations
}

/** What undo brings back. */
async function stateOf(store: Store): Promise<Pick<RootView, 'refs' | 'head' | 'local'>> {
  const { refs, head, local } = await store.readRoot()
  return { refs: new Map([...refs].toSorted(([a], [b]) => (a < b ? -1 : 1))), head, local }
}

interface Step {
  readonly name: string
  readonly text: string | null
  readonly head: boolean
  readonly local: string | null | undefined
}

const step: fc.Arbitrary<Step> = fc.record({
  name: fc.constantFrom('refs/heads/a', 'refs/heads/b'),
  text: fc.option(fc.constantFrom('one', 'two', 'three')),
  head: fc.boolean(),
  local: fc.option(fc.option(fc.constantFrom('stage 1', 'stage 2')), { nil: undefined }),
})

/** Publishes a step; returns whether it changed anything. */
async function publish(store: Store, { name, text, head, local }: Step): Promise<boolean> {
  const before = (await store.readRoot()).operationHead
  await store.write(testInfo('step'), async (session) => {
    const to = text === null ? undefined : await putCommit(session, text)
    await session.publish((root): RootUpdate => {
      const refs = [{ name, from: root.refs.get(name), to }]
      const links = to === undefined ? [] : [to]
      return {
        refs,
        ...(head && { head: { type: 'branch', name } }),
        ...(local !== undefined && {
          local: local === null ? null : { links, payload: Buffer.from(local) },
        }),
      }
    })
  })
  return (await store.readRoot()).operationHead !== before
}

describe('undoOperation', () => {
  it('steps back through any history, and redo steps forward again', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 6 }), async (steps) => {
        const store = await Store.create(memoryDriver())
        const states = [await stateOf(store)]
        for (const each of steps) {
          if (await publish(store, each)) states.push(await stateOf(store))
        }
        for (let at = states.length - 2; at >= 0; at -= 1) {
          await undoOperation(store, 1, testInfo('undo'))
          expect(await stateOf(store)).toEqual(states[at])
        }
        for (let at = 1; at < states.length; at += 1) {
          await redoOperation(store, testInfo('redo'))
          expect(await stateOf(store)).toEqual(states[at])
        }
        await undoOperation(store, states.length - 1, testInfo('undo all'))
        expect(await stateOf(store)).toEqual(states[0])
      }),
      { numRuns: 40 },
    )
  })

  it('takes back one older operation and leaves the later ones', async () => {
    const store = await Store.create(memoryDriver())
    await moveRef(store, 'refs/heads/a', 'one')
    await moveRef(store, 'refs/heads/b', 'two')
    const [, first] = await log(store)

    await undoOperation(store, first!.id, testInfo('undo'))

    expect(await readRef(store, 'refs/heads/a')).toBeUndefined()
    expect(await readRef(store, 'refs/heads/b')).toBe('two')
  })

  it('refuses when the ref has moved since', async () => {
    const store = await Store.create(memoryDriver())
    await moveRef(store, 'refs/heads/a', 'one')
    await moveRef(store, 'refs/heads/a', 'two')
    const [, first] = await log(store)
    const before = await store.readRoot()

    const undone = undoOperation(store, first!.id, testInfo('undo'))

    await expect(undone).rejects.toMatchObject({ code: 'DSV_UNDO_CONFLICT' })
    expect(await store.readRoot()).toEqual(before)
  })

  it('has nothing to undo in a new repository, and nothing to redo after a change', async () => {
    const store = await Store.create(memoryDriver())
    const undone = undoOperation(store, 1, testInfo('undo'))
    await expect(undone).rejects.toMatchObject({ code: 'DSV_OPERATION_NOT_FOUND' })
    await moveRef(store, 'refs/heads/a', 'one')
    await undoOperation(store, 1, testInfo('undo'))
    await moveRef(store, 'refs/heads/a', 'two')

    const redone = redoOperation(store, testInfo('redo'))

    await expect(redone).rejects.toMatchObject({ code: 'DSV_OPERATION_NOT_FOUND' })
  })
})

describe('restoreOperation', () => {
  it('brings back the state after any operation, and can be undone', async () => {
    const store = await Store.create(memoryDriver())
    await moveRef(store, 'refs/heads/a', 'one')
    await moveRef(store, 'refs/heads/b', 'two')
    await moveRef(store, 'refs/heads/a', 'three')
    const last = await stateOf(store)
    const first = (await log(store)).at(-1)

    await restoreOperation(store, first!.id, testInfo('restore'))
    expect(await readRef(store, 'refs/heads/a')).toBe('one')
    expect(await readRef(store, 'refs/heads/b')).toBeUndefined()

    await undoOperation(store, 1, testInfo('undo'))
    expect(await stateOf(store)).toEqual(last)
  })
})
