// Measures sharing: dsv beside DVC, with a folder and with an S3 server on this machine as the remote, and checks
// every result.
//
// node bench/remotes.mjs [--short] [--shapes S100k,J10k,R2k] [--remotes folder,s3] [--latency 0,20] [--scale n]
//                        [--far-scale n] [--repeat n] [--work <folder>] [--no-peers] [--dsv "<command>"] [--keep] [--publish]
//
// The S3 server is versitygw, built with Go into the work folder; DVC comes from PyPI. Both stay there when `--work`
// names a folder.
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { machine } from './measure/machine.mjs'
import { updateSharing } from './report/render-sharing.mjs'
import { fileVersions } from './scenarios/files.mjs'
import { createRecorder } from './scenarios/recorder.mjs'
import { measureSharing } from './scenarios/sharing.mjs'
import { installS3Server, S3_KEYS, startS3 } from './servers/s3-server.mjs'
import { SHARED_SHAPES } from './shapes/index.mjs'
import { installPeers } from './tools/peers.mjs'
import { dsvSharing, dvcSharing } from './tools/sharing.mjs'
import { cleanEnvironment } from './tools/tool.mjs'

const here = (name) => fileURLToPath(new URL(name, import.meta.url))
const options = readOptions()
const work = options.work ?? mkdtempSync(path.join(os.tmpdir(), 'dsv-bench-'))
mkdirSync(path.join(work, 'home'), { recursive: true })
const env = { ...cleanEnvironment(path.join(work, 'home')), ...S3_KEYS }
const peers = installPeers(path.join(work, 'peers'), options.peers)
const dvc = peers['dvc-s3'] && path.join(path.dirname(peers['dvc-s3']), 'dvc')
const run = {
  date: new Date().toISOString(),
  options,
  machine: machine(work),
  versions: {
    dsv: await dsvSharing(options.dsv, env, { folder: work }).version(work),
    ...(dvc && { dvc: await dvcSharing(dvc, env, { folder: work }).version(work) }),
  },
  titles: Object.fromEntries(
    Object.entries(SHARED_SHAPES).map(([name, { title }]) => [name, title]),
  ),
  results: [],
}

for (const name of options.shapes) {
  await measureShape(name)
  save()
}
finish()

/** All remotes that want one scale share the data. */
async function measureShape(name) {
  const shape = SHARED_SHAPES[name]
  const scaleOf = ({ latencyMs }) => {
    const near = options.scale ?? (options.isShort ? shape.short : 1)
    return latencyMs === undefined ? near : Math.min(near, options.farScale ?? shape.farScale ?? 1)
  }
  for (const scale of new Set(options.remotes.map(scaleOf)))
    await measureScale(
      name,
      scale,
      options.remotes.filter((remote) => scaleOf(remote) === scale),
    )
}

async function measureScale(name, scale, remotes) {
  const shape = SHARED_SHAPES[name]
  const place = (inside) => path.join(work, name, inside)
  rmSync(path.join(work, name), { recursive: true, force: true })
  const source = place('source')
  shape.generate(source, scale)
  const versions = fileVersions(shape, scale, source, place('scratch'))
  for (let repeat = 0; repeat < options.repeat; repeat++)
    for (const remote of remotes) {
      const title = `${name}, ${remote.title}`
      console.error(`\n# ${title}: ${shape.title}, scale ${scale}`)
      const settleSeconds = options.isShort ? 0 : 1
      const recorder = createRecorder({
        shape: title,
        scale,
        repeat,
        settleSeconds,
        results: run.results,
      })
      const task = { shape, source, versions }
      // Nobody is always first: the first of a round pays for a cold processor and a busy disk.
      for (const tool of repeat % 2 === 0 ? ['dsv', 'dvc'] : ['dvc', 'dsv'])
        await measureTool(recorder, tool, remote, { ...task, folder: place(tool) })
    }
  if (!options.isKept) rmSync(path.join(work, name), { recursive: true, force: true })
}

async function measureTool(recorder, name, remote, task) {
  const make = (target) =>
    name === 'dsv' ? dsvSharing(options.dsv, env, target) : dvc && dvcSharing(dvc, env, target)
  const storage = `${task.folder}-storage`
  rmSync(storage, { recursive: true, force: true })
  const server =
    remote.latencyMs === undefined
      ? undefined
      : await startS3(installS3Server(path.join(work, 'servers')), storage, remote.latencyMs)
  const target =
    server === undefined
      ? { folder: storage }
      : { bucket: 'bench', prefix: name, endpoint: server.endpoint }
  try {
    const tool = make(target)
    if (tool !== undefined) await measureSharing(recorder, tool, { ...task, count: server?.count })
  } catch (error) {
    // The other tools and remotes are measured all the same.
    recorder.fail({ name }, 'preparation', error.message)
  } finally {
    server?.stop()
    if (!options.isKept)
      for (const each of [storage, task.folder]) rmSync(each, { recursive: true, force: true })
  }
}

/** After each shape, so that a run that is cut off was not for nothing. */
function save() {
  if (options.isShort) return
  mkdirSync(here('results'), { recursive: true })
  const ending = options.isPublished ? 'json' : 'local.json'
  const file = here(`results/${run.date.slice(0, 16).replaceAll(':', '')}-sharing.${ending}`)
  writeFileSync(file, `${JSON.stringify(run, undefined, 1)}\n`)
  console.error(`\nresults: ${file}`)
}

function finish() {
  const wrong = run.results.filter(({ ok }) => !ok)
  if (options.isPublished) updateSharing(here('../docs/performance.md'), run)
  if (options.work === undefined && !options.isKept) rmSync(work, { recursive: true, force: true })
  for (const { shape, tool, operation, problem } of wrong)
    console.error(`FAILED ${shape}: ${tool}: ${operation}: ${problem}`)
  console.error(`\n${run.results.length - wrong.length} steps right, ${wrong.length} wrong`)
  process.exitCode = wrong.some(({ tool }) => tool === 'dsv') ? 1 : 0
}

function readOptions() {
  const { values } = parseArgs({
    options: {
      short: { type: 'boolean', default: false },
      shapes: { type: 'string', default: Object.keys(SHARED_SHAPES).join(',') },
      remotes: { type: 'string', default: 'folder,s3' },
      latency: { type: 'string', default: '0,20' },
      scale: { type: 'string' },
      'far-scale': { type: 'string' },
      repeat: { type: 'string', default: '1' },
      work: { type: 'string' },
      'no-peers': { type: 'boolean', default: false },
      dsv: { type: 'string' },
      keep: { type: 'boolean', default: false },
      publish: { type: 'boolean', default: false },
    },
  })
  const shapes = values.shapes.split(',')
  const unknown = shapes.filter((name) => SHARED_SHAPES[name] === undefined)
  if (unknown.length > 0) throw new Error(`no such shape: ${unknown.join(', ')}`)
  if (values.dsv === undefined && !existsSync(here('../packages/cli/bundle/main.js')))
    throw new Error('there is no bundle: run `npm run bundle` first')
  const remotes = values.remotes.split(',').flatMap((remote) => {
    if (remote === 'folder') return [{ title: 'a folder' }]
    if (remote !== 's3') throw new Error(`no such remote: ${remote}`)
    return values.latency.split(',').map((text) => ({
      title: Number(text) === 0 ? 'S3' : `S3 + ${text} ms`,
      latencyMs: Number(text),
    }))
  })
  return {
    isShort: values.short,
    shapes,
    remotes,
    repeat: Number(values.repeat),
    scale: numberOf(values.scale),
    farScale: numberOf(values['far-scale']),
    work: values.work,
    peers: values['no-peers'] ? [] : ['dvc-s3'],
    dsv: values.dsv?.split(' ') ?? [process.execPath, here('../packages/cli/bin/dsv.js')],
    isKept: values.keep,
    isPublished: values.publish,
  }
}

function numberOf(text) {
  return text === undefined ? undefined : Number(text)
}
