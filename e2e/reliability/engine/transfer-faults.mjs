import fs from 'node:fs'
import path from 'node:path'
import { environmentOf, prepareRepository, withRepository } from './flows.mjs'
import { isCache, readImage, writeImage } from './folder-image.mjs'
import { randomFrom } from './random.mjs'
import { writeFiles } from './small-dataset.mjs'
import { digestOf } from './sound.mjs'
import { faultyStorage } from './storage-faults.mjs'

const HOUR_MS = 3_600_000
const NAMES = ['refs/heads/main', 'refs/heads/other']

/**
 * What is done over a storage: which files it holds before, which the repository here, and what is
 * run. What stands in both afterwards is either what stood there before, or what a run without a fault
 * leaves.
 */
const transfers = {
  push: { remote: 'first', local: 'full', run: pushAll },
  'the first push': { remote: 'empty', local: 'full', run: pushAll },
  fetch: { remote: 'full', local: 'first', run: fetchAll },
  clone: { remote: 'full', local: 'empty', run: cloneAll },
  import: { remote: 'full', local: 'empty', run: importData },
  gc: { remote: 'garbage', local: 'full', run: collect },
  'gc that deletes': { remote: 'condemned', local: 'full', run: collect },
}

export const transferNames = Object.keys(transfers)

async function pushAll({ library, repository, remote }) {
  const { refs } = await repository.state()
  const wanted = NAMES.map((name) => ({ name, to: refs.get(name) }))
  await library.push(repository, remote, wanted)
}

async function fetchAll({ library, repository, remote }) {
  await library.fetch(repository, remote)
}

async function cloneAll({ library, repository, remote }) {
  await library.fetch(repository, remote)
  await library.switchTo(repository, { target: 'main', create: true, start: 'origin/main' })
}

async function importData({ library, repository, remote }) {
  const source = { url: 'memory', options: {}, from: 'data' }
  await library.importFrom(repository, library.dsvSource(remote), {
    ...source,
    to: 'registry/data',
  })
}

async function collect({ library, remote, now }) {
  await library.collectGarbage(remote.store, { graceMs: 0, nowMs: now() + HOUR_MS })
}

/** Prepares what the transfers begin with: images of storages and of folders. */
export async function prepareTransfers(library, scratch) {
  const folder = path.join(scratch, 'prepared')
  await prepareRepository(library, folder)
  const clock = { ms: Date.now() - HOUR_MS }
  const remotes = {}
  const locals = { full: readImage(folder, isCache) }
  const storage = library.memoryDriver({
    location: 'shared',
    packBelowBytes: 600,
    nowMs: () => clock.ms,
  })
  const settings = { chunkFromBytes: 45_000, keepOperations: 1, keepOperationsMs: 0 }
  await library.Store.create(storage, { settings })
  remotes.empty = await imageOf(storage)
  await withRepository(library, folder, async (repository) => {
    const { refs } = await repository.state()
    const main = refs.get('refs/heads/main')
    const [first] = (await repository.commit(main)).parents
    const send = async (name, to) => {
      const remote = await library.openRemote('origin', storage)
      await library.push(repository, remote, [{ name, to, force: true }])
      await remote.close()
    }
    await send('refs/heads/main', first)
    remotes.first = await imageOf(storage)
    await send('refs/heads/main', main)
    await send('refs/heads/other', refs.get('refs/heads/other'))
    remotes.full = await imageOf(storage)
    await send('refs/heads/other', undefined)
    await send('refs/tags/last', main)
    remotes.garbage = await imageOf(storage)
    const { store } = await library.openRemote('origin', storage)
    await library.collectGarbage(store, { graceMs: 0, nowMs: clock.ms + 1 })
    remotes.condemned = await imageOf(storage)
  })
  locals.empty = await madeBy(library, folder, async () => {})
  locals.first = await madeBy(library, folder, async (repository) => {
    const remote = await library.openRemote('origin', await storageOf(library, remotes.first))
    await cloneAll({ library, repository, remote })
  })
  return { remotes, locals, folder, states: new Map() }
}

async function madeBy(library, folder, work) {
  fs.rmSync(folder, { recursive: true, force: true })
  fs.mkdirSync(folder, { recursive: true })
  const repository = await library.Repository.init(folder, environmentOf(library))
  writeFiles(folder, { 'mine.txt': 'mine\n' })
  await library.add(repository, { paths: ['mine.txt'] })
  await work(repository)
  await repository.close()
  return readImage(folder, isCache)
}

async function imageOf(storage) {
  const image = []
  for await (const { path: at } of storage.list('')) image.push([at, await storage.read(at)])
  return image
}

async function storageOf(library, image) {
  // What gc looks at was written an hour ago.
  const nowMs = () => Date.now() - HOUR_MS
  const storage = library.memoryDriver({ location: 'shared', packBelowBytes: 600, nowMs })
  await fillStorage(storage, image)
  return storage
}

/** Writes the files of an image. */
export async function fillStorage(storage, image) {
  for (const [at, bytes] of image)
    if (at === 'root') await storage.replaceIf(at, undefined, bytes)
    else await storage.write(at, bytes)
}

/**
 * Faults of a storage in memory. A carrier gives for each case a storage that holds an image: `storage`
 * to look at, `faulty(fault)` to run over.
 */
export function memoryCarrier(library) {
  return async (image) => {
    const storage = await storageOf(library, image)
    return {
      storage,
      faulty: async (fault) => faultyStorage(library, storage, fault),
      end: async () => {},
    }
  }
}

/**
 * Runs a transfer again and again, each time with the fault at another request, and looks at both
 * repositories afterwards; then runs it again without a fault.
 *
 * @param options - `carrier` is where the remote lies; `isBorne`: the transfer must succeed all the same
 */
export async function transferFault(library, { name, fault, lasts }, prepared, options) {
  const { stride = 1, offset = 0, seed = 1, isOver = () => false, isBorne = false } = options
  const { carrier = memoryCarrier(library) } = options
  const { remote: remoteName, local: localName, run } = transfers[name]
  const { folder, remotes, locals } = prepared
  const chance = randomFrom(seed)
  const problems = []
  let cases = 0

  const attempt = async (driver) => {
    try {
      await withRepository(library, folder, async (repository) => {
        const remote = await library.openRemote('origin', driver)
        try {
          await run({ library, repository, remote, now: Date.now })
        } finally {
          await remote.close()
        }
      })
      return undefined
    } catch (error) {
      return error
    }
  }
  const begin = async () => {
    writeImage(folder, locals[localName])
    return carrier(remotes[remoteName])
  }
  const stateOf = async (storage) => ({
    here: await withRepository(library, folder, async ({ store }) =>
      digestOf(await store.readRoot()),
    ),
    there: refsText(await (await library.Store.open(storage)).readRoot()),
  })

  if (!prepared.states.has(name)) {
    writeImage(folder, locals[localName])
    const clean = await storageOf(library, remotes[remoteName])
    const states = { before: await stateOf(clean) }
    const failed = await attempt(clean)
    if (failed !== undefined) return { cases, problems: [`${name}: ${failed.stack}`] }
    prepared.states.set(name, { ...states, after: await stateOf(clean) })
  }
  const { before, after } = prepared.states.get(name)

  for (let at = offset % stride; !isOver(); at += stride) {
    const { storage, faulty: makeFaulty, end } = await begin()
    const { driver, faulty } = await makeFaulty({ fault, at, lasts, chance })
    const error = await attempt(driver)
    if (faulty.hit === undefined) {
      await end()
      break
    }
    cases += 1
    const where = `${name}, ${fault} ${lasts ? 'from' : 'at'} ${at} (${faulty.hit})`
    const note = (problem) => problems.push(`${where}: ${problem}`)
    if (error !== undefined && (isBorne || error.code?.startsWith('DSV_') !== true))
      note(error.stack)
    const state = await stateOf(storage)
    for (const side of ['here', 'there']) {
      const allowed = error === undefined ? [after[side]] : [before[side], after[side]]
      if (!allowed.includes(state[side])) note(`${side}: neither the old state nor the new`)
    }
    for (const problem of await brokenIn(library, folder, storage)) note(problem)
    const again = await attempt(storage)
    // What is done cannot be imported or checked out a second time.
    const isDone = state.here === after.here && state.there === after.there
    if (again !== undefined && !isDone) note(`again: ${again.code ?? again.stack} ${again.message}`)
    const final = await stateOf(storage)
    if (final.here !== after.here || final.there !== after.there)
      note('the second try led elsewhere')
    for (const problem of await brokenIn(library, folder, storage)) note(`again: ${problem}`)
    await end()
  }
  return { cases, problems }
}

function refsText({ refs }) {
  return JSON.stringify([...refs].toSorted())
}

async function brokenIn(library, folder, storage) {
  const problems = []
  const look = async (side, store) => {
    for await (const { severity, message } of library.checkStore(store, { level: 4 }))
      if (severity === 'error') problems.push(`fsck ${side}: ${message}`)
  }
  try {
    await withRepository(library, folder, ({ store }) => look('here', store))
    await look('there', await library.Store.open(storage))
  } catch (error) {
    problems.push(`fsck: ${error.stack}`)
  }
  return problems
}
