import { show } from '@dsv/core'
import { commitImports } from '@dsv/remote'
import { type Command, defineCommand } from '../command.ts'
import { exclude } from '../exclude.ts'
import { printPieces } from '../print-pieces.ts'
import { diffJson } from '../views/diff-json.ts'
import { type DiffDetail, diffLines } from '../views/diff-lines.ts'
import { jsonText } from '../views/json-text.ts'
import { commitLines, tagLines } from '../views/log-lines.ts'
import { paintOf } from '../views/paint.ts'
import { withRepository } from '../with-repository.ts'

/** `dsv show`: a commit and what it changed. */
export const showCommand: Command = defineCommand({
  name: 'show',
  positionals: '[revision]',
  summary: 'Show a commit, or the commit of a tag, and what it changed.',
  examples: [
    ['dsv show', 'The last commit'],
    ['dsv show v1.0 --stat', 'Sums of what a version changed'],
  ],
  describe: (options) =>
    options
      .positional('revision', { type: 'string', default: 'HEAD', describe: 'Commit or tag' })
      .option('stat', { type: 'boolean', default: false, describe: 'Only sums' })
      .option('name-only', { type: 'boolean', default: false, describe: 'Only names' })
      .option('json', { type: 'boolean', default: false, describe: 'Print JSON' }),
  run: async ({ revision, stat, nameOnly, json }, io) => {
    exclude({ stat, 'name-only': nameOnly })
    const detail: DiffDetail = stat ? 'stat' : nameOnly ? 'names' : 'full'
    await withRepository(io, async (repository) => {
      const { difference, tag, ...entry } = await show(repository, revision)
      const imports = await commitImports(repository)(entry.commit)
      if (json) {
        io.out(
          `${jsonText({ ...entry, tag: tag ?? null, imports })
            .trimEnd()
            .slice(0, -1)},"difference":`,
        )
        await printPieces(diffJson(difference, detail), io)
        io.out('}\n')
        return
      }
      const paint = paintOf(io)
      if (tag !== undefined) io.out(`${tagLines(tag, paint).join('\n')}\n`)
      io.out(`${commitLines(entry, imports, paint).join('\n')}\n\n`)
      await printPieces(diffLines(difference, detail, paint), io)
    })
  },
})
