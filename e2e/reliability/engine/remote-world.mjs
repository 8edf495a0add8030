import fs from 'node:fs'
import path from 'node:path'
import { environmentOf } from './flows.mjs'
import { writeFiles } from './small-dataset.mjs'

const MAIN = 'refs/heads/main'
const START_MS = 1_700_000_000_000
const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

/** The clocks of who collects. A writer seems dead to the second, and all garbage to be old. */
export const clocks = { right: 1, ahead: DAY_MS, behind: -DAY_MS }

/**
 * Prepares two clones of one remote that both commit on main, and a remote with garbage that both would
 * use again: a blob in a pack and one as a file, left by a branch that was deleted.
 */
export async function prepareSharing(library, scratch) {
  const now = { ms: START_MS }
  const storage = newStorage(library, now)
  const settings = { packBelowBytes: 64, keepOperations: 1, keepOperationsMs: 0 }
  await library.Store.create(storage, { nowMs: () => now.ms, settings })
  const remote = await openShared(library, storage, now, 'host-0')
  const one = await person(library, path.join(scratch, 'one'), 1_700_000_060)
  const two = await person(library, path.join(scratch, 'two'), 1_700_000_120)
  writeFiles(one.folder, { 'base.txt': 'base\n' })
  const base = await commitAll(library, one.repository, 'base')
  await library.push(one.repository, remote, [{ name: MAIN, to: base }])
  await library.fetch(two.repository, await openShared(library, storage, now, 'host-0'))
  const start = { target: 'main', create: true, start: 'origin/main' }
  await library.switchTo(two.repository, start)

  const again = { 'again.txt': 'packed again\n', 'again.bin': Buffer.alloc(300, 'file again ') }
  await library.switchTo(one.repository, { target: 'old', create: true })
  writeFiles(one.folder, again)
  const old = await commitAll(library, one.repository, 'old')
  for (const change of [{ to: old }, { to: undefined, force: true }]) {
    const opened = await openShared(library, storage, now, 'host-0')
    await library.push(one.repository, opened, [{ name: 'refs/heads/old', ...change }])
  }
  await library.switchTo(one.repository, { target: 'main' })

  writeFiles(one.folder, { ...again, 'one.txt': 'of one\n' })
  one.commitId = await commitAll(library, one.repository, 'of one')
  writeFiles(two.folder, { ...again, 'two.bin': Buffer.alloc(200, 'of two ') })
  two.commitId = await commitAll(library, two.repository, 'of two')
  // Whether the log keeps the deletion is by its last entry.
  const last = await openShared(library, storage, now, 'host-0')
  await library.push(one.repository, last, [{ name: 'refs/heads/kept', to: base }])
  return { one, two, base, image: await imageOf(storage) }
}

async function person(library, folder, seconds) {
  fs.mkdirSync(folder, { recursive: true })
  // The same push is the same bytes in every run.
  const now = () => ({ seconds, offsetMinutes: 0 })
  const repository = await library.Repository.init(folder, environmentOf(library, { now }))
  return { folder, repository, commitId: undefined }
}

async function commitAll(library, repository, message) {
  await library.add(repository, { paths: [''] })
  return (await library.commit(repository, { message })).commitId
}

function newStorage(library, now) {
  return library.memoryDriver({ location: 'shared', packBelowBytes: 64, nowMs: () => now.ms })
}

async function imageOf(storage) {
  const image = []
  for await (const { path: at } of storage.list('')) image.push([at, await storage.read(at)])
  return image
}

/** Returns a storage that holds the same files, written at `ms`. */
export async function storageFrom(library, image, now) {
  const storage = newStorage(library, now)
  for (const [at, bytes] of image) await storage.write(at, bytes)
  return storage
}

/** Opens a storage as the `dsv` of some machine does, but with its clock and identity given. */
export async function openShared(library, storage, now, host) {
  const ahead = library.cachingDriver(storage, { parallel: 1 })
  const self = { pid: 1, host, bootId: host, isRunning: () => true }
  const store = await library.Store.open(ahead, { nowMs: () => now.ms, self })
  const close = async () => store.close()
  return { name: 'origin', driver: ahead, ahead, store, root: await store.readRoot(), close }
}

/**
 * Returns the world of two pushes to one branch and two collections one after the other, the second of
 * which may delete what the first condemned.
 *
 * @param skewMs - how wrong the clock of who collects is
 */
export function sharingWorld(library, { one, two, image }, { skewMs, people = ['one', 'two'] }) {
  const now = { ms: START_MS + HOUR_MS }
  const push =
    ({ repository, commitId }, host) =>
    async (driver) => {
      const remote = await openShared(library, driver, now, host)
      try {
        await library.push(repository, remote, [{ name: MAIN, to: commitId }])
        return 'pushed'
      } finally {
        await remote.close()
      }
    }
  const collect = async (driver) => {
    const clock = { ms: now.ms + skewMs }
    for (let time = 0; time < 2; time += 1) {
      const { store } = await openShared(library, driver, clock, 'host-gc')
      await library.collectGarbage(store, { graceMs: 0, nowMs: clock.ms })
      await store.close()
    }
    return 'collected'
  }
  return {
    begin: async () => {
      // What an earlier run has kept of the remote would make this one ask less.
      for (const { folder } of [one, two])
        fs.rmSync(path.join(folder, '.dsv', 'local', 'cache', 'remotes'), {
          recursive: true,
          force: true,
        })
      const processes = [
        ...(people.includes('one') ? [{ name: 'one', run: push(one, 'host-1') }] : []),
        ...(people.includes('two') ? [{ name: 'two', run: push(two, 'host-2') }] : []),
        { name: 'gc', run: collect },
      ]
      return { storage: await storageFrom(library, image, { ms: START_MS }), processes }
    },
  }
}

/** What a push or a collection may say when others were faster. */
const BEATEN = ['DSV_PUSH_REJECTED', 'DSV_SESSION_EXPIRED']

/** Returns what a reader finds wrong who opens the storage now and reads all that refs lead to. */
export async function readerProblems(library, storage) {
  try {
    const { store } = await openShared(library, storage, { ms: START_MS + HOUR_MS }, 'host-reader')
    const problems = []
    for await (const { severity, message } of library.checkStore(store, { level: 4 }))
      if (severity === 'error') problems.push(`reader: ${message}`)
    return problems
  } catch (error) {
    return [`reader: ${error.code ?? error.stack} ${error.message}`]
  }
}

/** Returns what is wrong at the end: promises that were not kept, and tries again what was beaten. */
export async function endProblems(library, { one, two, base }, storage, outcomes) {
  const now = { ms: START_MS + 2 * HOUR_MS }
  const problems = []
  const people = { one, two }
  const copy = await storageFrom(library, await imageOf(storage), now)
  const main = (await openShared(library, copy, now, 'host-end')).root.refs.get(MAIN)
  const names = Object.keys(outcomes).filter((name) => name !== 'gc')
  const pushed = names.filter((name) => outcomes[name].value === 'pushed')
  if (outcomes.gc.error !== undefined) problems.push(`gc: ${outcomes.gc.error}`)
  if (pushed.length > 1) problems.push('both pushes say that they are done')
  for (const name of names) {
    const { error } = outcomes[name]
    if (error !== undefined && !BEATEN.includes(error)) problems.push(`${name}: ${error}`)
    if (error === 'DSV_PUSH_REJECTED' && pushed.length === 0)
      problems.push(`${name}: rejected by nobody`)
  }
  const expected = pushed.length === 0 ? base : people[pushed[0]].commitId
  if (main !== expected) problems.push(`main is ${main}, and ${pushed} pushed`)
  for (const name of names.filter((each) => !pushed.includes(each))) {
    const opened = await openShared(library, copy, now, 'host-end')
    const isExpired = outcomes[name].error === 'DSV_SESSION_EXPIRED'
    const ref = isExpired && pushed.length === 0 ? MAIN : `refs/heads/${name}`
    try {
      await library.push(people[name].repository, opened, [
        { name: ref, to: people[name].commitId },
      ])
      if (ref === MAIN) pushed.push(name)
    } catch (error) {
      problems.push(`${name} again: ${error.code ?? error.stack}`)
    }
  }
  problems.push(...(await readerProblems(library, copy)))
  return problems
}
