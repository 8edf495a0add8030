import { extensionOf, type JudgedFormat, type Verdict } from '@dsv/formats'
import { oneLine } from './annotation-text.ts'
import { countOf, countText, shortList } from './quantities.ts'
import { listLines } from './table-lines.ts'

/** Returns the formats that fit a folder, with how sure they are and by what. */
export function detectionLines(formats: readonly JudgedFormat[]): readonly string[] {
  const fitting = formats.filter(({ verdict }) => verdict !== 'rejected')
  return listLines(
    fitting.map(({ format, confidence, reason }) => [format, percent(confidence), oneLine(reason)]),
  )
}

/**
 * Returns what was looked at, which format follows from it, and for each format what speaks for it or
 * what it misses.
 *
 * @param files - The files that were looked at
 */
export function explanationLines(
  formats: readonly JudgedFormat[],
  files: readonly string[],
  isComplete: boolean,
): readonly string[] {
  const groups: readonly [title: string, verdicts: readonly Verdict[]][] = [
    ['Fit', ['chosen', 'ambiguous']],
    ['Fit less', ['unsure', 'behind']],
  ]
  const rejected = formats.filter(({ verdict }) => verdict === 'rejected')
  return [
    filesLine(files, isComplete),
    decisionLine(formats),
    ...groups.flatMap(([title, verdicts]) => {
      const some = formats.filter(({ verdict }) => verdicts.includes(verdict))
      return some.length === 0 ? [] : ['', title, ...indented(detectionLines(some))]
    }),
    ...(rejected.length === 0 ? [] : ['', 'Do not fit']),
    ...indented(listLines(rejected.map(({ format, reason }) => [format, oneLine(reason)]))),
  ]
}

function filesLine(files: readonly string[], isComplete: boolean): string {
  const counts = new Map<string, number>()
  for (const file of files) {
    const extension = extensionOf(file)
    const kind = extension === '' ? 'without extension' : `.${extension}`
    counts.set(kind, (counts.get(kind) ?? 0) + 1)
  }
  const kinds = [...counts]
    .toSorted(([, a], [, b]) => b - a)
    .map(([kind, count]) => `${countText(count)} ${oneLine(kind)}`)
  const looked = isComplete
    ? `Looked at all ${countOf(files.length, 'file')}`
    : `Looked at ${countOf(files.length, 'file')}, the first of each folder and kind`
  return kinds.length === 0 ? 'There are no files' : `${looked}: ${shortList(kinds)}`
}

function decisionLine(formats: readonly JudgedFormat[]): string {
  const [best, second] = formats
  if (best === undefined || best.verdict === 'rejected') return 'No format fits.'
  if (best.verdict === 'chosen') {
    const next =
      second === undefined || second.confidence === 0 ? 'no other fits' : nextText(second)
    return `${best.format} is chosen: ${percent(best.confidence).trim()} sure, ${next}.`
  }
  if (best.verdict === 'unsure')
    return `No format is sure enough: ${best.format} is the best with ${percent(best.confidence).trim()}, 50 % are needed.`
  const equal = formats.filter(({ verdict }) => verdict === 'ambiguous')
  const names = equal.map(({ format }) => format)
  return `${names.join(' and ')} are equally sure: name one with \`--from\` or \`--format\`.`
}

function nextText({ format, confidence }: JudgedFormat): string {
  return `the next is ${format} with ${percent(confidence).trim()}`
}

function percent(confidence: number): string {
  return `${Math.round(confidence * 100)} %`.padStart(5)
}

function indented(lines: readonly string[]): readonly string[] {
  return lines.map((line) => `  ${line}`)
}
