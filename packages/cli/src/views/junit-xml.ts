import { type CheckCount, CHECKS, SEVERITIES, type Severity } from '@dsv/analysis'
import type { CheckedDataset } from '../check-datasets.ts'
import { placed } from './check-lines.ts'

/**
 * Returns findings as a report of JUnit: a suite for each dataset, a case for each check that ran. Cases fail from
 * `failOn` on; what is less bad is their output.
 *
 * @see {@link https://github.com/jenkinsci/xunit-plugin/blob/master/src/main/resources/org/jenkinsci/plugins/xunit/types/model/xsd/junit-10.xsd}
 */
export function junitXml(datasets: readonly CheckedDataset[], failOn: Severity): string {
  const isFailure = (check: CheckCount): boolean =>
    check.found > 0 && SEVERITIES.indexOf(check.severity) <= SEVERITIES.indexOf(failOn)
  const suites = datasets.map((dataset) => {
    const failures = dataset.checks.filter(isFailure).length
    const cases = dataset.checks.map((check) => caseXml(dataset, check, isFailure(check)))
    return `  <testsuite name="${escaped(dataset.path || '.')}" tests="${cases.length}" failures="${failures}" errors="0" skipped="0">\n${cases.join('')}  </testsuite>\n`
  })
  const tests = datasets.reduce((sum, { checks }) => sum + checks.length, 0)
  const failures = datasets.flatMap(({ checks }) => checks.filter(isFailure)).length
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="dsv check" tests="${tests}" failures="${failures}" errors="0">\n${suites.join('')}</testsuites>\n`
}

function caseXml(
  { path, findings }: CheckedDataset,
  { name, severity, found }: CheckCount,
  isFailure: boolean,
): string {
  const open = `    <testcase classname="${escaped(path || '.')}" name="${name}"`
  if (found === 0) return `${open}/>\n`
  const about = CHECKS.find((check) => check.name === name)?.about ?? ''
  const listed = findings.filter(({ check }) => check === name).map(placed)
  const more = found - listed.length
  const text = escaped([...listed, ...(more > 0 ? [`and ${more} more`] : [])].join('\n'))
  const inner = isFailure
    ? `<failure type="${severity}" message="${found} × ${escaped(about)}">${text}</failure>`
    : `<system-out>${severity}: ${found} × ${escaped(about)}\n${text}</system-out>`
  return `${open}>${inner}</testcase>\n`
}

/** What XML 1.0 cannot hold, even escaped. */
// oxlint-disable-next-line no-control-regex -- they are what is looked for
const UNHOLDABLE = /[\u0000-\u0008\u000B\u000C\u000E-\u001F\u007F-\u009F\uFFFE\uFFFF]|\p{Cs}/gu

const ENTITIES: ReadonlyMap<string, string> = new Map([
  ['&', '&amp;'],
  ['<', '&lt;'],
  ['>', '&gt;'],
  ['"', '&quot;'],
  ["'", '&apos;'],
])

function escaped(text: string): string {
  return text
    .replaceAll(UNHOLDABLE, '\uFFFD')
    .replaceAll(/[&<>"']/gu, (sign) => ENTITIES.get(sign) ?? sign)
}
