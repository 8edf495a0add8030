import type { LogEntry, Tag } from '@dsv/core'
import type { CommitImport } from '@dsv/remote'
import { oneLine } from './annotation-text.ts'
import { subjectOf } from './commit-text.ts'
import { dateText } from './date-text.ts'
import { importLines } from './import-text.ts'
import type { Paint } from './paint.ts'
import { shortId } from './quantities.ts'

/** Returns a commit in one line: id, refs and subject. */
export function onelineText({ commitId, commit, refs }: LogEntry, paint: Paint): string {
  return `${paint.id(shortId(commitId))}${refsText(refs, paint)} ${subjectOf(commit.message)}`
}

/** Returns a commit as `git log` shows it, with what it imported. */
export function commitLines(
  { commitId, commit, refs }: LogEntry,
  imports: readonly CommitImport[],
  paint: Paint,
): readonly string[] {
  const { author, parents, message } = commit
  const when = dateText({ seconds: author.timeSeconds, offsetMinutes: author.tzMinutes })
  return [
    `${paint.id(`commit ${commitId}`)}${refsText(refs, paint)}`,
    ...(parents.length > 1 ? [`Merge:  ${parents.map(shortId).join(' ')}`] : []),
    `Author: ${oneLine(`${author.name} <${author.email}>`)}`,
    `Date:   ${when}`,
    ...importLines(imports),
    '',
    ...messageLines(message),
  ]
}

/** Returns an annotated tag, without the commit that it names. */
export function tagLines({ name, tagger, message }: Tag, paint: Paint): readonly string[] {
  const when = dateText({ seconds: tagger.timeSeconds, offsetMinutes: tagger.tzMinutes })
  return [
    paint.id(`tag ${oneLine(name)}`),
    `Tagger: ${oneLine(`${tagger.name} <${tagger.email}>`)}`,
    `Date:   ${when}`,
    '',
    ...messageLines(message),
    '',
  ]
}

function messageLines(message: string): string[] {
  return message
    .trimEnd()
    .split('\n')
    .map((line) => `    ${oneLine(line)}`.trimEnd())
}

/** `refs/heads/main` → `main`, `refs/tags/v1` → `tag: v1`; HEAD points to the first branch. */
function refsText(refs: readonly string[], paint: Paint): string {
  if (refs.length === 0) return ''
  const names = refs.map((ref) =>
    ref.replace(/^refs\/tags\//u, 'tag: ').replace(/^refs\/(?:heads|remotes)\//u, ''),
  )
  return ` ${paint.changed(`(${oneLine(names.join(', '))})`)}`
}
