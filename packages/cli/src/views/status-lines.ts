import type { FileDiff, StagedDatasetStatus, Status, UnstagedPath } from '@dsv/core'
import { oneLine } from './annotation-text.ts'
import { conflictLines } from './conflict-lines.ts'
import { headText } from './head-text.ts'
import type { Paint } from './paint.ts'
import { countOf, countText } from './quantities.ts'
import { schemaText, summaryText } from './summary-text.ts'

/** At most this many lines in each part of the status. */
const MAX_LINES = 40

/** What the status view needs besides. */
export interface StatusView {
  readonly paint: Paint
  /** The path as the user would type it. */
  readonly typed: (path: string) => string
}

/** Returns the status as Git's long form shows it, with sums of annotations for datasets. */
export function statusLines(status: Status, view: StatusView): readonly string[] {
  const { head, headCommit, staged, unstaged, untracked, conflicts } = status
  const isStaged = staged.files.length + staged.datasets.length > 0
  const parts = [
    [
      headText(head),
      ...(status.recovered ? ['A checkout that was interrupted was taken back.'] : []),
      ...(headCommit === undefined ? ['', 'No commits yet'] : []),
    ],
    mergeLines(status),
    formatLines(status, view),
    absentLines(status),
    section(
      'Changes to be committed:',
      ['dsv restore --staged <path>... to unstage'],
      [
        ...staged.datasets.map((dataset) => view.paint.added(stagedDatasetLine(dataset, view))),
        ...staged.files.map((file) => view.paint.added(stagedFileLine(file, view))),
      ],
    ),
    conflictLines(conflicts, view.paint),
    section(
      'Changes not staged for commit:',
      ['dsv add <path>... to stage them', 'dsv restore <path>... to drop them'],
      unstagedLines(unstaged, view).map(view.paint.removed),
    ),
    section(
      'Untracked files:',
      ['dsv add <path>... to track them'],
      untracked.map((path) => view.paint.removed(oneLine(view.typed(path)))),
    ),
    isStaged || conflicts.length > 0 ? [] : [closingLine(status)],
  ]
  return parts
    .filter((lines) => lines.length > 0)
    .flatMap((lines, at) => (at > 0 ? ['', ...lines] : lines))
}

/**
 * Returns the status in short form, one path a line: the first letter compares the stage with the last
 * commit, the second the disk with the stage. `U` conflicts, `?` is not tracked.
 */
export function shortStatusLines(status: Status, { paint, typed }: StatusView): readonly string[] {
  const letters = { added: 'A', removed: 'D', changed: 'M', modified: 'M', deleted: 'D', type: 'T' }
  const onDisk = new Map<string, string>()
  for (const { path, change } of status.unstaged) onDisk.set(path, letters[change])
  const staged: (readonly [path: string, letter: string])[] = [
    ...status.staged.datasets.map(({ path, change }) => [path, letters[change]] as const),
    ...status.staged.files.map(({ path, from, to }) => [path, fileLetter(from, to)] as const),
  ]
  const both = new Set(staged.map(([path]) => path))
  return [
    ...status.conflicts.map(
      ({ where, key }) =>
        `${paint.removed('UU')} ${oneLine(typed(typeof key === 'string' && where === '' ? key : where))}`,
    ),
    ...staged.map(
      ([path, letter]) =>
        `${paint.added(letter)}${paint.removed(onDisk.get(path) ?? ' ')} ${oneLine(typed(path))}`,
    ),
    ...[...onDisk]
      .filter(([path]) => !both.has(path))
      .map(([path, letter]) => ` ${paint.removed(letter)} ${oneLine(typed(path))}`),
    ...status.untracked.map((path) => `${paint.removed('??')} ${oneLine(typed(path))}`),
  ].filter((line, at, lines) => lines.indexOf(line) === at)
}

function fileLetter(from: FileDiff['from'], to: FileDiff['to']): string {
  if (from === undefined) return 'A'
  if (to === undefined) return 'D'
  return from.type === to.type ? 'M' : 'T'
}

function section(
  title: string,
  hints: readonly string[],
  lines: readonly string[],
): readonly string[] {
  if (lines.length === 0) return []
  const more = lines.length - MAX_LINES
  return [
    title,
    ...hints.map((hint) => `  (use ${quotedCommand(hint)})`),
    ...lines.slice(0, MAX_LINES).map((line) => `        ${line}`),
    ...(more > 0 ? [`        … and ${countText(more)} more`] : []),
  ]
}

/** `dsv add <path>... to track them` → `"dsv add <path>..." to track them`. */
function quotedCommand(hint: string): string {
  const at = hint.indexOf(' to ')
  return `"${hint.slice(0, at)}"${hint.slice(at)}`
}

function mergeLines({ merge, conflicts }: Status): readonly string[] {
  if (merge === undefined) return []
  const name = { merge: 'merging', 'cherry-pick': 'cherry-picking', revert: 'reverting' }[
    merge.kind
  ]
  const open =
    conflicts.length === 0
      ? `All conflicts are settled; you are still ${name}.`
      : `You are ${name}, and ${countOf(conflicts.length, 'conflict is', 'conflicts are')} open.`
  return [
    open,
    ...(conflicts.length === 0
      ? ['  (use "dsv commit" to conclude)']
      : ['  (use "dsv resolve" to settle them, then "dsv commit")']),
    `  (use "dsv ${merge.kind} --abort" to give up)`,
  ]
}

function formatLines({ formats }: Status, { typed }: StatusView): readonly string[] {
  return [...formats].map(
    ([path, { format }]) => `Dataset ${oneLine(typed(path))} is shown in format ${format}.`,
  )
}

/** Says how many media a partial clone has left out. */
export function absentLines({ absent }: Pick<Status, 'absent'>): readonly string[] {
  if (absent === 0) return []
  return [
    `${countOf(absent, 'media file is', 'media files are')} not here, as this is a partial clone.`,
    '  (use "dsv restore <path>..." or "dsv fetch --media all" to get them)',
  ]
}

function stagedDatasetLine(
  { path, change, summary, schema }: StagedDatasetStatus,
  { typed }: StatusView,
): string {
  const word = { added: 'new dataset:', removed: 'removed dataset:', changed: 'dataset:' }[change]
  const sums = summaryText(summary)
  const what =
    change === 'changed'
      ? [schemaText(schema), sums].filter((text) => text !== '')
      : [sums.replaceAll(/ (?:added|removed)/gu, '')]
  const meaning = what.length === 0 ? 'files changed, annotations as before' : what.join(', ')
  return `${word.padEnd(16)} ${oneLine(typed(path))}: ${meaning}`
}

function stagedFileLine({ path, from, to }: FileDiff, { typed }: StatusView): string {
  const word = { A: 'new file:', D: 'deleted:', M: 'modified:', T: 'type changed:' }[
    fileLetter(from, to)
  ]
  return `${(word ?? '').padEnd(16)} ${oneLine(typed(path))}`
}

/** Files of a dataset are counted, others are named. */
function unstagedLines(
  unstaged: readonly UnstagedPath[],
  { typed }: StatusView,
): readonly string[] {
  const datasets = new Map<string, { modified: number; deleted: number; type: number }>()
  const lines: string[] = []
  const words = { modified: 'modified:', deleted: 'deleted:', type: 'type changed:' }
  for (const { path, change, dataset } of unstaged) {
    if (dataset === undefined) {
      lines.push(`${words[change].padEnd(16)} ${oneLine(typed(path))}`)
      continue
    }
    const counts = datasets.get(dataset) ?? { modified: 0, deleted: 0, type: 0 }
    counts[change]++
    datasets.set(dataset, counts)
  }
  const summed = [...datasets].map(([path, { modified, deleted, type }]) => {
    const parts = [
      ...(modified > 0 ? [`${countOf(modified, 'file')} modified`] : []),
      ...(deleted > 0 ? [`${countOf(deleted, 'file')} deleted`] : []),
      ...(type > 0 ? [`${countOf(type, 'file')} of another type`] : []),
    ]
    return `${'dataset:'.padEnd(16)} ${oneLine(typed(path))}: ${parts.join(', ')}`
  })
  return [...summed, ...lines]
}

function closingLine({ unstaged, untracked, headCommit, merge }: Status): string {
  if (unstaged.length > 0)
    return 'Nothing is staged for commit (use "dsv add", or "dsv commit -a" for all edits)'
  if (untracked.length > 0)
    return 'Nothing is staged for commit, but untracked files are there (use "dsv add" to track them)'
  if (merge !== undefined) return 'Nothing else differs.'
  return headCommit === undefined
    ? 'Nothing to commit (put files here and use "dsv add" to track them)'
    : 'Nothing to commit, working tree clean'
}
