import { type AnnotatedItem, compileQuery, type Conflict } from '@dsv/core'

/** Which conflicts are meant; nothing means all. */
export interface ConflictSelection {
  /** As `dsv status` shows them, from 1. */
  readonly numbers?: readonly number[]
  /** Files and datasets, or folders above them. */
  readonly paths?: readonly string[]
  /** A query that a side of the conflict matches. */
  readonly where?: string
}

/** Returns the test whether a conflict is meant. @throws `DSV_QUERY_SYNTAX` */
export function selectConflicts({
  numbers = [],
  paths = [],
  where,
}: ConflictSelection): (conflict: Conflict, number: number) => boolean {
  const query = where === undefined ? undefined : compileQuery(where)
  const isNamed = (conflict: Conflict, number: number): boolean =>
    (numbers.length === 0 && paths.length === 0) ||
    numbers.includes(number) ||
    paths.some((path) => isBelow(placeOf(conflict), path))
  return (conflict, number) =>
    isNamed(conflict, number) &&
    (query === undefined || itemsOf(conflict).some((item) => query.matchesItem(item)))
}

function placeOf(conflict: Conflict): string {
  return conflict.kind === 'file' ? conflict.key : conflict.where
}

function isBelow(path: string, folder: string): boolean {
  return folder === '' || path === folder || path.startsWith(`${folder}/`)
}

/** What a query can be asked of: the sides of a conflict, as items. */
function itemsOf(conflict: Conflict): readonly AnnotatedItem[] {
  switch (conflict.kind) {
    case 'annotation':
      return [conflict.base, conflict.ours, conflict.theirs].flatMap((annotation) =>
        annotation === null
          ? []
          : [{ ...conflict.key, media: [], layers: { [conflict.layer]: [annotation] } }],
      )
    case 'item':
      return [conflict.base, conflict.ours, conflict.theirs].flatMap((item) => item ?? [])
    case 'media':
      return [conflict.base, conflict.ours, conflict.theirs].flatMap((media) =>
        media === null ? [] : [{ ...conflict.key, media, layers: {} }],
      )
    case 'schema':
    case 'file':
      return []
  }
}
