import type { ObjectId } from '@dsv/store'
import { nothingCommitted } from '../errors.ts'
import { filterLog } from '../history/filter-log.ts'
import { parseDate } from '../history/parse-date.ts'
import { walkCommits } from '../history/walk-commits.ts'
import type { ItemKey } from '../model/item.ts'
import type { Commit } from '../record/commit-record.ts'
import type { Repository } from '../repository/repository.ts'
import { repositoryCommits, resolveRange } from '../repository/revisions.ts'
import { type ChangeCriteria, changedSince } from './changed-since.ts'
import { commitRefs } from './commit-refs.ts'

/** Which commits a log shows; all that is given has to hold. */
export interface LogRequest {
  /** Revisions and ranges (`main`, `v1..v2`, `^old`); default `HEAD`. */
  readonly revisions?: readonly string[]
  /** Only commits that changed a file or dataset at or below one of these. */
  readonly paths?: readonly string[]
  /** Only commits that changed this dataset. */
  readonly dataset?: string
  /** Only commits that changed this item or its annotations, of `dataset` or of any. */
  readonly item?: ItemKey
  /**
   * A query: only commits that added, removed or changed an annotation that matches it, before or
   * after; for a query about items alone, an item.
   */
  readonly where?: string
  /** Part of `name <email>` of the author, in any case. */
  readonly author?: string
  /** Part of `name <email>` of the committer, in any case. */
  readonly committer?: string
  /** Part of the message, in any case. */
  readonly grep?: string
  /** The earliest and latest time of the committer, as {@link parseDate} reads it. */
  readonly since?: string
  readonly until?: string
  /** Follows only the first parent of each commit. */
  readonly firstParent?: boolean
  /** Default: merges too. */
  readonly merges?: boolean
  readonly skip?: number
  readonly limit?: number
}

/** A commit of a log. */
export interface LogEntry {
  readonly commitId: ObjectId
  readonly commit: Commit
  /** Full names of the refs that stand at it, `HEAD` first. */
  readonly refs: readonly string[]
}

/**
 * Walks history, newest first. Whether a commit changed something is told by comparing trees, which
 * skips what is equal: the cost follows the changes, not the size of the datasets.
 *
 * @yields each commit that the request asks for
 * @throws `DSV_HISTORY_EMPTY`, `DSV_REVISION_UNKNOWN`, `DSV_DATE_SYNTAX`, `DSV_QUERY_SYNTAX`
 */
export async function* log(
  repository: Repository,
  request: LogRequest = {},
): AsyncGenerator<LogEntry, void, undefined> {
  const { include, exclude } = await tips(repository, request)
  const { author, committer, grep, since, until, firstParent, merges, skip, limit } = request
  const walk = walkCommits(repositoryCommits(repository), include, {
    exclude,
    ...(firstParent !== undefined && { firstParent }),
  })
  const filter = {
    ...(author !== undefined && { author }),
    ...(committer !== undefined && { committer }),
    ...(grep !== undefined && { message: grep }),
    ...(since !== undefined && { since: seconds(repository, since) }),
    ...(until !== undefined && { until: seconds(repository, until) }),
    ...(merges !== undefined && { merges }),
    ...(skip !== undefined && { skip }),
    ...(limit !== undefined && { limit }),
    changed: criteriaOf(request),
  }
  const refs = await commitRefs(repository)
  const { signal } = repository.environment
  for await (const { commitId, commit } of filterLog(walk, filter, changedSince(repository))) {
    signal.throwIfAborted()
    // Parents that are not stored are left out of walking, not of what is shown.
    const shown = repository.isPartial ? await repository.commit(commitId) : commit
    yield { commitId, commit: shown, refs: refs.get(commitId) ?? [] }
  }
}

async function tips(
  repository: Repository,
  { revisions = [] }: LogRequest,
): Promise<{ readonly include: readonly ObjectId[]; readonly exclude: readonly ObjectId[] }> {
  const include: ObjectId[] = []
  const exclude: ObjectId[] = []
  for (const revision of revisions) {
    const range = await resolveRange(repository, revision)
    include.push(...range.include)
    exclude.push(...range.exclude)
  }
  if (include.length > 0) return { include, exclude }
  const { headCommit } = await repository.state()
  if (headCommit === undefined) throw nothingCommitted()
  return { include: [headCommit], exclude }
}

/** The criteria hold together, so they are one thing that a commit may have changed. */
function criteriaOf({ paths = [], dataset, item, where }: LogRequest): readonly ChangeCriteria[] {
  if (paths.length === 0 && dataset === undefined && item === undefined && where === undefined)
    return []
  return [
    {
      paths,
      ...(dataset !== undefined && { dataset }),
      ...(item !== undefined && { item }),
      ...(where !== undefined && { where }),
    },
  ]
}

function seconds({ environment }: Repository, text: string): number {
  const now = environment.now()
  return parseDate(text, { timeSeconds: now.seconds, tzMinutes: now.offsetMinutes })
}
