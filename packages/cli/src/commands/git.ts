import fs from 'node:fs'
import path from 'node:path'
import { localConfigFile, type Repository, switchTo } from '@dsv/core'
import {
  encodeGitLink,
  fetch,
  type GitLink,
  gitLinkText,
  linkHead,
  type LinkMerge,
  listRemotes,
  mergeGitLinks,
  openRemote,
  planGitSync,
  readGitLink,
} from '@dsv/remote'
import { objectNotFound } from '@dsv/store'
import { type Command, defineCommand, DONE, FAILED } from '../command.ts'
import { UsageError } from '../failure.ts'
import type { CommandIo } from '../io.ts'
import { shortId } from '../views/quantities.ts'
import { remoteOf, storageOf } from '../with-remote.ts'
import { withRepository } from '../with-repository.ts'

/** `dsv git`: ties versions of a dataset to commits of Git. */
export const gitCommand: Command = defineCommand({
  name: 'git',
  positionals: '<action> [files..]',
  summary: 'Tie versions of a dataset to commits of Git, by a small file that Git tracks.',
  details:
    'The file (data.dsvlink) names the commit that belongs to a commit of Git. merge-driver and textconv are for Git to call.',
  examples: [
    ['dsv git link data', 'Write data.dsvlink; then commit it with Git'],
    ['dsv git sync data.dsvlink', 'Check out the commit that it names'],
    [
      'git config merge.dsvlink.driver "dsv git merge-driver %O %A %B"',
      'With `*.dsvlink merge=dsvlink` in .gitattributes, Git merges links',
    ],
  ],
  describe: (options) =>
    options
      .positional('action', {
        choices: ['link', 'sync', 'merge-driver', 'textconv'] as const,
        demandOption: true,
        describe: 'What to do',
      })
      .positional('files', {
        type: 'string',
        array: true,
        default: [] as string[],
        describe: 'A folder of the repository to link, or link files',
      })
      .option('repository', {
        type: 'string',
        describe: 'Address that a new link names; default: that of the remote',
      }),
  run: async ({ action, files, repository: address }, io) => {
    const [first, second, third] = files.map((file) => path.resolve(io.folder, file))
    if (action === 'link') return link(io, files[0] ?? '', address)
    if (first === undefined) throw new UsageError(`\`dsv git ${action}\` needs a link file.`)
    if (action === 'sync') return sync(io, first)
    if (action === 'textconv') {
      io.out(gitLinkText(readGitLink(first)))
      return DONE
    }
    if (second === undefined || third === undefined) {
      throw new UsageError('`dsv git merge-driver` needs three files: base, ours, theirs.')
    }
    return mergeFiles(io, first, second, third)
  },
})

async function link(io: CommandIo, folder: string, named: string | undefined): Promise<number> {
  return withRepository(io, async (repository) => {
    const inside = path.relative(repository.folder, path.resolve(io.folder, folder))
    const at = inside.split(path.sep).join('/')
    const address = named ?? remoteOf(repository, undefined).url
    const linked = await linkHead(repository, { address, path: at })
    io.out(`${linked.file} names ${shortId(linked.link.commitId)}\n`)
    return DONE
  })
}

async function sync(io: CommandIo, file: string): Promise<number> {
  const wanted = readGitLink(file)
  return withRepository(io, async (repository) => {
    const plan = await planGitSync(repository, wanted)
    if (plan.type === 'up-to-date') {
      io.out(`${shortId(wanted.commitId)} is checked out already.\n`)
      return DONE
    }
    if (plan.type === 'fetch') {
      await fetchFrom(repository, io, wanted)
      if ((await planGitSync(repository, wanted)).type === 'fetch') {
        throw objectNotFound(plan.from, 'commit', plan.commitId)
      }
    }
    await switchTo(repository, { target: wanted.commitId, detach: true })
    io.out(`Checked out ${shortId(wanted.commitId)}\n`)
    return DONE
  })
}

/** From the remote of that address, or, when none has it, from the address that Git brought. */
async function fetchFrom(
  repository: Repository,
  io: CommandIo,
  { repository: address }: GitLink,
): Promise<void> {
  const remotes = listRemotes(localConfigFile(repository.folder))
  const known = remotes.find(({ url }) => url === address)
  const remote = known ?? { name: 'git-link', url: address, options: {} }
  const storage = await storageOf(remote, repository.folder, io, known === undefined)
  const opened = await openRemote(remote.name, storage)
  try {
    await fetch(repository, opened)
  } finally {
    await opened.close()
  }
}

/** Git hands over three files, of which the second takes the result; it may be empty for the base. */
function mergeFiles(io: CommandIo, baseFile: string, oursFile: string, theirsFile: string): number {
  const base = fs.statSync(baseFile).size === 0 ? undefined : readGitLink(baseFile)
  const merged = mergeGitLinks(base, readGitLink(oursFile), readGitLink(theirsFile))
  if (merged.type === 'merged') {
    fs.writeFileSync(oursFile, encodeGitLink(merged.link))
    return DONE
  }
  fs.writeFileSync(oursFile, withMarks(merged))
  const [ours, theirs] = [shortId(merged.ours.commitId), shortId(merged.theirs.commitId)]
  io.note(
    merged.type === 'conflict'
      ? 'Both sides name another repository or path: choose one.\n'
      : `Both sides moved: run \`dsv merge ${theirs}\` at ${ours}, then \`dsv git link\`.\n`,
  )
  return FAILED
}

function withMarks({ ours, theirs }: Exclude<LinkMerge, { readonly type: 'merged' }>): string {
  return `<<<<<<< ours\n${encodeGitLink(ours)}=======\n${encodeGitLink(theirs)}>>>>>>> theirs\n`
}
