// Measures writing and reading of every format on generated items, and Datumaro on what dsv wrote.
//
// node bench/formats/run.mjs [--items 100000] [--formats coco,voc] [--work <folder>] [--no-peers] [--publish]
//
// In a work folder that is kept, what other runs of it measured stays in the table.
import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { formatNames, loadAdapter } from '@dsv/formats'
import { machine } from '../measure/machine.mjs'
import { runMeasured } from '../measure/run-measured.mjs'
import { updateSection } from '../report/render-table.mjs'
import { installPeers, peerVersion } from '../tools/peers.mjs'

/** What Datumaro calls the formats that are compared with it. */
const COMPARED = {
  coco: 'coco_instances',
  voc: 'voc_detection',
  yolo: 'yolo',
  cvat: 'cvat',
  'tf-detection-api': 'tf_detection_api',
}

const here = (name) => fileURLToPath(new URL(name, import.meta.url))
const { values: options } = parseArgs({
  options: {
    items: { type: 'string', default: '100000' },
    formats: { type: 'string' },
    work: { type: 'string' },
    'no-peers': { type: 'boolean', default: false },
    publish: { type: 'boolean', default: false },
  },
})
const total = Number(options.items)
const work = options.work ?? mkdtempSync(path.join(os.tmpdir(), 'dsv-bench-formats-'))
mkdirSync(work, { recursive: true })
const names = options.formats?.split(',') ?? formatNames
const peers = ['datumaro', ...(names.includes('tf-detection-api') ? ['datumaro-tensorflow'] : [])]
const pythons = options['no-peers'] ? {} : installPeers(path.join(work, 'peers'), peers)
const { datumaro } = pythons

const rowsFile = path.join(work, 'rows.jsonl')
for (const name of names) {
  const { format } = await loadAdapter(name)
  if (format.canWrite === false) continue
  const row = await measureFormat(name)
  appendFileSync(rowsFile, `${JSON.stringify(row)}\n`)
}
const rows = measuredRows()
const page = render()
console.log(page)
if (options.publish) updateSection(here('../../docs/performance.md'), 'formats', page)
if (options.work === undefined) rmSync(work, { recursive: true, force: true })
process.exitCode = rows.some(({ isRight }) => !isRight) ? 1 : 0

/** The last measurement of each format. */
function measuredRows() {
  const lines = readFileSync(rowsFile, 'utf8').trimEnd().split('\n')
  const byName = new Map(lines.map((line) => JSON.parse(line)).map((row) => [row.name, row]))
  return formatNames.flatMap((name) => byName.get(name) ?? [])
}

async function measureFormat(name) {
  const folder = path.join(work, 'data', name)
  rmSync(path.dirname(folder), { recursive: true, force: true })
  mkdirSync(path.dirname(folder), { recursive: true })
  const few = await measure(
    'read',
    name,
    await written(name, `${folder}-few`, total / 10),
    `${folder}-few`,
  )
  const write = await written(name, folder, total)
  const read = await measure('read', name, write, folder)
  const isRight = read.items === total
  const peer = datumaro && COMPARED[name] && isRight ? await measurePeer(name, folder) : {}
  console.error(`${name}: ${isRight ? 'right' : `wrong: ${read.problem ?? `${read.items} items`}`}`)
  rmSync(path.dirname(folder), { recursive: true, force: true })
  return { name, few, write, read, peer, isRight }
}

async function written(name, folder, items) {
  return run([here('measure-format.mjs'), 'write', name, folder, String(items)])
}

async function measure(operation, name, before, folder) {
  if (before.problem !== undefined) return before
  return run([here('measure-format.mjs'), operation, name, folder, '0'])
}

async function run(words) {
  return answerOf(await runMeasured([process.execPath, ...words], { cwd: work }))
}

function answerOf({ exitCode, stdout, stderr, rssBytes }) {
  if (exitCode === 0) return { ...JSON.parse(stdout.trim().split('\n').at(-1)), rssBytes }
  const line = /^\w*Error: .*$/mu.exec(stderr)?.[0] ?? stderr.trim().split('\n').at(-1)
  return { problem: line }
}

async function measurePeer(name, folder) {
  const script = here('../tools/datumaro-phases.py')
  const target = `${folder}-again`
  const python = name === 'tf-detection-api' ? pythons['datumaro-tensorflow'] : datumaro
  const words = [python, script, 'export', folder, peerReader(name), COMPARED[name], target]
  const { exitCode, stdout, stderr, rssBytes } = await runMeasured(words, { cwd: work })
  rmSync(target, { recursive: true, force: true })
  if (exitCode !== 0) {
    console.error(`Datumaro on ${name}: ${stderr.trim().split('\n').at(-1)}`)
    return {}
  }
  const { phases } = JSON.parse(stdout.trim().split('\n').at(-1))
  return { write: phases.export, read: phases.import, rssBytes }
}

/** What Datumaro calls the format when it reads. */
function peerReader(name) {
  return name.replaceAll('-', '_')
}

function render() {
  const { cpu, cores, node } = machine(work)
  const seconds = (value) => (value === undefined ? '' : `${value.toFixed(value < 10 ? 2 : 1)} s`)
  const mb = (value) => (value === undefined ? '' : `${Math.round(value / 1e6)} MB`)
  const ratio = (theirs, ours) =>
    theirs === undefined || ours === undefined ? '' : `${(theirs / ours).toFixed(1)}×`
  const lines = rows.map(({ name, few, write, read, peer, isRight }) => [
    name,
    write.type ?? '',
    isRight ? seconds(write.seconds) : `**${read.problem ?? 'wrong'}**`,
    seconds(read.seconds),
    mb(write.rssBytes),
    mb(few.rssBytes),
    mb(read.rssBytes),
    ...(peer.read === undefined
      ? ['', '', '', '']
      : [
          seconds(peer.write),
          seconds(peer.read),
          mb(peer.rssBytes),
          `${ratio(peer.write, write.seconds)}, ${ratio(peer.read, read.seconds)}`,
        ]),
  ])
  const head = [
    'format',
    'annotations',
    'write',
    'read',
    'memory of writing',
    `memory of reading ${(total / 10).toLocaleString('en-US')}`,
    'memory of reading all',
    'Datumaro write',
    'Datumaro read',
    'Datumaro memory',
    'Datumaro / dsv (write, read)',
  ]
  const line = (cells) => `| ${cells.join(' | ')} |`
  return [
    `${total.toLocaleString('en-US')} items of one small image, with three boxes or polygons each, or one annotation of`,
    `another type; ${cores} × ${cpu}, Node ${node}${datumaro === undefined ? '' : `, Datumaro ${peerVersion('datumaro')}`}. Memory is the peak of`,
    'the process, about 60 MB of which is the runtime.',
    '',
    line(head),
    line(head.map(() => '---')),
    ...lines.map(line),
    '',
  ].join('\n')
}
