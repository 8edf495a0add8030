import { readFileSync } from 'node:fs'
import path from 'node:path'
import {
  diff,
  type DiffSide,
  isDsvError,
  isEmptySchemaDiff,
  type Repository,
  resolveCommit,
  type SnapshotDiff,
  withComparedTree,
} from '@dsv/core'
import {
  diffValues,
  metricsValuesOf,
  parameterValuesOf,
  type PipelineReader,
  type ReadValues,
  sideReader,
} from '@dsv/pipeline'
import { LINK_ENDING, readGitLink } from '@dsv/remote'
import { objectNotFound } from '@dsv/store'
import { UsageError } from '../failure.ts'
import type { CommandIo } from '../io.ts'
import { pipelineStatus } from '../pipeline-status.ts'
import { type CiChanges, type CiReport } from '../views/ci-report.ts'
import { summarize } from '../views/diff-lines.ts'
import { staleReasonText } from '../views/stale-reason-text.ts'
import { summaryText } from '../views/summary-text.ts'

/** What a report is made of. */
export interface ReportSources {
  /** A revision or a link file. */
  readonly base: string | undefined
  /** A file with what `dsv run --json` printed. */
  readonly run: string | undefined
}

const MOST_DATASETS = 20
const MOST_FILES = 20

/**
 * Finds out what a report says. The summary of each dataset that it shows is held, the items are a stream.
 *
 * @throws `UsageError`, `DSV_REVISION_UNKNOWN`, `DSV_GIT_LINK_INVALID`, `DSV_OBJECT_NOT_FOUND`
 */
export async function makeReport(
  repository: Repository,
  io: CommandIo,
  { base, run }: ReportSources,
): Promise<CiReport> {
  const from = base === undefined ? undefined : await baseCommit(repository, io, base)
  const problems: string[] = []
  const stages = run === undefined ? await staleStages(repository) : ranStages(io, run)
  const changes =
    from === undefined
      ? undefined
      : await changesSince(repository, { type: 'revision', revision: from }, problems)
  return { ...stages, changes, problems: [...stages.problems, ...problems] }
}

async function baseCommit(repository: Repository, io: CommandIo, base: string): Promise<string> {
  if (!base.endsWith(LINK_ENDING)) return resolveCommit(repository, base)
  const { commitId, repository: url } = readGitLink(path.resolve(io.folder, base))
  if (await repository.store.objects.has(commitId)) return commitId
  throw objectNotFound(url, 'commit', commitId)
}

type ReportedStages = Pick<CiReport, 'stages' | 'stagesSummary' | 'problems'>

async function staleStages(repository: Repository): Promise<ReportedStages> {
  const { stages, problem } = await withComparedTree(repository, pipelineStatus)
  return {
    stages: stages.map(({ stage, reasons }) => ({
      stage,
      what: reasons.map(staleReasonText).join(', '),
    })),
    stagesSummary:
      problem !== undefined
        ? 'cannot be read'
        : stages.length === 0
          ? 'all up to date'
          : `${stages.length} out of date`,
    problems: problem === undefined ? [] : [problem],
  }
}

const ENDS: ReadonlyMap<unknown, string> = new Map([
  ['ran', 'ran'],
  ['restored', 'taken from the run cache'],
  ['taken-over', 'taken over from DVC'],
  ['failed', 'failed'],
  ['not-run', 'not run'],
])

function ranStages(io: CommandIo, file: string): ReportedStages {
  const ends = endsIn(readFileSync(path.resolve(io.folder, file), 'utf8'), file)
  const told = [...ENDS].flatMap(([end, what]) => {
    const count = ends.filter((each) => each.end === end).length
    return count === 0 ? [] : [`${count} ${what}`]
  })
  return {
    stages: ends.flatMap(({ stage, end }) => {
      const what = ENDS.get(end)
      return what === undefined ? [] : [{ stage, what }]
    }),
    stagesSummary: told.length === 0 ? 'all up to date' : told.join(', '),
    problems: [],
  }
}

function endsIn(
  text: string,
  file: string,
): readonly { readonly stage: string; readonly end: unknown }[] {
  try {
    const parsed: unknown = JSON.parse(text)
    const stages = fieldOf(parsed, 'stages')
    if (Array.isArray(stages))
      return stages.map((each: unknown) => {
        const stage = fieldOf(each, 'stage')
        if (typeof stage !== 'string') throw new SyntaxError('no stage')
        return { stage, end: fieldOf(each, 'end') }
      })
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
  }
  throw new UsageError(`${file} is not what \`dsv run --json\` prints.`)
}

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null
    ? Object.getOwnPropertyDescriptor(value, name)?.value
    : undefined
}

type ReadSide = (reader: PipelineReader) => Promise<ReadValues>

const NOW: DiffSide = { type: 'working-tree' }

async function changesSince(
  repository: Repository,
  from: DiffSide,
  problems: string[],
): Promise<CiChanges> {
  const valuesOf = async (
    side: DiffSide,
    name: string,
    read: ReadSide,
  ): Promise<ReadValues['values']> => {
    try {
      const found = await read(sideReader(repository, side))
      problems.push(...found.problems.map((problem) => `${name}: ${problem}`))
      return found.values
    } catch (error) {
      if (!isDsvError(error)) throw error
      problems.push(`${name}: ${error.message}`)
      return new Map()
    }
  }
  const changed = async (read: ReadSide): Promise<CiChanges['metrics']> =>
    diffValues(await valuesOf(from, 'base', read), await valuesOf(NOW, 'now', read))
  return {
    metrics: await changed(metricsValuesOf),
    parameters: await changed(async (reader) => parameterValuesOf(reader, { onlyUsed: false })),
    ...(await diff(repository, from, NOW, datasetsAndFiles)),
  }
}

async function datasetsAndFiles(
  difference: SnapshotDiff,
): Promise<Omit<CiChanges, 'metrics' | 'parameters'>> {
  const datasets: CiChanges['datasets'][number][] = []
  const shown = new Set<string>()
  let moreDatasets = 0
  for (const each of difference.datasets) {
    if (datasets.length === MOST_DATASETS) {
      moreDatasets += 1
      shown.add(each.path)
      continue
    }
    const summary = await summarize(each)
    const { from, to } = each.formats
    if (from === to && isEmptySchemaDiff(each.schema) && summaryText(summary) === '') continue
    datasets.push({ diff: each, summary })
    shown.add(each.path)
  }
  const files: CiChanges['files'][number][] = []
  let moreFiles = 0
  for await (const file of difference.files()) {
    // What the files of a dataset mean is told already.
    if (file.dataset !== undefined && shown.has(file.dataset)) continue
    if (files.length < MOST_FILES) files.push(file)
    else moreFiles += 1
  }
  return { datasets, moreDatasets, files, moreFiles }
}
