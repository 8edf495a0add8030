// Runs the cases of one target; the main thread watches the counter that it moves.
import { createHash } from 'node:crypto'
import { parentPort, workerData } from 'node:worker_threads'
import { pathToFileURL } from 'node:url'
import { bombs } from './bombs.mjs'
import { fuzzTargets } from './fuzz-targets.mjs'
import { randomFrom } from './random.mjs'

const { libraryFile, scratch, work, counter, slowMs } = workerData
const library = await import(pathToFileURL(libraryFile).href)

for (const { kind, name, seed, from, count } of work) {
  if (kind === 'bomb') {
    const run = bombs(library, scratch)[name]
    parentPort.postMessage({ type: 'begun', name })
    await attempt(name, 0, run)
  } else {
    const { make, run } = (await fuzzTargets(library, scratch))[name]
    parentPort.postMessage({ type: 'begun', name })
    for (let at = from; at < from + count; at += 1) {
      const input = make(randomFrom(caseSeed(name, seed, at)))
      await attempt(name, at, () => run(input), input)
    }
  }
  parentPort.postMessage({ type: 'ended', name })
}

function caseSeed(name, seed, at) {
  return createHash('sha256').update(`${name} ${seed} ${at}`).digest().readUInt32LE()
}

async function attempt(name, at, run, input) {
  Atomics.store(counter, 0, at)
  Atomics.add(counter, 1, 1)
  const start = performance.now()
  const before = process.memoryUsage.rss()
  try {
    await run()
    Atomics.add(counter, 2, 1)
  } catch (error) {
    if (typeof error?.code !== 'string' || !error.code.startsWith('DSV_')) {
      const stack = String(error?.stack ?? error)
        .split('\n')
        .slice(0, 4)
        .join(' | ')
      note(`threw ${stack}`, input)
    }
  }
  const tookMs = performance.now() - start
  if (tookMs > slowMs) note(`took ${Math.round(tookMs)} ms`, input)
  const grownBytes = process.memoryUsage.rss() - before
  if (grownBytes > 400 * 2 ** 20) note(`took ${Math.round(grownBytes / 2 ** 20)} MB`, input)
  if ({}.x !== undefined || {}.polluted !== undefined) note('changed Object.prototype', input)

  function note(problem) {
    parentPort.postMessage({ type: 'problem', name, at, problem })
  }
}
