import fs from 'node:fs'
import path from 'node:path'
import { type Repository } from '@dsv/core'
import {
  encodeGitLink,
  fetch,
  type FollowedLink,
  followGitLink,
  type GitLink,
  gitLinkFile,
  gitLinkText,
  linkHead,
  mergeGitLinks,
  mergeLinkedCommits,
  planGitSync,
  readGitLink,
} from '@dsv/remote'
import { isDsvError, objectNotFound, type ObjectId } from '@dsv/store'
import { type Command, defineCommand, DONE, FAILED } from '../command.ts'
import { reportFailure, UsageError } from '../failure.ts'
import type { CommandIo } from '../io.ts'
import { repositoryPath } from '../repository-path.ts'
import { linkContent } from '../views/link-content.ts'
import { countOf, shortId } from '../views/quantities.ts'
import { openRecorded, remoteOf } from '../with-remote.ts'
import { withRepository } from '../with-repository.ts'

/** `dsv git`: ties versions of a dataset to commits of Git. */
export const gitCommand: Command = defineCommand({
  name: 'git',
  positionals: '<action> [files..]',
  summary: 'Tie versions of a dataset to commits of Git, by a small file that Git tracks.',
  details: [
    'The file (data.dsvlink) names the commit that belongs to a commit of Git. `sync` moves the branch forward',
    'where that is all there is to do, else it leaves the branch; it loses no commit and no edit. textconv and',
    'merge-driver are for Git to call: the one shows items and annotations in `git diff`, the other merges',
    'the commits of both sides, as `dsv merge` does.',
  ].join('\n'),
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
    const [first, second, third, place] = files.map((file) => path.resolve(io.folder, file))
    if (action === 'link') return link(io, files[0] ?? '', address)
    if (first === undefined) throw new UsageError(`\`dsv git ${action}\` needs a link file.`)
    if (action === 'sync') return sync(io, first)
    if (action === 'textconv') return textconv(io, first)
    if (second === undefined || third === undefined) {
      throw new UsageError('`dsv git merge-driver` needs three files: base, ours, theirs.')
    }
    // Git runs it at the top of its working tree; the link may lie further down, with its repository.
    const below = place === undefined ? io : { ...io, folder: path.dirname(place) }
    return mergeFiles(below, { base: first, ours: second, theirs: third, place })
  },
})

async function link(io: CommandIo, folder: string, named: string | undefined): Promise<number> {
  return withRepository(io, async (repository) => {
    const at = repositoryPath(repository, io, folder)
    const address = named ?? addressIn(repository, at) ?? remoteOf(repository, undefined).url
    const linked = await linkHead(repository, { address, path: at })
    io.out(`${linked.file} names ${shortId(linked.link.commitId)}\n`)
    return DONE
  })
}

/** The address of a link that is there stays. */
function addressIn({ folder }: Repository, at: string): string | undefined {
  try {
    return readGitLink(gitLinkFile(path.join(folder, at === '' ? 'dataset' : at))).repository
  } catch (error) {
    if (isDsvError(error, 'DSV_GIT_LINK_INVALID')) return undefined
    throw error
  }
}

async function sync(io: CommandIo, file: string): Promise<number> {
  const wanted = readGitLink(file)
  return withRepository(io, async (repository) => {
    await bring(repository, io, wanted)
    const followed = await followGitLink(repository, wanted.commitId)
    io.out(`${followedText(followed, shortId(wanted.commitId))}\n`)
    return DONE
  })
}

function followedText(followed: FollowedLink, at: string): string {
  switch (followed.type) {
    case 'up-to-date':
      return `${at} is checked out already.`
    case 'fast-forward':
      return `Moved ${followed.branch} forward to ${at}`
    case 'branch':
      return `Checked out ${at}, on ${followed.branch}`
    case 'detached':
      return followed.left === undefined
        ? `Checked out ${at}, on no branch`
        : `Checked out ${at}, on no branch; ${followed.left} stays where it is`
  }
}

/**
 * Fetches the commit of a link when it is not here: from the remote of that address, or, when none has it,
 * from the address that Git brought.
 */
async function bring(repository: Repository, io: CommandIo, wanted: GitLink): Promise<void> {
  if ((await planGitSync(repository, wanted)).type !== 'fetch') return
  const { repository: url, commitId } = wanted
  const opened = await openRecorded(repository, { name: 'git-link', url, options: {} }, io)
  try {
    await fetch(repository, opened)
  } finally {
    await opened.close()
  }
  if ((await planGitSync(repository, wanted)).type === 'fetch')
    throw objectNotFound(url, 'commit', commitId)
}

/** Whatever it is given, it prints something: when it fails, so does `git diff`. */
async function textconv(io: CommandIo, file: string): Promise<number> {
  let named: GitLink
  try {
    named = readGitLink(file)
  } catch (error) {
    if (!isDsvError(error)) throw error
    io.out(fs.readFileSync(file, 'utf8'))
    return DONE
  }
  io.out(gitLinkText(named))
  try {
    await withRepository(io, async (repository) => {
      for await (const line of linkContent(repository, named)) io.out(`${line}\n`)
    })
  } catch (error) {
    if (!isDsvError(error)) throw error
    io.out('(what it holds is not here: `dsv git sync` fetches it)\n')
  }
  return DONE
}

interface MergedFiles {
  /** Empty where both sides made the link. */
  readonly base: string
  /** Takes the result. */
  readonly ours: string
  readonly theirs: string
  /** Where the link lies in the working tree of Git. */
  readonly place: string | undefined
}

async function mergeFiles(io: CommandIo, files: MergedFiles): Promise<number> {
  const base = fs.statSync(files.base).size === 0 ? undefined : readGitLink(files.base)
  const [ours, theirs] = [readGitLink(files.ours), readGitLink(files.theirs)]
  const merged = mergeGitLinks(base, ours, theirs)
  if (merged.type === 'merged') {
    fs.writeFileSync(files.ours, encodeGitLink(merged.link))
    return DONE
  }
  if (merged.type === 'conflict') {
    io.note('Both sides of the link name another repository or path: choose one.\n')
    fs.writeFileSync(files.ours, withMarks(ours, theirs))
    return FAILED
  }
  try {
    const commitId = await mergeCommits(io, merged.ours, merged.theirs)
    if (commitId !== undefined) {
      fs.writeFileSync(files.ours, encodeGitLink({ ...merged.ours, commitId }))
      return DONE
    }
  } catch (error) {
    if (io.signal.aborted || !isDsvError(error)) throw error
    reportFailure(error, io)
    io.note('The commits of both sides were not merged.\n')
  }
  const name = path.basename(files.place ?? 'the link', '.dsvlink')
  io.note(`When \`dsv merge\` is done: \`dsv git link ${name}\`, then \`git add\` the link.\n`)
  fs.writeFileSync(files.ours, withMarks(merged.ours, merged.theirs))
  return FAILED
}

/** Returns the commit in which both sides are joined, or undefined when there are conflicts. */
async function mergeCommits(
  io: CommandIo,
  ours: GitLink,
  theirs: GitLink,
): Promise<ObjectId | undefined> {
  return withRepository(io, async (repository) => {
    for (const side of [ours, theirs]) await bring(repository, io, side)
    const merged = await mergeLinkedCommits(repository, ours.commitId, theirs.commitId)
    if (merged.type === 'conflicts') {
      const count = countOf(merged.conflicts, 'conflict')
      io.note(
        `The dataset has ${count}: see \`dsv status\`, settle with \`dsv resolve\`, commit.\n`,
      )
      return undefined
    }
    const { head } = await repository.state()
    if (merged.isNew && head.type === 'detached')
      io.note('HEAD is on no branch: keep the merge with `dsv branch <name>`.\n')
    if (merged.isNew)
      io.note(
        `Merged the dataset as ${shortId(merged.commitId)}: \`dsv push\` it before \`git push\`.\n`,
      )
    return merged.commitId
  })
}

/** Marks the lines that differ, as Git does. */
function withMarks(ours: GitLink, theirs: GitLink): string {
  const lines = encodeGitLink(theirs).split('\n')
  return encodeGitLink(ours)
    .split('\n')
    .map((line, at) =>
      line === lines[at]
        ? line
        : `<<<<<<< ours\n${line}\n=======\n${lines[at] ?? ''}\n>>>>>>> theirs`,
    )
    .join('\n')
}
