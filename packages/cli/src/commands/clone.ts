import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs'
import path from 'node:path'
import { localConfigFile, Repository, switchTo } from '@dsv/core'
import { addRemote, fetch, type RemoteRepository } from '@dsv/remote'
import { type Command, defineCommand } from '../command.ts'
import { UsageError } from '../failure.ts'
import type { CommandIo } from '../io.ts'
import { addressFrom, optionsOf } from '../remote-address.ts'
import { openEnvironment } from '../open-environment.ts'
import { transferText } from '../views/transfer-lines.ts'
import { withRemote } from '../with-remote.ts'

/** `dsv clone`: gets a repository from elsewhere. */
export const cloneCommand: Command = defineCommand({
  name: 'clone',
  positionals: '<url> [folder]',
  summary: 'Get a repository from elsewhere, with its whole history.',
  examples: [
    ['dsv clone s3://bucket/street', 'Into the new folder street'],
    ['dsv clone /mnt/share/street work -b v2', 'Into folder work, on branch v2'],
  ],
  describe: (options) =>
    options
      .positional('url', { type: 'string', demandOption: true, describe: 'A folder or a URL' })
      .positional('folder', { type: 'string', describe: 'Default: the last part of the URL' })
      .option('branch', { alias: 'b', type: 'string', describe: 'The branch to be on' })
      .option('origin', {
        alias: 'o',
        type: 'string',
        default: 'origin',
        describe: 'What the remote is called here',
      })
      .option('option', {
        type: 'string',
        array: true,
        describe: 'What reaching it needs, as name=value',
      })
      .option('no-checkout', {
        alias: 'n',
        type: 'boolean',
        default: false,
        describe: 'Write no files',
      }),
  run: async ({ url, folder, branch, origin, option = [], noCheckout }, io) => {
    const root = path.resolve(io.folder, folder ?? folderOf(url))
    if (existsSync(root) && readdirSync(root).length > 0)
      throw new UsageError(`${root} is not empty.`)
    const options = optionsOf(option)
    const remote = { name: origin, url: addressFrom(io.folder, url), options }
    await withRemote(remote, { base: io.folder, io }, async (opened) => {
      const isMade = !existsSync(root)
      mkdirSync(root, { recursive: true })
      try {
        const from = branch ?? mainBranch(opened)
        await fill(root, io, opened, { remote, branch: from, noCheckout })
      } catch (error) {
        // The folder was empty: what is in it now came from here.
        for (const name of readdirSync(root))
          rmSync(path.join(root, name), { recursive: true, force: true })
        if (isMade) rmSync(root, { recursive: true, force: true })
        throw error
      }
    })
  },
})

interface CloneRequest {
  readonly remote: Parameters<typeof addRemote>[1]
  readonly branch: string
  readonly noCheckout: boolean
}

async function fill(
  root: string,
  io: CommandIo,
  opened: RemoteRepository,
  { remote, branch, noCheckout }: CloneRequest,
): Promise<void> {
  const environment = openEnvironment({ ...io, folder: root })
  const repository = await Repository.init(root, environment, { branch })
  try {
    addRemote(localConfigFile(root), remote)
    const { count, refs } = await fetch(repository, opened)
    io.out(`Got ${transferText(count)} into ${root}\n`)
    const start = `${remote.name}/${branch}`
    if (refs.length === 0) io.out('The repository is empty.\n')
    else if (!noCheckout) await switchTo(repository, { target: branch, create: true, start })
  } finally {
    await repository.close()
  }
}

/** A working repository says what it is on; else main, or the first there is. */
function mainBranch({ root }: RemoteRepository): string {
  const branches = [...root.refs.keys()].filter((name) => name.startsWith('refs/heads/'))
  const head = root.head?.type === 'branch' ? root.head.name : 'refs/heads/main'
  const chosen = branches.find((name) => name === head) ?? branches.toSorted()[0] ?? head
  return chosen.slice('refs/heads/'.length)
}

function folderOf(url: string): string {
  const [last = ''] = url
    .replace(/[/\\]+$/, '')
    .replace(/\/\.dsv$/, '')
    .split(/[/\\:]/)
    .slice(-1)
  if (last === '' || last === '.' || last === '..')
    throw new UsageError('Say into which folder to clone.')
  return last
}
