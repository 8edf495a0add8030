// Measures dsv beside its peers on generated data, and checks every result.
//
// node bench/run.mjs [--short] [--shapes S100k,K1] [--repeat n] [--scale n] [--work <folder>]
//                    [--peers dvc,git,datumaro | --no-peers] [--dsv "<command>"] [--skip <steps>] [--keep] [--publish]
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { machine } from './measure/machine.mjs'
import { updateDocument } from './report/render-table.mjs'
import {
  annotationVersions,
  measureAnnotations,
  measureDatumaro,
} from './scenarios/annotations.mjs'
import {
  evaluationVersions,
  measureEvaluation,
  measurePycocotools,
} from './scenarios/evaluation.mjs'
import { fileVersions, measureFiles } from './scenarios/files.mjs'
import { measureFloors, measureJsonFloor } from './scenarios/floors.mjs'
import { measureHistory } from './scenarios/history.mjs'
import { measureLargeFile } from './scenarios/large-file.mjs'
import { createRecorder } from './scenarios/recorder.mjs'
import { SHAPES } from './shapes/index.mjs'
import { dsvTool } from './tools/dsv.mjs'
import { dvcTool, gitTool } from './tools/dvc.mjs'
import { installPeers, PEERS, peerVersion } from './tools/peers.mjs'
import { cleanEnvironment } from './tools/tool.mjs'

const here = (name) => fileURLToPath(new URL(name, import.meta.url))
const options = readOptions()
const work = options.work ?? mkdtempSync(path.join(os.tmpdir(), 'dsv-bench-'))
mkdirSync(path.join(work, 'home'), { recursive: true })

const env = cleanEnvironment(path.join(work, 'home'))
const pythons = installPeers(
  path.join(work, 'peers'),
  options.peers.filter((name) => name in PEERS),
)
const dsv = dsvTool(options.dsv, env)
const fileTools = [
  dsv,
  ...(pythons.dvc === undefined ? [] : [dvcTool(path.join(path.dirname(pythons.dvc), 'dvc'), env)]),
  ...(options.peers.includes('git') ? [gitTool(env)] : []),
]
const run = {
  date: new Date().toISOString(),
  options,
  machine: machine(work),
  versions: await toolVersions(),
  titles: Object.fromEntries(Object.entries(SHAPES).map(([name, { title }]) => [name, title])),
  results: [],
}

for (const name of options.shapes) await measureShape(name)
finish()

async function measureShape(name) {
  const shape = SHAPES[name]
  const scale = options.scale ?? (options.isShort ? shape.short : 1)
  const place = (inside) => path.join(work, name, inside)
  rmSync(path.join(work, name), { recursive: true, force: true })
  console.error(`\n# ${name}: ${shape.title}, scale ${scale}`)
  const source = place('source')
  shape.generate(source, scale)
  const versions = versionsOf(shape, scale, source, place('scratch'))
  for (let repeat = 0; repeat < options.repeat; repeat++) {
    const settleSeconds = options.isShort ? 0 : 1
    const { results } = run
    const { skip } = options
    const recorder = createRecorder({ shape: name, scale, repeat, settleSeconds, results, skip })
    for (const measure of rotated(
      measurements(recorder, shape, scale, source, place, versions),
      repeat,
    ))
      await measure()
  }
  if (!options.isKept) rmSync(path.join(work, name), { recursive: true, force: true })
}

function versionsOf(shape, scale, source, scratch) {
  if (shape.kind === 'annotations') return annotationVersions(shape, scale, source, scratch)
  if (shape.kind === 'evaluation') return evaluationVersions(shape, scale, source, scratch)
  if (shape.kind === 'files' || shape.kind === 'dataset')
    return fileVersions(shape, scale, source, scratch)
  return undefined
}

/** Everything that is measured on a shape in one round, one function for each tool. */
function measurements(recorder, shape, scale, source, place, versions) {
  const task = (tool) => ({ shape, scale, source, folder: place(tool.name), versions })
  const cleanUp = (tool) =>
    options.isKept || rmSync(place(tool.name), { recursive: true, force: true })
  const each = (tools, measure) =>
    tools.map((tool) => async () => {
      await measure(recorder, tool, task(tool))
      cleanUp(tool)
    })
  const fileFloors = async () => measureFloors(recorder, { source, folder: place('floors') })
  switch (shape.kind) {
    case 'files':
    case 'dataset':
      return [...each(fileTools, measureFiles), ...withFloors(fileFloors)]
    case 'history':
      return each(fileTools, measureHistory)
    case 'large-file':
      return [
        ...each(
          fileTools.filter(({ name }) => name !== 'git'),
          measureLargeFile,
        ),
        ...withFloors(fileFloors),
      ]
    case 'annotations': {
      const file = path.join(source, 'annotations/instances_train2017.json')
      const peer = async () =>
        measureDatumaro(recorder, pythons.datumaro, task({ name: 'datumaro' }))
      return [
        ...each([dsv], measureAnnotations),
        ...(pythons.datumaro === undefined ? [] : [peer]),
        ...withFloors(async () => measureJsonFloor(recorder, file)),
      ]
    }
    case 'evaluation': {
      const peer = async () =>
        measurePycocotools(recorder, pythons.pycocotools, task({ name: 'pycocotools' }))
      return [
        ...each([dsv], measureEvaluation),
        ...(pythons.pycocotools === undefined ? [] : [peer]),
      ]
    }
    default:
      throw new Error(`no scenario for ${shape.kind}`)
  }
}

/** The short mode is about right or wrong, not about time. */
function withFloors(floors) {
  return options.isShort ? [] : [floors]
}

/** Nobody is always first: the first of a round pays for a cold processor and a busy disk. */
function rotated(list, by) {
  const start = by % list.length
  return [...list.slice(start), ...list.slice(0, start)]
}

async function toolVersions() {
  const versions = {}
  for (const tool of fileTools) versions[tool.name] = await tool.version(work)
  for (const name of ['datumaro', 'pycocotools'])
    if (pythons[name] !== undefined) versions[name] = peerVersion(name)
  return versions
}

function finish() {
  const failures = run.results.filter(({ ok, tool }) => !ok && tool === 'dsv')
  const missing = new Set(
    failures.filter(({ problem }) => problem === 'missing').map(({ operation }) => operation),
  )
  const wrong = failures.filter(({ problem }) => problem !== 'missing')
  if (!options.isShort) {
    mkdirSync(here('results'), { recursive: true })
    const ending = options.isPublished ? 'json' : 'local.json'
    const file = here(`results/${run.date.slice(0, 16).replaceAll(':', '')}.${ending}`)
    writeFileSync(file, `${JSON.stringify(run, undefined, 1)}\n`)
    console.error(`\nresults: ${file}`)
    if (options.isPublished) updateDocument(here('../docs/performance.md'), run)
  }
  if (options.work === undefined && !options.isKept) rmSync(work, { recursive: true, force: true })
  if (missing.size > 0) console.error(`\nmissing in this dsv: ${[...missing].join('; ')}`)
  for (const { shape, operation, problem } of wrong)
    console.error(`FAILED ${shape}: ${operation}: ${problem}`)
  console.error(
    `\n${run.results.filter(({ ok }) => ok).length} steps right, ${wrong.length} wrong, ${missing.size} missing`,
  )
  process.exitCode = wrong.length > 0 ? 1 : 0
}

function readOptions() {
  const { values } = parseArgs({
    options: {
      short: { type: 'boolean', default: false },
      shapes: { type: 'string' },
      repeat: { type: 'string' },
      scale: { type: 'string' },
      work: { type: 'string' },
      peers: { type: 'string', default: 'dvc,git,datumaro,pycocotools' },
      'no-peers': { type: 'boolean', default: false },
      skip: { type: 'string' },
      dsv: { type: 'string' },
      keep: { type: 'boolean', default: false },
      publish: { type: 'boolean', default: false },
    },
  })
  const shapes = values.shapes?.split(',') ?? Object.keys(SHAPES)
  const unknown = shapes.filter((name) => SHAPES[name] === undefined)
  const binary = here('../packages/cli/bin/dsv.js')
  if (unknown.length > 0) throw new Error(`no such shape: ${unknown.join(', ')}`)
  if (values.dsv === undefined && !existsSync(here('../packages/cli/bundle/main.js')))
    throw new Error('there is no bundle: run `npm run bundle` first')
  return {
    isShort: values.short,
    shapes,
    repeat: Number(values.repeat ?? (values.short ? 1 : 3)),
    scale: values.scale === undefined ? undefined : Number(values.scale),
    work: values.work,
    peers: values['no-peers'] || values.short ? [] : values.peers.split(','),
    skip: values.skip === undefined ? undefined : new RegExp(values.skip, 'u'),
    dsv: values.dsv?.split(' ') ?? [process.execPath, binary],
    isKept: values.keep,
    isPublished: values.publish,
  }
}
