import { SHARING } from '../scenarios/sharing.mjs'
import { most, ratio } from './promises.mjs'
import { quantity, seconds, table, updateSection } from './render-table.mjs'
import { judge, summarize } from './summarize.mjs'

const MB = 1e6

/** The promises about sharing, as in promises.mjs; a shape is one with a remote here. */
const PROMISES = [
  ratio('S100k, a folder', SHARING.push, 'dvc', 5),
  ratio('S100k, a folder', SHARING.nothing, 'dvc', 25),
  ratio('S100k, a folder', SHARING.clone, 'dvc', 2),
  most('R2k, S3', SHARING.push, 'requests', 25),
  most('R2k, S3', SHARING.clone, 'requests', 25),
  most('J10k, S3', SHARING.pushOne, 'bytes', 0.2 * MB),
  most('*', '*', 'rssBytes', 500 * MB),
]

/** Writes a run of bench/remotes.mjs into the document, between the markers of its section. */
export function updateSharing(file, run) {
  updateSection(file, 'sharing', renderSharing(run))
}

function renderSharing({ date, machine, versions, titles, results }) {
  const used = Object.entries(versions).map(([name, version]) => `${name} ${version}`)
  const shapes = [...new Set(results.map(({ shape }) => shape))]
  return [
    `Measured ${date.slice(0, 10)} on ${machine.cores} × ${machine.cpu}, ${machine.memoryGb} GB, ${machine.fileSystem}, ${machine.system}, Node ${machine.node}; ${used.join(', ')}.`,
    '',
    ...promiseTable(withBytes(results), shapes),
    ...shapes.flatMap((shape) => shapeTable(withBytes(results), shape, titles)),
  ].join('\n')
}

/** What goes either way counts. */
function withBytes(results) {
  return results.map((each) =>
    each.requests === undefined ? each : { ...each, bytes: each.sentBytes + each.receivedBytes },
  )
}

function promiseTable(results, shapes) {
  const promises = PROMISES.flatMap((promise) =>
    promise.shape === '*' ? shapes.map((shape) => ({ ...promise, shape })) : [promise],
  )
  const rows = judge(results, promises)
    .filter(({ verdict }) => verdict !== 'not measured')
    .map(({ type, shape, operation, peer, least, figure, limit, value, verdict }) => [
      shape,
      operation === '*' ? 'all operations' : operation,
      type === 'ratio' ? `≥ ${least}× ${peer}` : `≤ ${figureText(figure, limit)}`,
      value === undefined
        ? ''
        : type === 'ratio'
          ? `${value.toFixed(1)}×`
          : figureText(figure, value),
      verdict,
    ])
  return table(['shape, remote', 'operation', 'promise', 'measured', 'verdict'], rows)
}

function figureText(figure, value) {
  if (figure === 'requests') return `${value.toLocaleString('en')} requests`
  return `${quantity(figure, value)}${figure === 'rssBytes' ? ' of memory' : ''}`
}

function shapeTable(results, shape, titles) {
  const here = results.filter((each) => each.shape === shape)
  const operations = Object.values(SHARING).filter((name) =>
    here.some(({ operation }) => operation === name),
  )
  const rows = operations.map((operation) => {
    const [ours, theirs] = ['dsv', 'dvc'].map((tool) => summarize(here, shape, tool, operation))
    return [
      operation,
      ...['dsv', 'dvc'].map((tool) => timeOf(here, shape, tool, operation)),
      ours && theirs ? `${(theirs.median / ours.median).toFixed(1)}×` : '',
      ...['dsv', 'dvc'].map((tool) => trafficOf(here, shape, tool, operation)),
    ]
  })
  const [name] = shape.split(', ')
  const scale = here[0]?.scale ?? 1
  const head = [
    'operation',
    'dsv',
    'dvc',
    'dvc / dsv',
    'dsv requests, bytes',
    'dvc requests, bytes',
  ]
  const isCounted = here.some(({ requests }) => requests !== undefined)
  const cut = isCounted ? head.length : 4
  return [
    '',
    `### ${shape}: ${titles[name]}${scale === 1 ? '' : ` (scale ${scale})`}`,
    '',
    ...table(
      head.slice(0, cut),
      rows.map((row) => row.slice(0, cut)),
    ),
  ]
}

function timeOf(here, shape, tool, operation) {
  const failed = here.some((each) => each.tool === tool && each.operation === operation && !each.ok)
  if (failed) return '**wrong**'
  const time = summarize(here, shape, tool, operation)
  return time === undefined ? '' : seconds(time.median)
}

function trafficOf(here, shape, tool, operation) {
  const requests = summarize(here, shape, tool, operation, 'requests')
  const bytes = summarize(here, shape, tool, operation, 'bytes')
  if (requests === undefined || bytes === undefined) return ''
  return `${requests.median.toLocaleString('en')}, ${quantity('bytes', bytes.median)}`
}
