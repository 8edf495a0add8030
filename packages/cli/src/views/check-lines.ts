import {
  CHECKS,
  countBySeverity,
  type CheckFinding,
  SEVERITIES,
  type Severity,
} from '@dsv/analysis'
import type { CheckedDataset } from '../check-datasets.ts'
import { oneLine } from './annotation-text.ts'
import type { Paint } from './paint.ts'
import { countOf, countText } from './quantities.ts'

/** Returns what was found in a dataset: by check, the worst first, with examples. */
export function checkLines(
  { path, format, items, annotations, checks, findings }: CheckedDataset,
  paint: Paint,
  examples: number,
): readonly string[] {
  const found = checks
    .filter((each) => each.found > 0)
    .toSorted((a, b) => SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity))
  const head = `${paint.title(path || '.')} (${format}): ${countOf(items, 'item')}, ${countOf(annotations, 'annotation')}`
  if (found.length === 0) return [`${head}: nothing found`]
  const lines = [head]
  for (const { name, severity, found: count } of found) {
    const about = CHECKS.find((check) => check.name === name)?.about ?? ''
    lines.push(`  ${painted(severity, paint)} ${name} (${countText(count)}): ${about}`)
    const shown = findings.filter(({ check }) => check === name).slice(0, examples)
    for (const finding of shown) lines.push(`    ${placed(finding)}`)
    if (count > shown.length)
      lines.push(paint.faint(`    … and ${countText(count - shown.length)} more`))
  }
  return lines
}

/** Returns one line with the sums: `2 errors, 1 warning, 7 infos`. */
export function checkSummary(datasets: readonly CheckedDataset[]): string {
  const counts = countBySeverity(datasets)
  const words = SEVERITIES.filter((severity) => counts[severity] > 0).map((severity) =>
    countOf(counts[severity], severity),
  )
  return words.length === 0 ? 'No findings' : words.join(', ')
}

/** Returns a finding with its place before it: `train/a: box "car" …`. */
export function placed({ subset, id, message }: CheckFinding): string {
  return oneLine(subset === undefined || id === undefined ? message : `${subset}/${id}: ${message}`)
}

function painted(severity: Severity, paint: Paint): string {
  if (severity === 'error') return paint.removed('error')
  return severity === 'warning' ? paint.changed('warning') : paint.faint('info')
}
