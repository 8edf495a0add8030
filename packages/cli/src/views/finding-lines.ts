import type { Finding } from '@dsv/store'
import type { Paint } from './paint.ts'
import { shortId, shortList } from './quantities.ts'

/** Returns what is wrong, and what depends on it. */
export function findingLines(
  { severity, message, dependents }: Finding,
  paint: Paint,
): readonly string[] {
  const mark = severity === 'error' ? paint.removed('error:') : paint.changed('warning:')
  const refs = dependents?.refs ?? []
  const commits = dependents?.commits ?? []
  return [
    `${mark} ${message}`,
    ...(refs.length > 0 ? [`  needed by ${shortList(refs)}`] : []),
    ...(commits.length > 0 ? [`  in commits ${shortList(commits.map(shortId))}`] : []),
  ]
}
