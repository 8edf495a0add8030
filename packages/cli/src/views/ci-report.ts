import type { AnnotationCounts, DatasetDiff, DiffSummary, FileDiff } from '@dsv/core'
import type { ValueChange } from '@dsv/pipeline'
import { datasetTitle } from './diff-lines.ts'
import { markdownCode } from './markdown-code.ts'
import { countOf, countText } from './quantities.ts'
import { schemaText, summaryText } from './summary-text.ts'
import { changeRows } from './value-tables.ts'

/** The first line of every report: it finds the comment that is to be replaced. */
export const REPORT_MARK = '<!-- dsv ci report -->'

/** What a report says. Lists may be cut by who makes them; then `more` says how much is left out. */
export interface CiReport {
  /** What became of the stages, or which are out of date. */
  readonly stages: readonly { readonly stage: string; readonly what: string }[]
  /** The sum of them in a few words of our own. */
  readonly stagesSummary: string
  /** Undefined when there is no version to compare with. */
  readonly changes: CiChanges | undefined
  /** What could not be read. */
  readonly problems: readonly string[]
}

/** What changed against the base version. */
export interface CiChanges {
  readonly metrics: readonly ValueChange[]
  readonly parameters: readonly ValueChange[]
  readonly datasets: readonly CiDataset[]
  readonly moreDatasets: number
  readonly files: readonly FileDiff[]
  readonly moreFiles: number
}

/** What changed in a dataset. */
export interface CiDataset {
  readonly diff: Pick<DatasetDiff, 'path' | 'change' | 'formats' | 'schema' | 'schemas'>
  readonly summary: DiffSummary
}

/** GitHub takes 65,536 characters, and others may count bytes. */
const MOST_BYTES = 60_000
const MOST_ROWS = 40
const MOST_SUMMARY = 400

/** Returns a report in Markdown. It is never longer than a comment may be. */
export function ciReportText(report: CiReport): string {
  const { stages, stagesSummary, changes, problems } = report
  const lines = [
    REPORT_MARK,
    '## dsv',
    '',
    `**Stages:** ${stagesSummary}`,
    ...bounded(
      stages.map(({ stage, what }) => `- ${markdownCode(stage)}: ${markdownCode(what, 200)}`),
    ),
    ...problems.slice(0, MOST_ROWS).map((each) => `- Problem: ${markdownCode(each, 200)}`),
    ...(changes === undefined
      ? ['', 'There is no version to compare with.']
      : changeLines(changes)),
  ]
  return `${cutLines(lines).join('\n')}\n`
}

function changeLines(changes: CiChanges): readonly string[] {
  const { metrics, parameters, datasets, moreDatasets, files, moreFiles } = changes
  const fileLines = files.map(({ path, from, to }) => {
    const what = from === undefined ? 'added' : to === undefined ? 'removed' : 'changed'
    return `- ${what}: ${markdownCode(path)}`
  })
  const lines = [
    ...valueLines('Metrics', metrics),
    ...valueLines('Parameters', parameters),
    ...datasets.flatMap(datasetLines),
    ...(moreDatasets > 0 ? ['', `… and ${countOf(moreDatasets, 'more dataset')}`] : []),
    ...(fileLines.length > 0 ? ['', '### Files', '', ...fileLines] : []),
    ...(moreFiles > 0 ? [`- … and ${countOf(moreFiles, 'more file')}`] : []),
  ]
  return lines.length === 0 ? ['', 'Nothing else differs from the base version.'] : lines
}

function valueLines(title: string, changes: readonly ValueChange[]): readonly string[] {
  if (changes.length === 0) return []
  const [, ...rows] = changeRows(changes, ['base', 'now'], { precision: 5 })
  const hasNumbers = changes.some(({ difference }) => difference !== undefined)
  const head = ['file', 'key', 'base', 'now', ...(hasNumbers ? ['change'] : [])]
  const cells = rows.map((row) => row.map((cell) => (cell === '' ? '' : markdownCode(cell))))
  return ['', `### ${title}`, '', ...tableOf(head, cells)]
}

function datasetLines({ diff, summary }: CiDataset): readonly string[] {
  const names = new Map(
    [...diff.schemas.from.categories, ...diff.schemas.to.categories].map(({ key, name }) => [
      key,
      name,
    ]),
  )
  const told = [summaryText(summary), schemaText(diff.schema)].filter((line) => line !== '')
  const rows = summary.byCategory.map((counts) => {
    const { category } = counts
    const name = category === null ? 'no category' : markdownCode(names.get(category) ?? category)
    return [name, ...COLUMNS.map((column) => countText(counts[column]))]
  })
  return [
    '',
    `### ${markdownCode(datasetTitle(diff))}`,
    ...told.flatMap((line) => ['', markdownCode(line, MOST_SUMMARY)]),
    ...(rows.length === 0 ? [] : ['', ...tableOf(['category', ...COLUMNS], rows)]),
  ]
}

const COLUMNS = [
  'added',
  'removed',
  'changed',
  'moved',
  'relabelled',
] as const satisfies readonly (keyof AnnotationCounts)[]

function tableOf(head: readonly string[], rows: readonly (readonly string[])[]): readonly string[] {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`
  const more = rows.length - MOST_ROWS
  return [
    line(head),
    line(head.map(() => '---')),
    ...rows.slice(0, MOST_ROWS).map(line),
    ...(more > 0 ? ['', `… and ${countText(more)} more`] : []),
  ]
}

function bounded(lines: readonly string[]): readonly string[] {
  if (lines.length === 0) return []
  const more = lines.length - MOST_ROWS
  return [
    '',
    ...lines.slice(0, MOST_ROWS),
    ...(more > 0 ? [`- … and ${countText(more)} more`] : []),
  ]
}

/** Each line stands for itself, so that what is left can be read. */
function cutLines(lines: readonly string[]): readonly string[] {
  let bytes = 0
  const fitting = lines.findIndex((line) => (bytes += Buffer.byteLength(line) + 1) > MOST_BYTES)
  return fitting < 0 ? lines : [...lines.slice(0, fitting), '', '… The report was cut here.']
}
