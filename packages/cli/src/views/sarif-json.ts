import { CHECKS, type CheckFinding, type Severity } from '@dsv/analysis'
import type { CheckedDataset } from '../check-datasets.ts'
import { placed } from './check-lines.ts'

const LEVELS: Readonly<Record<Severity, string>> = {
  error: 'error',
  warning: 'warning',
  info: 'note',
}

/** Returns the path of the file that says what a finding is about; relative to the root of the repository. */
export type FileOf = (dataset: CheckedDataset, finding: CheckFinding) => string

/**
 * Returns findings as SARIF 2.1.0.
 *
 * @see {@link https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html}
 */
export function sarifJson(
  datasets: readonly CheckedDataset[],
  fileOf: FileOf,
): Readonly<Record<string, unknown>> {
  const rules = CHECKS.map(({ name, about, severity }) => ({
    id: name,
    shortDescription: { text: about },
    defaultConfiguration: { level: LEVELS[severity] },
  }))
  const results = datasets.flatMap((dataset) =>
    dataset.findings.map((finding) => ({
      ruleId: finding.check,
      ruleIndex: CHECKS.findIndex(({ name }) => name === finding.check),
      level: LEVELS[finding.severity],
      message: { text: clean(placed(finding)) },
      locations: [
        {
          physicalLocation: {
            artifactLocation: { uri: uriOf(fileOf(dataset, finding)) },
            // Which line says it is not known; viewers want one.
            region: { startLine: 1 },
          },
          logicalLocations: [{ fullyQualifiedName: clean(nameOf(dataset, finding)) }],
        },
      ],
    })),
  )
  return {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [{ tool: { driver: { name: 'dsv', rules } }, results, columnKind: 'utf16CodeUnits' }],
  }
}

function nameOf(
  { path }: CheckedDataset,
  { subset, id, annotation, category, attribute }: CheckFinding,
): string {
  const item = subset === undefined ? [] : [id === undefined ? subset : `${subset}/${id}`]
  const rest = [annotation, category, attribute].filter((each) => each !== undefined)
  return [path || '.', ...item, ...rest].join('#')
}

function uriOf(path: string): string {
  return (
    path
      .split('/')
      .map((part) => encodeURIComponent(part.replaceAll(/\p{Cs}/gu, '\uFFFD')))
      .join('/') || '.'
  )
}

/** Lone surrogates are no text; control characters say nothing to people. */
function clean(text: string): string {
  return text.replaceAll(/\p{Cc}|\p{Cs}/gu, '\uFFFD')
}
