import type { ImportedBlame } from '../blamed-imports.ts'
import { annotationTitle, oneLine, shapeText } from './annotation-text.ts'
import { dateText } from './date-text.ts'
import { sourceText } from './import-text.ts'
import type { Paint } from './paint.ts'
import { shortId } from './quantities.ts'
import { listLines } from './table-lines.ts'

/**
 * Returns one line for each annotation: commit, author, date, what the annotation says, and where it was
 * imported from.
 */
export function blameLines(blamed: readonly ImportedBlame[], paint: Paint): readonly string[] {
  const layers = new Set(blamed.map(({ layer }) => layer))
  return listLines(
    blamed.map(({ annotation, commit, commitId, change, layer, import: source }) => [
      paint.id(shortId(commitId)),
      oneLine(commit.author.name),
      dateText({
        seconds: commit.author.timeSeconds,
        offsetMinutes: commit.author.tzMinutes,
      }).slice(0, 10),
      change,
      ...(layers.size > 1 ? [oneLine(layer)] : []),
      oneLine(annotationTitle(annotation, new Map())),
      shapeText(annotation),
      source === null ? '' : `from ${sourceText(source)}`,
    ]),
  )
}
