import path from 'node:path'
import type { ExportedRevision } from '@dsv/remote'
import { type Command, defineCommand } from '../command.ts'
import { UsageError } from '../failure.ts'
import type { CommandIo } from '../io.ts'
import { repositoryPaths } from '../repository-path.ts'
import { oneLine } from '../views/annotation-text.ts'
import { jsonText } from '../views/json-text.ts'
import { bytesText, countOf } from '../views/quantities.ts'
import { withRepository } from '../with-repository.ts'

/** `dsv export-dvc`: writes a version so that DVC can get it. */
export const exportDvcCommand: Command = defineCommand({
  name: 'export-dvc',
  positionals: '[revision]',
  summary: 'Write pointer files and a cache of DVC, so that people who use DVC can get a version.',
  details: [
    'Each dataset becomes one output of DVC 3 (`data/street.dvc`), and so does each folder without a',
    'dataset. Small files beside them are written as they are, for Git. The output may be a new folder or',
    'one with Git and DVC; nothing in it is replaced without --force.',
  ].join('\n'),
  examples: [
    [
      'dsv export-dvc -o ../for-dvc',
      'The last commit, with a cache: `dvc checkout` makes the files',
    ],
    ['dsv export-dvc v1.0 -o ../for-dvc --remote /mnt/dvc', 'With a remote: `dvc pull` gets them'],
    ['dsv export-dvc -o ../for-dvc --path data/street', 'One dataset'],
  ],
  describe: (options) =>
    options
      .positional('revision', {
        type: 'string',
        default: 'HEAD',
        describe: 'A branch, tag or commit',
      })
      .option('output', {
        alias: 'o',
        type: 'string',
        demandOption: true,
        describe: 'Where pointer files go: a new folder, or a repository of Git and DVC',
      })
      .option('path', {
        type: 'string',
        array: true,
        describe: 'Only this folder or file, as one output; may be repeated',
      })
      .option('remote', {
        type: 'string',
        describe: 'Write data to this folder, and make it the default remote; default the cache',
      })
      .option('force', {
        type: 'boolean',
        default: false,
        describe: 'Replace pointers and files of an older export',
      })
      .option('json', { type: 'boolean', default: false, describe: 'Print the result as JSON' }),
  run: async ({ revision, output, path: typed, remote, force, json }, io) => {
    if (remote !== undefined && /^[a-z][a-z0-9+.-]+:\/\//i.test(remote))
      throw new UsageError('--remote is a folder: export to the cache, then `dvc push` to a URL.')
    await withRepository(io, async (repository) => {
      const target = path.resolve(io.folder, output)
      if (isAround(target, repository.folder))
        throw new UsageError(`${output} is the repository: name a folder beside it.`)
      const paths = repositoryPaths(repository, io, typed)
      const { exportRevision } = await import('@dsv/remote')
      const exported = await exportRevision(repository, {
        revision,
        output: target,
        force,
        env: io.environment,
        // The root is no output of its own.
        ...(paths.length > 0 && !paths.includes('') && { paths }),
        ...(remote !== undefined && { remote: path.resolve(io.folder, remote) }),
      })
      if (json) io.out(jsonText(exported))
      else report(exported, { output, remote }, io)
    })
  },
})

/** Whether a folder is the working tree or in what belongs to the repository. */
function isAround(target: string, root: string): boolean {
  const inside = path.relative(root, target)
  return inside === '' || inside === '.dsv' || inside.startsWith(`.dsv${path.sep}`)
}

const REASONS: Readonly<Record<ExportedRevision['leftOut'][number]['reason'], string>> = {
  'empty-folder': 'DVC has no empty folders',
  reserved: 'DVC or Git has a use of its own for this name',
  symlink: 'DVC has no links',
}

function report(
  { outputs, plainFiles, leftOut, modesLost }: ExportedRevision,
  { output, remote }: { readonly output: string; readonly remote: string | undefined },
  io: CommandIo,
): void {
  for (const { pointer, fileCount, sizeBytes } of outputs)
    io.out(`Wrote ${oneLine(pointer)}: ${countOf(fileCount, 'file')}, ${bytesText(sizeBytes)}\n`)
  if (plainFiles.length > 0) io.out(`Wrote ${countOf(plainFiles.length, 'file')} for Git.\n`)
  if (outputs.length > 0) {
    const command = remote === undefined ? 'checkout' : 'pull'
    io.out(`Commit ${output} with Git; \`dvc ${command}\` gets the data.\n`)
  } else if (plainFiles.length === 0) io.out('There is nothing to export.\n')
  for (const { path: each, reason } of leftOut)
    io.note(`warning: left out ${oneLine(each)}: ${REASONS[reason]}\n`)
  if (modesLost > 0)
    io.note(
      `warning: DVC will not make ${countOf(modesLost, 'file')} executable: it can only for single files\n`,
    )
}
