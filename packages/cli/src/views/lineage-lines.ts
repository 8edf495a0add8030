import type { LineageNode, Origin, StageRecord } from '@dsv/pipeline'
import { oneLine } from './annotation-text.ts'
import { shortId } from './quantities.ts'

const MAX_VALUE = 120

/** Returns a tree: what a path was made of, and how. */
export function lineageLines(nodes: readonly LineageNode[]): readonly string[] {
  return nodes.flatMap((node) => linesOf(node, ''))
}

function linesOf(node: LineageNode, indent: string): readonly string[] {
  const { path, id, stage, record, origin, inputs, isRepeated } = node
  const digest = id === undefined ? '' : ` (${shortId(id.slice(id.indexOf(':') + 1))})`
  const lines = [`${indent}${oneLine(path === '' ? '.' : path)}${digest}`]
  const inner = `${indent}  `
  if (origin !== undefined) lines.push(...originLines(origin, inner))
  if (stage !== undefined && record !== undefined) {
    lines.push(`${inner}made by ${oneLine(stage)}${isRepeated === true ? ', see above' : ''}`)
    if (isRepeated !== true) lines.push(...recordLines(record, inner))
  }
  if (stage === undefined && origin === undefined && inputs.length === 0)
    lines.push(`${inner}made by no stage`)
  return [...lines, ...inputs.flatMap((each) => linesOf(each, `${indent}    `))]
}

function originLines(origin: Origin, indent: string): readonly string[] {
  const { url, from, commit, revision, where, madeBy, inputs = [] } = origin
  const asked = revision === undefined ? '' : ` (${oneLine(revision)})`
  const lines = [
    `imported from ${oneLine(url)}, ${oneLine(from)} at ${shortId(commit)}${asked}`,
    ...(where === undefined ? [] : [`the items where ${short(oneLine(where))}`]),
    ...(madeBy === undefined ? [] : [`not stored there: ${oneLine(madeBy)} ran here`]),
    ...(inputs.length === 0 ? [] : ['over there:']),
  ]
  return [
    ...lines.map((line) => `${indent}${line}`),
    ...inputs.flatMap((each) => linesOf(each, `${indent}    `)),
  ]
}

function recordLines({ action, parameters, tool }: StageRecord, indent: string): readonly string[] {
  const lines =
    'command' in action
      ? action.command.map((line) => `$ ${short(line)}`)
      : action.steps.map(({ name, options }) =>
          [`step ${name}`, ...Object.entries(options).map(valueText)].join(' '),
        )
  const values = Object.entries(parameters).map(
    ([file, keys]) => `with ${file}: ${Object.entries(keys).map(valueText).join(', ')}`,
  )
  if ('format' in action && action.format !== undefined) lines.push(`as ${action.format}`)
  const by = tool === undefined ? [] : [`by ${tool}`]
  return [...lines, ...values, ...by].map((line) => `${indent}${oneLine(line)}`)
}

function valueText([key, value]: readonly [string, unknown]): string {
  return `${key}=${short(JSON.stringify(value))}`
}

function short(text: string): string {
  return text.length <= MAX_VALUE ? text : `${text.slice(0, MAX_VALUE)}…`
}
