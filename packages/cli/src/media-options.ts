import path from 'node:path'
import { ALL_MEDIA, compileQuery, type MediaFilter } from '@dsv/core'
import { UsageError } from './failure.ts'
import { exclude } from './exclude.ts'

/** Options that say which media a partial clone has in its working tree. */
export const MEDIA_OPTIONS = {
  media: {
    choices: ['all', 'none'] as const,
    describe: 'Whether images and other media come along; annotations always do',
  },
  subset: { type: 'string', array: true, describe: 'Only media of items of this subset' },
  path: { type: 'string', array: true, describe: 'Only media below this folder' },
  where: { type: 'string', describe: 'Only media of items that match a query' },
  depth: { type: 'number', describe: 'Only so many commits of each branch' },
} as const

interface MediaArguments {
  readonly media?: 'all' | 'none' | undefined
  readonly subset?: readonly string[] | undefined
  readonly path?: readonly string[] | undefined
  readonly where?: string | undefined
  readonly depth?: number | undefined
}

/**
 * Returns which media the options choose; undefined when none is given.
 *
 * @param inside - The path in the repository that a typed one means; one that begins at its root by
 *   default, as there may be no folder to be in yet
 * @throws `UsageError`, `DSV_QUERY_SYNTAX`
 */
export function mediaFilterOf(
  { media, subset, path: paths, where }: MediaArguments,
  inside: (typed: string) => string = insidePath,
): MediaFilter | undefined {
  if (media === 'none') {
    exclude({ 'media none': true, subset })
    exclude({ 'media none': true, path: paths })
    exclude({ 'media none': true, where })
  }
  if (where !== undefined) compileQuery(where)
  if ([media, subset, paths, where].every((given) => given === undefined)) return undefined
  return {
    ...ALL_MEDIA,
    media: media ?? 'all',
    subsets: subset ?? [],
    paths: (paths ?? []).map(inside),
    ...(where !== undefined && { where }),
  }
}

/** Checks a number of commits. @throws `UsageError` */
export function depthOf({ depth }: MediaArguments): number | undefined {
  if (depth === undefined || (Number.isSafeInteger(depth) && depth > 0)) return depth
  throw new UsageError('--depth takes a number of commits, 1 or more.')
}

/** @throws `UsageError` for a path that leads out */
function insidePath(typed: string): string {
  const inside = path.posix.normalize(typed).replace(/\/+$/, '')
  const isOutside = inside === '..' || inside.startsWith('../') || inside.startsWith('/')
  if (isOutside) throw new UsageError(`--path ${typed} is not a path in the repository.`)
  return inside === '.' ? '' : inside
}
