import type { MergeResult } from '@dsv/core'
import { conflictLines } from './conflict-lines.ts'
import type { Paint } from './paint.ts'
import { countOf, shortId } from './quantities.ts'

/** Returns what a merge did; `verb` is what was asked for: `Merged fix-labels`. */
export function mergeLines(result: MergeResult, verb: string, paint: Paint): readonly string[] {
  const { type, commitId, conflicts, sourceIdChanges } = result
  const at = commitId === undefined ? '' : ` as commit ${shortId(commitId)}`
  const renumbered =
    sourceIdChanges.length === 0
      ? []
      : [
          `${countOf(sourceIdChanges.length, 'category id clashed and was', 'category ids clashed and were')} renumbered.`,
        ]
  switch (type) {
    case 'up-to-date':
      return ['Already up to date.']
    case 'fast-forward':
      return [`Fast-forwarded to ${shortId(commitId ?? '')}`]
    case 'merged':
      return [`${verb}${at}`, ...renumbered]
    case 'staged':
      return [`${verb}: the result is staged, not committed.`, ...renumbered]
    case 'conflicts':
      return [
        `${verb}, except for ${countOf(conflicts.length, 'conflict')}. Everything else is staged.`,
        ...renumbered,
        ...conflictLines(conflicts, paint),
      ]
  }
}
