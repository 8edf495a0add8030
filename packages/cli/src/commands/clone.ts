import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs'
import path from 'node:path'
import {
  ALL_MEDIA,
  type Environment,
  localConfigFile,
  type MediaFilter,
  Repository,
  status,
  switchTo,
  writePartialClone,
} from '@dsv/core'
import { addRemote, fetch, listRemotes, type RemoteRepository } from '@dsv/remote'
import { isDsvError } from '@dsv/store'
import { type Command, defineCommand } from '../command.ts'
import { UsageError } from '../failure.ts'
import type { CommandIo } from '../io.ts'
import { addressFrom, optionsOf } from '../remote-address.ts'
import { openEnvironment } from '../open-environment.ts'
import { depthOf, MEDIA_OPTIONS, mediaFilterOf } from '../media-options.ts'
import { beginClone, canClone, endClone } from '../unfinished-clone.ts'
import { absentLines } from '../views/status-lines.ts'
import { transferText } from '../views/transfer-lines.ts'
import { withRemote } from '../with-remote.ts'

/** `dsv clone`: gets a repository from elsewhere. */
export const cloneCommand: Command = defineCommand({
  name: 'clone',
  positionals: '<url> [folder]',
  summary: 'Get a repository from elsewhere, with its whole history or a part of it.',
  details: [
    'A part can be committed to and pushed like the whole. What is missing comes when it is needed.',
    '--media, --subset, --path and --where choose images and other media; all annotations come.',
    'A clone that was killed goes on when it is run again.',
  ].join('\n'),
  examples: [
    ['dsv clone s3://bucket/street', 'Into the new folder street'],
    ['dsv clone /mnt/share/street work -b v2', 'Into folder work, on branch v2'],
    ['dsv clone s3://bucket/street --media none', 'Annotations only'],
    [`dsv clone s3://bucket/street --where 'category = "car"'`, 'With the images of cars'],
    ['dsv clone s3://bucket/street --depth 1', 'Without what was before'],
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
      })
      .options(MEDIA_OPTIONS),
  run: async ({ url, folder, branch, origin, option = [], noCheckout, ...args }, io) => {
    const part = { filter: mediaFilterOf(args), depth: depthOf(args) }
    const root = path.resolve(io.folder, folder ?? folderOf(url))
    const options = optionsOf(option)
    const remote = { name: origin, url: addressFrom(io.folder, url), options }
    if (!canClone(root, remote.url)) throw new UsageError(`${root} is not empty.`)
    await withRemote(remote, { base: io.folder, io }, async (opened) => {
      const isMade = !existsSync(root)
      const isContinued = !isMade && readdirSync(root).length > 0
      mkdirSync(root, { recursive: true })
      try {
        const from = branch ?? mainBranch(opened)
        await fill(root, io, opened, { remote, branch: from, noCheckout, ...part })
      } catch (error) {
        // What an earlier clone brought is worth going on with.
        if (isContinued) throw error
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
  readonly filter: MediaFilter | undefined
  readonly depth: number | undefined
}

async function fill(
  root: string,
  io: CommandIo,
  opened: RemoteRepository,
  { remote, branch, noCheckout, filter, depth }: CloneRequest,
): Promise<void> {
  const environment = openEnvironment({ ...io, folder: root })
  const isPartial = filter !== undefined || depth !== undefined
  beginClone(root, remote.url)
  const repository = await initOrOpen(root, environment, { branch, isPartial })
  try {
    const file = localConfigFile(root)
    if (!listRemotes(file).some(({ name }) => name === remote.name)) addRemote(file, remote)
    if (isPartial) writePartialClone(file, { ...(filter ?? ALL_MEDIA), remote: remote.name })
    const { count, refs } = await fetch(repository, opened, { ...(depth && { depth }) })
    const start = `${remote.name}/${branch}`
    if (refs.length === 0) {
      endClone(root)
      io.out(`Cloned an empty repository into ${root}\n`)
      return
    }
    if (!noCheckout) {
      const isThere = (await repository.state()).refs.has(`refs/heads/${branch}`)
      await switchTo(repository, { target: branch, ...(!isThere && { create: true, start }) })
    }
    endClone(root)
    io.out(`Cloned into ${root}${noCheckout ? '' : `, on branch ${branch}`}\n`)
    io.out(`Got ${transferText(count)}\n`)
    if (!noCheckout && filter !== undefined)
      for (const line of absentLines(await status(repository))) io.out(`${line}\n`)
  } finally {
    await repository.close()
  }
}

/** A clone that was killed may have begun the repository. */
async function initOrOpen(
  root: string,
  environment: Environment,
  options: Parameters<typeof Repository.init>[2],
): Promise<Repository> {
  try {
    return await Repository.init(root, environment, options)
  } catch (error) {
    if (!isDsvError(error, 'DSV_REPOSITORY_EXISTS')) throw error
    return Repository.open(root, environment)
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
