import { readFileSync, writeFileSync } from 'node:fs'
import { PROMISES } from './promises.mjs'
import { judge, summarize } from './summarize.mjs'

/** Writes a run into the document, between its markers. */
export function updateDocument(file, run) {
  updateSection(file, 'measured', renderRun(run))
}

/** Puts a text between the markers of a section. */
export function updateSection(file, name, content) {
  const text = readFileSync(file, 'utf8')
  const [begin, end] = [`<!-- ${name}: begin -->`, `<!-- ${name}: end -->`]
  const [before, after] = [text.indexOf(begin), text.indexOf(end)]
  if (before < 0 || after < 0) throw new Error(`${file} has no ${begin} … ${end}`)
  writeFileSync(file, `${text.slice(0, before + begin.length)}\n\n${content}\n${text.slice(after)}`)
}

/** Returns a run as Markdown: the machine, the promises, and one table for each shape. */
export function renderRun(run) {
  const { machine, versions, results } = run
  const used = Object.entries(versions).map(([name, version]) => `${name} ${version}`)
  const shapes = [...new Set(results.map(({ shape }) => shape))]
  return [
    `Measured ${run.date.slice(0, 10)} on ${machine.cores} × ${machine.cpu}, ${machine.memoryGb} GB, ${machine.fileSystem}, ${machine.system}, Node ${machine.node}; ${used.join(', ')}.`,
    '',
    ...promiseTable(run),
    ...shapes.flatMap((shape) => shapeTable(run, shape)),
  ].join('\n')
}

function promiseTable({ results }) {
  const rows = judge(results, PROMISES).map((each) => {
    const promised =
      each.type === 'ratio'
        ? `≥ ${each.least}× ${each.peer}`
        : `≤ ${quantity(each.figure, each.limit)}`
    const measured =
      each.value === undefined
        ? ''
        : each.type === 'ratio'
          ? `${each.value.toFixed(1)}×`
          : quantity(each.figure, each.value)
    const operation = each.operation === '*' ? 'all operations' : each.operation
    const what =
      each.type === 'most' && each.figure !== 'wallSeconds'
        ? `${operation}: ${WORDS[each.figure]}`
        : operation
    return [each.shape, what, promised, measured, each.verdict]
  })
  return table(['shape', 'operation', 'promise', 'measured', 'verdict'], rows)
}

const WORDS = { rssBytes: 'peak memory', writtenBytes: 'bytes written', diskBytes: 'on disk' }

function shapeTable({ results, titles }, shape) {
  const here = results.filter((each) => each.shape === shape)
  const tools = [...new Set(here.map(({ tool }) => tool))].filter((tool) => tool !== 'floor')
  const peers = tools.filter((tool) => tool !== 'dsv')
  const scale = here[0]?.scale ?? 1
  const rows = [...new Set(here.map(({ operation }) => operation))].map((operation) => {
    const ours = summarize(results, shape, 'dsv', operation)
    const cells = ['dsv', ...peers].map((tool) => cell(here, shape, tool, operation))
    const ratios = peers.map((peer) => {
      const theirs = summarize(results, shape, peer, operation)
      return ours && theirs ? `${(theirs.median / ours.median).toFixed(1)}×` : ''
    })
    const memory = summarize(results, shape, 'dsv', operation, 'rssBytes')
    const written = summarize(results, shape, 'dsv', operation, 'writtenBytes')
    return [
      operation,
      ...cells,
      ...ratios,
      memory ? quantity('rssBytes', memory.greatest) : '',
      written ? quantity('writtenBytes', written.median) : '',
    ]
  })
  const floors = here.filter(({ tool, ok }) => tool === 'floor' && ok)
  const known = rows.filter((row) => row.slice(1).some((text) => text !== ''))
  const floorNames = [...new Set(floors.map(({ operation }) => operation))]
  const floorText = floorNames.map(
    (name) => `${name} ${seconds(summarize(results, shape, 'floor', name).median)}`,
  )
  return [
    '',
    `### ${shape}: ${titles[shape]}${scale === 1 ? '' : ` (scale ${scale})`}`,
    '',
    ...(floorText.length > 0 ? [`Floors: ${floorText.join(', ')}.`, ''] : []),
    ...table(
      [
        'operation',
        'dsv',
        ...peers,
        ...peers.map((peer) => `${peer} / dsv`),
        'dsv memory',
        'dsv written',
      ],
      known,
    ),
  ]
}

function cell(here, shape, tool, operation) {
  const mine = here.filter((each) => each.tool === tool && each.operation === operation)
  if (mine.length === 0) return ''
  const failed = mine.find(({ ok }) => !ok)
  if (failed !== undefined) return failed.problem === 'missing' ? 'command missing' : '**wrong**'
  const time = summarize(here, shape, tool, operation)
  if (time === undefined) {
    const { diskBytes, files } = mine[0]
    return `${quantity('diskBytes', diskBytes)}, ${files} files`
  }
  if (time.runs === 1) return seconds(time.median)
  return `${seconds(time.median)} (${time.least.toFixed(2)}–${time.greatest.toFixed(2)})`
}

/** Returns a time in seconds as text. */
export function seconds(value) {
  return `${value.toFixed(value < 10 ? 2 : 1)} s`
}

/** Returns a figure as text: bytes, unless it is a time. */
export function quantity(figure, value) {
  if (figure === 'wallSeconds') return seconds(value)
  if (value >= 1e9) return `${(value / 1e9).toFixed(2)} GB`
  return value >= 1e6 ? `${(value / 1e6).toFixed(1)} MB` : `${(value / 1e3).toFixed(0)} KB`
}

function line(cells) {
  return `| ${cells.join(' | ')} |`
}

/** Returns the lines of a table. */
export function table(head, rows) {
  return [line(head), line(head.map(() => '---')), ...rows.map(line), '']
}
