import type { CheckFinding } from '@dsv/analysis'
import { optionInvalid } from '../errors.ts'

/** What a report of `dsv check --json` says of one dataset. */
export interface ReportedDataset {
  readonly path: string
  readonly id: string
  readonly findings: readonly CheckFinding[]
  /** How many findings of each check are not listed. */
  readonly unlisted: ReadonlyMap<string, number>
}

/**
 * Returns what a report says of a dataset: of the one at `path`, else of the only one.
 *
 * @throws `DSV_OPTION_INVALID`
 */
export function readFindings(text: string, path: string): ReportedDataset {
  const report = parse(text)
  const datasets = isObject(report) && Array.isArray(report['datasets']) ? report['datasets'] : []
  const objects = datasets.filter(isObject)
  const found = objects.find((each) => each['path'] === path)
  const [only, ...others] = objects
  const dataset = found ?? (others.length === 0 ? only : undefined)
  if (dataset === undefined)
    throw optionInvalid('correct', 'findings', `says nothing of ${JSON.stringify(path)}`)
  const { path: reported, id, findings, checks } = dataset
  if (typeof reported !== 'string' || typeof id !== 'string' || !Array.isArray(findings))
    throw noReport()
  const listed = findings.map(readFinding)
  return { path: reported, id, findings: listed, unlisted: unlistedOf(checks, listed) }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw noReport()
  }
}

function readFinding(value: unknown): CheckFinding {
  if (!isObject(value)) throw noReport()
  const { check, severity, message = '', size } = value
  if (typeof check !== 'string' || typeof message !== 'string') throw noReport()
  const level = severity === 'error' || severity === 'warning' ? severity : 'info'
  return {
    check,
    severity: level,
    message,
    ...textsOf(value),
    ...(isSize(size) && { size }),
    ...(isAttributeType(value['attributeType']) && { attributeType: value['attributeType'] }),
  }
}

type TextField = 'subset' | 'id' | 'layer' | 'annotation' | 'category' | 'attribute' | 'media'

function textsOf(value: Readonly<Record<string, unknown>>): {
  readonly [Name in TextField]?: string
} {
  const texts: { [Name in TextField]?: string } = {}
  for (const name of [
    'subset',
    'id',
    'layer',
    'annotation',
    'category',
    'attribute',
    'media',
  ] as const) {
    const text = value[name]
    if (text === undefined) continue
    if (typeof text !== 'string') throw noReport()
    texts[name] = text
  }
  return texts
}

function unlistedOf(checks: unknown, listed: readonly CheckFinding[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>()
  for (const { check } of listed) counts.set(check, (counts.get(check) ?? 0) + 1)
  const unlisted = new Map<string, number>()
  for (const each of Array.isArray(checks) ? checks.filter(isObject) : []) {
    const { name, found } = each
    if (typeof name !== 'string' || typeof found !== 'number') continue
    const more = found - (counts.get(name) ?? 0)
    if (more > 0) unlisted.set(name, more)
  }
  return unlisted
}

function noReport(): Error {
  return optionInvalid('correct', 'findings', 'is no report of `dsv check --json`')
}

function isSize(value: unknown): value is readonly [number, number] {
  return (
    Array.isArray(value) &&
    value.length === 2 &&
    value.every((each) => Number.isSafeInteger(each) && Number(each) > 0)
  )
}

function isAttributeType(value: unknown): value is 'boolean' | 'number' | 'string' | 'json' {
  return ['boolean', 'number', 'string', 'json'].some((each) => each === value)
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
