import fs from 'node:fs'
import path from 'node:path'
import { Worker } from 'node:worker_threads'
import { bombs } from './bombs.mjs'
import { FUZZ_LIBRARY } from './fuzz-library.mjs'
import { fuzzTargets } from './fuzz-targets.mjs'
import { buildLibrary } from './library.mjs'
import { pathToFileURL } from 'node:url'

/** A case that takes longer is a hang. */
const HANG_MS = 20_000

/**
 * Runs `count` cases of every decoder, or the bombs, in a thread that may use 1 GB, and returns what
 * went wrong: errors that are not ours, hangs, memory.
 */
export async function runFuzz(
  scratch,
  { kind, only, seed, from = 0, count, slowMs = 2000, isOver },
) {
  const libraryFile = await buildLibrary(FUZZ_LIBRARY)
  const library = await import(pathToFileURL(libraryFile).href)
  const listed = path.join(scratch, 'listed')
  fs.mkdirSync(listed, { recursive: true })
  const names =
    kind === 'bomb'
      ? Object.keys(bombs(library, listed))
      : Object.keys(await fuzzTargets(library, listed))
  const wanted = only === undefined ? names : names.filter((name) => name === only)
  const problems = []
  const counts = {}
  for (const name of wanted) {
    if (isOver?.()) break
    const folder = path.join(scratch, 'worker')
    fs.rmSync(folder, { recursive: true, force: true })
    fs.mkdirSync(folder, { recursive: true })
    const work = [{ kind, name, seed, from, count }]
    const ran = await runWorker({ libraryFile, scratch: folder, work, slowMs })
    counts[name] = { cases: ran.cases, accepted: ran.accepted }
    problems.push(...ran.problems)
  }
  fs.rmSync(libraryFile, { force: true })
  return { counts, problems }
}

function runWorker(data) {
  const counter = new Int32Array(new SharedArrayBuffer(12))
  const problems = []
  const seen = new Map()
  return new Promise((resolve) => {
    const worker = new Worker(new URL('./fuzz-worker.mjs', import.meta.url), {
      workerData: { ...data, counter },
      resourceLimits: { maxOldGenerationSizeMb: 1024 },
    })
    let name = data.work[0].name
    let last = -1
    let since = performance.now()
    const end = (problem) => {
      if (problem !== undefined) problems.push(`${name} case ${counter[0]}: ${problem}`)
      for (const [text, times] of seen) problems.push(`${text} (${times} times)`)
      clearInterval(timer)
      void worker.terminate()
      resolve({ cases: counter[1], accepted: counter[2], problems })
    }
    const timer = setInterval(() => {
      const now = performance.now()
      if (counter[1] !== last) {
        last = counter[1]
        since = now
      } else if (now - since > HANG_MS) {
        end('hangs')
      }
    }, 200)
    worker.on('message', (message) => {
      if (message.type === 'begun') name = message.name
      if (message.type !== 'problem') return
      const text = `${message.name}: ${message.problem.replaceAll(/\d+ (?=MB|ms)/g, '… ')}`
      if (!seen.has(text)) problems.push(`${message.name} case ${message.at}: ${message.problem}`)
      seen.set(text, (seen.get(text) ?? 0) + 1)
    })
    worker.on('error', (error) => end(`kills the thread: ${error.stack ?? error}`))
    worker.on('exit', () => end())
  })
}
