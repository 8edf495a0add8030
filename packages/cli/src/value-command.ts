import { type DiffSide, isBelow, resolveCommit, type Repository } from '@dsv/core'
import {
  comparedValues,
  diffValues,
  type FileValues,
  type PipelineReader,
  type ReadValues,
} from '@dsv/pipeline'
import { type Command, defineCommand } from './command.ts'
import { diffSides } from './diff-sides.ts'
import { UsageError } from './failure.ts'
import type { CommandIo } from './io.ts'
import { didYouMean } from './parse-arguments.ts'
import { readSide, sideName } from './read-side.ts'
import { repositoryPaths } from './repository-path.ts'
import { jsonText } from './views/json-text.ts'
import { listLines } from './views/table-lines.ts'
import { changeRows, markdownLines, valueRows } from './views/value-tables.ts'
import { withRepository } from './with-repository.ts'

const ACTIONS = ['show', 'diff']

/** A command that shows and compares values of files. */
interface ValueCommand {
  readonly name: string
  readonly summary: string
  readonly details: string
  readonly examples: Command['examples']
  /** Whether `--used` makes sense. */
  readonly hasUsed: boolean
  readonly read: (
    reader: PipelineReader,
    options: { readonly onlyUsed: boolean },
  ) => Promise<ReadValues>
}

/** What the command line says. */
interface Request {
  readonly words: readonly string[]
  readonly paths: readonly string[]
  readonly precision: number
  readonly as: 'text' | 'json' | 'md'
  readonly isAll: boolean
  readonly onlyUsed: boolean
}

/** Returns `dsv params` or `dsv metrics`. */
export function valueCommand(definition: ValueCommand): Command {
  const { name, hasUsed } = definition
  return defineCommand({
    ...definition,
    positionals: '<action> [revisions..]',
    afterDashes: 'paths',
    describe: (options) => {
      const described = options
        .positional('action', {
          type: 'string',
          demandOption: true,
          describe: 'show: values; diff: what changed',
        })
        .positional('revisions', {
          type: 'string',
          array: true,
          describe: 'Revisions; the files on disk when there is none, paths after --',
        })
        .option('all', { type: 'boolean', default: false, describe: 'diff: show equal values too' })
        .option('precision', {
          type: 'number',
          default: 5,
          describe: 'How many digits of a number count',
        })
        .option('md', { type: 'boolean', default: false, describe: 'Print a table in Markdown' })
        .option('json', { type: 'boolean', default: false, describe: 'Print JSON' })
      return hasUsed
        ? described.option('used', {
            type: 'boolean',
            default: false,
            describe: 'Only what stages use',
          })
        : described.option('used', { type: 'boolean', hidden: true, default: false })
    },
    run: async (args, io) => {
      const { action, revisions = [], all, precision, md, json, used } = args
      if (!ACTIONS.includes(action))
        throw new UsageError(
          `There is no action "${action}" of \`dsv ${name}\`.${didYouMean(action, ACTIONS)}`,
        )
      if (!Number.isInteger(precision) || precision < 1 || precision > 17)
        throw new UsageError('--precision takes a whole number from 1 to 17.')
      const request: Request = {
        words: revisions,
        paths: args['--'] ?? [],
        precision,
        as: json ? 'json' : md ? 'md' : 'text',
        isAll: all,
        onlyUsed: used,
      }
      await withRepository(io, async (repository) =>
        action === 'show'
          ? show(repository, io, definition, request)
          : compare(repository, io, definition, request),
      )
    },
  })
}

async function show(
  repository: Repository,
  io: CommandIo,
  { read, name }: ValueCommand,
  request: Request,
): Promise<void> {
  const { words, onlyUsed } = request
  const under = repositoryPaths(repository, io, request.paths)
  // Told before anything is read, so that a name that is none prints nothing else.
  for (const word of words) await resolveCommit(repository, word)
  const named: readonly DiffSide[] = words.map((revision) => ({ type: 'revision', revision }))
  const sides = []
  for (const side of named.length === 0 ? [DISK] : named) {
    const all = await readSide(repository, io, side, async (reader) => read(reader, { onlyUsed }))
    const result = only(all, under)
    noteProblems(io, sideName(side), result, true)
    sides.push({ side, result, name: sideName(side), values: result.values })
  }
  if (request.as === 'json')
    io.out(
      jsonText(
        sides.map(({ side, result: { values, missing } }) => ({
          ...(side.type === 'revision' && { revision: side.revision }),
          values: jsonValues(values),
          missing,
        })),
      ),
    )
  else if (sides.every(({ values }) => values.size === 0)) io.note(`There are no ${name}.\n`)
  else printRows(io, valueRows(sides, request), request)
}

async function compare(
  repository: Repository,
  io: CommandIo,
  { read, name }: ValueCommand,
  request: Request,
): Promise<void> {
  const { words, paths, onlyUsed } = request
  const wanted = words.length === 0 ? ['HEAD'] : words
  const {
    from,
    to,
    paths: under,
  } = await diffSides(repository, io, {
    words: wanted,
    paths,
    staged: false,
  })
  const readOnly = async (side: DiffSide): Promise<ReadValues> =>
    only(await readSide(repository, io, side, async (reader) => read(reader, { onlyUsed })), under)
  const [before, after] = [await readOnly(from), await readOnly(to)]
  noteProblems(io, sideName(from), before, false)
  noteProblems(io, sideName(to), after, false)
  const list = request.isAll ? comparedValues : diffValues
  const changes = list(before.values, after.values)
  if (request.as === 'json') io.out(jsonText(changes))
  else if (changes.length > 0)
    printRows(io, changeRows(changes, [sideName(from), sideName(to)], request), request)
  else if (request.as === 'text') io.out(`No ${name} changed.\n`)
}

const DISK: DiffSide = { type: 'working-tree' }

/** Returns what was read of the files that are `under` paths or below them; without paths, of all. */
function only(all: ReadValues, under: readonly string[]): ReadValues {
  const isMeant = (file: string): boolean =>
    under.length === 0 || under.some((path) => isBelow(file, path))
  return {
    values: new Map([...all.values].filter(([file]) => isMeant(file))),
    missing: all.missing.filter(isMeant),
    problems: all.problems,
  }
}

function noteProblems(
  io: CommandIo,
  name: string,
  { missing, problems }: ReadValues,
  isShown: boolean,
): void {
  for (const problem of problems) io.note(`${name}: ${problem}\n`)
  if (isShown) for (const file of missing) io.note(`${name}: ${file} is not there.\n`)
}

/** Names may be `__proto__`. */
function jsonValues(values: FileValues): unknown {
  return Object.fromEntries([...values].map(([file, each]) => [file, Object.fromEntries(each)]))
}

function printRows(io: CommandIo, rows: readonly (readonly string[])[], { as }: Request): void {
  for (const line of as === 'md' ? markdownLines(rows) : listLines(rows)) io.out(`${line}\n`)
}
