import fs from 'node:fs'
import path from 'node:path'
import { isCache, readImage, writeImage } from './folder-image.mjs'
import { environmentOf, prepareRepository, withRepository } from './flows.mjs'
import { randomFrom } from './random.mjs'
import { digestOf } from './sound.mjs'

/** Kinds of damage to the bytes of a file. */
const damages = {
  'one bit flipped': (bytes, random) => {
    const damaged = Buffer.from(bytes)
    const at = Math.floor(random() * damaged.length)
    damaged[at] ^= 1 << Math.floor(random() * 8)
    return damaged
  },
  'cut in half': (bytes) => bytes.subarray(0, bytes.length >> 1),
  'cut by one byte': (bytes) => bytes.subarray(0, -1),
  empty: () => Buffer.alloc(0),
  zeros: (bytes) => Buffer.alloc(bytes.length),
  'one byte more': (bytes) => Buffer.concat([bytes, Buffer.of(7)]),
  gone: () => undefined,
}

/**
 * Damages each file of the objects of a repository in each way: fsck names it (or it does not matter),
 * reads fail with our error, repair from a copy makes it whole, or rebuilds it from packs.
 */
export async function damageFiles(library, scratch, { short, seed, isOver }) {
  const random = randomFrom(seed)
  const folder = path.join(scratch, 'repository')
  const twin = path.join(scratch, 'twin')
  fs.rmSync(folder, { recursive: true, force: true })
  await prepareRepository(library, folder)
  const base = readImage(folder, isCache)
  writeImage(twin, base)
  const state = await stateOf(library, folder)
  const objects = [...base].filter(([at, { type }]) => isStored(at) && type === 'file')
  const problems = []
  const counts = {}
  const flips = short ? 2 : 40
  for (const [name, damage] of Object.entries(damages)) {
    let cases = 0
    let named = 0
    for (const [at, { bytes }] of objects) {
      const rounds = name === 'one bit flipped' ? flips : 1
      for (let round = 0; round < rounds && !isOver(); round += 1) {
        cases += 1
        const damaged = damage(bytes, random)
        const image = new Map(base)
        if (damaged === undefined) image.delete(at)
        else image.set(at, { type: 'file', bytes: damaged, mode: 0o644 })
        writeImage(folder, image)
        const where = `${at}, ${name}`
        const found = await lookAtDamage(library, { folder, twin, state, where }, problems)
        if (found) named += 1
        if (cases % 7 === 0) await lookWithoutTwin(library, { folder, image, where }, problems)
      }
    }
    counts[`${name}, each file of objects/`] = `${cases} cases, ${named} named by fsck`
  }
  return { counts, problems }
}

function isStored(at) {
  return at.startsWith('.dsv/objects/')
}

async function stateOf(library, folder) {
  return withRepository(library, folder, async ({ store }) => digestOf(await store.readRoot()))
}

async function findingsOf(library, store) {
  const errors = []
  for await (const finding of library.checkStore(store, { level: 4 })) {
    if (finding.severity === 'error') errors.push(finding)
  }
  return errors
}

async function lookAtDamage(library, { folder, twin, state, where }, problems) {
  const note = (problem) => problems.push(`${where}: ${problem}`)
  let isNamed = false
  try {
    await withRepository(library, folder, async ({ store }) => {
      isNamed = (await findingsOf(library, store)).length > 0
    })
    await withRepository(library, twin, (other) =>
      withRepository(library, folder, async ({ store }) => {
        await library.repairStore(store, [other.store.objects])
      }),
    )
    await withRepository(library, folder, async ({ store }) => {
      const left = await findingsOf(library, store)
      if (left.length > 0) note(`after the repair: ${left[0].message}`)
      if (digestOf(await store.readRoot()) !== state) note('the repair changed refs or stage')
    })
  } catch (error) {
    note(`${error.code ?? error.stack} ${error.message}`)
  }
  return isNamed
}

/** Without another repository nothing can be healed, but nothing may hang or crash either. */
async function lookWithoutTwin(library, { folder, image, where }, problems) {
  writeImage(folder, image)
  const attempt = async (name, work) => {
    try {
      await withRepository(library, folder, work)
    } catch (error) {
      const isOurs = String(error.code).startsWith('DSV_')
      if (!isOurs) problems.push(`${where}: ${name}: ${error.stack}`)
    }
  }
  await attempt('status', (repository) => library.status(repository))
  await attempt('switch', (repository) => library.switchTo(repository, { target: 'other' }))
  await attempt('gc', ({ store }) => library.collectGarbage(store))
  await attempt('repair', ({ store }) => library.repairStore(store, []))
}

/** Damages the root in each way: it is never taken for something else, and its copy brings it back. */
export async function damageRoot(library, scratch, { short }) {
  const folder = path.join(scratch, 'repository')
  fs.rmSync(folder, { recursive: true, force: true })
  await prepareRepository(library, folder)
  const base = readImage(folder, isCache)
  const state = await stateOf(library, folder)
  const { bytes } = base.get('.dsv/root')
  const problems = []
  let cases = 0
  const look = async (damaged, how) => {
    cases += 1
    const image = new Map(base)
    if (damaged === undefined) image.delete('.dsv/root')
    else image.set('.dsv/root', { type: 'file', bytes: damaged, mode: 0o644 })
    writeImage(folder, image)
    const note = (problem) => problems.push(`root, ${how}: ${problem}`)
    const code = await stateOf(library, folder).then(
      () => undefined,
      (error) => error.code,
    )
    if (code !== 'DSV_ROOT_CORRUPT' && code !== 'DSV_REPOSITORY_NEWER') note(`opened as ${code}`)
    const again = await library.Repository.init(folder, environmentOf(library)).then(
      () => undefined,
      (error) => error.code,
    )
    if (again !== 'DSV_REPOSITORY_EXISTS') note(`a new repository could begin: ${again}`)
    // A version from the future is no damage that could be told from the truth.
    if (code === 'DSV_REPOSITORY_NEWER') return
    try {
      await library.restoreRoot(library.folderDriver(path.join(folder, '.dsv')))
      if ((await stateOf(library, folder)) !== state) note('another state came back')
      await withRepository(library, folder, async ({ store }) => {
        const [first] = await findingsOf(library, store)
        if (first !== undefined) note(first.message)
      })
    } catch (error) {
      note(`${error.code ?? error.stack} ${error.message}`)
    }
  }
  const stride = short ? 29 : 1
  for (let at = 0; at < bytes.length; at += stride) {
    const damaged = Buffer.from(bytes)
    damaged[at] ^= 1 << (at % 8)
    await look(damaged, `bit ${at % 8} of byte ${at} flipped`)
    if (at % 5 === 0) await look(bytes.subarray(0, at), `cut after ${at} bytes`)
  }
  await look(undefined, 'gone')
  return { counts: { 'root damaged, restored from its copy': `${cases} cases` }, problems }
}
