import fs from 'node:fs'
import path from 'node:path'
import { isCache, readImage, writeImage } from './folder-image.mjs'
import { flows, prepareRepository, withRepository } from './flows.mjs'
import { powerModel } from './power-model.mjs'
import { randomFrom } from './random.mjs'
import { asDeadProcess, interceptFiles } from './recorded-files.mjs'
import { digestOf, problemsOf, treeOf } from './sound.mjs'

/**
 * Runs a flow once and records every change it makes to files; then, for each point in between, makes
 * the folder that a crash there would have left, in several ways, and looks at it.
 *
 * @param options - `stride` looks at every n-th point only (the last is always looked at), `randoms` is
 *   the number of random power cuts at each point
 */
export async function crashFlow(library, name, scratch, options) {
  const { stride = 1, offset = 0, randoms = 1, seed = 1, isOver = () => false } = options
  const flow = flows[name]
  const folder = path.join(scratch, 'repository')
  const base = await preparedImage(library, flow, scratch)
  const { operations, digests, trees } = await recordFlow(library, flow, folder, base)
  const chance = randomFrom(seed)
  const problems = []
  let cases = 0

  const look = async (image, at, how, requirements) => {
    cases += 1
    writeImage(folder, image)
    for (const problem of await problemsOf(library, folder, requirements)) {
      problems.push(`${name}, stopped at ${at} of ${operations.length}, ${how}: ${problem}`)
    }
  }
  const model = powerModel(base)
  const expectTree = (digest, tree) => trees.get(digest) === tree
  for (let at = 0; at <= operations.length; at += 1) {
    if (at > 0) model.apply(operations[at - 1])
    const isLast = at === operations.length
    if (!isLast && (at + offset) % stride !== 0) continue
    if (isOver()) break
    const allowed = isLast ? new Set([digests.at(-1)]) : new Set(digests)
    await look(model.seen(), at, 'killed', { allowed, expectTree })
    if (operations[at]?.type === 'write') {
      await look(torn(model, operations[at]), at, 'killed in a write', { allowed, expectTree })
    }
    await look(model.strict(), at, 'power cut, nothing unflushed kept', { allowed })
    await look(model.namesOnly('empty'), at, 'power cut, unflushed files empty', { allowed })
    await look(model.namesOnly('zeros'), at, 'power cut, unflushed files zero', { allowed })
    for (let round = 0; round < randoms; round += 1) {
      await look(model.random(chance), at, `power cut, random ${round}`, { allowed })
    }
  }
  return { cases, operations: operations.length, problems }
}

/** Returns the image of a repository that is ready for the flow; those of one library are kept. */
const prepared = new Map()
export async function preparedImage(library, flow, scratch) {
  const folder = path.join(scratch, 'repository')
  if (!prepared.has('')) {
    fs.rmSync(folder, { recursive: true, force: true })
    await prepareRepository(library, folder)
    prepared.set('', readImage(folder, isCache))
  }
  if (!prepared.has(flow)) {
    writeImage(folder, prepared.get(''))
    await flow.prepare(library, folder)
    prepared.set(flow, readImage(folder, isCache))
  }
  return prepared.get(flow)
}

/** Runs the flow once; `digests` are the states that were published on the way, the first one included. */
async function recordFlow(library, flow, folder, base) {
  writeImage(folder, base)
  const digests = []
  const trees = new Map()
  const note = async () => {
    await withRepository(library, folder, async (repository) => {
      const digest = digestOf(await repository.store.readRoot())
      if (!digests.includes(digest)) digests.push(digest)
      trees.set(digest, treeOf(await library.status(repository)))
    })
  }
  await note()
  // A fresh inode for every file: the cache that status made must not help.
  writeImage(folder, base)
  const operations = []
  const files = interceptFiles(folder, {
    after: (operation) => {
      if (!isCache(operation.path ?? operation.to ?? '')) operations.push(operation)
    },
  })
  try {
    await asDeadProcess(() => flow.run(library, folder))
  } finally {
    files.stop()
  }
  await note()
  return { operations, digests, trees }
}

/** What is left when a write got only half of its bytes down. */
function torn(model, operation) {
  const image = new Map(model.seen())
  const node = image.get(operation.path)
  const half = operation.bytes.subarray(0, operation.bytes.length >> 1)
  const bytes = Buffer.concat([node.bytes.subarray(0, operation.position), half])
  image.set(operation.path, { ...node, bytes })
  return image
}
