import { createHash } from 'node:crypto'
import fs from 'node:fs'
import path from 'node:path'
import { describe, mustRun, startDsv } from './processes.mjs'
import { writeFiles } from './small-dataset.mjs'

const FILES = 120
/** A push lasts several steps, so that what was killed has something to go on with. */
const SETTINGS = { packTargetBytes: 8192, packBelowBytes: 4096 }

/**
 * Kills the built dsv in the middle of a push or a clone, over a folder or `dsv serve`, then runs the
 * same command again and looks at both sides.
 */
export async function remoteKills(library, scratch, { kills, random, isOver = () => false }) {
  const problems = []
  const counts = { killed: 0, 'ended before': 0, 'pushes that sent less': 0 }
  const work = path.join(scratch, 'work')
  fs.mkdirSync(work)
  await mustRun(work, ['init'], problems)
  writeFiles(work, Object.fromEntries(files))
  await mustRun(work, ['add', '.'], problems)
  await mustRun(work, ['commit', '-m', 'many'], problems)

  const full = await makeRemote(library, path.join(scratch, 'full'))
  const copy = path.join(scratch, 'copy')
  const flows = {
    push: { from: work, words: (url) => ['push', url, 'main', '--json'] },
    clone: { from: scratch, words: (url) => ['clone', url, copy] },
  }
  const lasts = {
    push: await timeOf(() => mustRun(work, flows.push.words(full), problems)),
    clone: await timeOf(() => mustRun(scratch, flows.clone.words(full), problems)),
  }
  fs.rmSync(copy, { recursive: true })

  for (let kill = 0; kill < kills && !isOver(); kill += 1) {
    const name = kill % 4 < 2 ? 'push' : 'clone'
    const { from, words } = flows[name]
    const folder = name === 'clone' ? full : await makeRemote(library, path.join(scratch, 'target'))
    const there = await reach(library, folder, kill % 2 === 1)
    const killAfterMs = Math.ceil((0.2 + 0.8 * random()) * lasts[name])
    const note = (problem) =>
      problems.push(`${name} to ${there.url}, killed after ${killAfterMs} ms: ${problem}`)
    const look = async (when, inside) => {
      for (const problem of await broken(library, inside)) note(`${when}: ${problem}`)
    }
    const first = await startDsv(from, words(there.url), { env: there.env, killAfterMs })
    counts[first.signal === 'SIGKILL' ? 'killed' : 'ended before'] += 1
    await look('after the kill', folder)
    // A clone that could only not say that it is whole is somebody's folder.
    const isWhole = name === 'clone' && isCloned(copy)
    if (first.signal === 'SIGKILL' && !isWhole) {
      const again = await startDsv(from, words(there.url), { env: there.env })
      if (again.exitCode !== 0) note(`again: ${describe(again)}`)
      else if (name === 'push' && isLess(JSON.parse(again.stdout)))
        counts['pushes that sent less'] += 1
    } else if (first.exitCode !== 0 && !isWhole) note(describe(first))
    await look('in the end', folder)
    if (name === 'push') {
      const { refs } = await (await open(library, folder)).readRoot()
      if (!refs.has('refs/heads/main')) note('main is not there')
    } else {
      await look('the clone', path.join(copy, '.dsv'))
      for (const [at, bytes] of files)
        if (!isSame(path.join(copy, at), bytes)) note(`${at} is not what it was`)
      const status = await startDsv(copy, ['status', '--json'])
      if (status.exitCode !== 0) note(describe(status))
      fs.rmSync(copy, { recursive: true, force: true })
    }
    await there.stop()
  }
  return { counts, problems }
}

/** Files that do not compress. */
const files = Array.from({ length: FILES }, (_, number) => {
  const pieces = Array.from({ length: 20 + (number % 90) }, (__, at) =>
    createHash('sha256').update(`${number} ${at}`).digest(),
  )
  return [`many/${number % 7}/${number}.bin`, Buffer.concat(pieces)]
})

async function makeRemote(library, folder) {
  fs.rmSync(folder, { recursive: true, force: true })
  fs.mkdirSync(folder)
  await library.Store.create(library.folderDriver(folder), { settings: SETTINGS })
  return folder
}

/** How the folder is reached: by its path, or from `dsv serve`. */
async function reach(library, folder, isServed) {
  if (!isServed) return { url: folder, env: {}, stop: async () => {} }
  const name = `tester-${Math.random()}`
  const tokens = library.defaultTokenFile(folder)
  const token = library.addToken(tokens, { name, rights: 'write', createdMs: 0 })
  const server = await library.serveRepository({ folder, graceMs: 100 })
  return { url: server.url, env: { DSV_TOKEN: token }, stop: async () => server.close() }
}

async function open(library, folder) {
  return library.Store.open(library.folderDriver(folder))
}

async function broken(library, folder) {
  const problems = []
  try {
    for await (const { severity, message } of library.checkStore(await open(library, folder), {
      level: 4,
    }))
      if (severity === 'error') problems.push(message)
  } catch (error) {
    problems.push(error.stack)
  }
  return problems
}

function isCloned(copy) {
  const inside = path.join(copy, '.dsv')
  return (
    fs.existsSync(path.join(inside, 'root')) && !fs.existsSync(path.join(inside, 'local/cloning'))
  )
}

function isLess({ count }) {
  return count.blobs < FILES
}

function isSame(file, bytes) {
  return fs.existsSync(file) && fs.readFileSync(file).equals(bytes)
}

async function timeOf(work) {
  const from = performance.now()
  await work()
  return performance.now() - from
}
