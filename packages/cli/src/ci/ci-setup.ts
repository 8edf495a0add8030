import { existsSync, readdirSync } from 'node:fs'
import path from 'node:path'
import { decodeCommit, localConfigFile, type Repository } from '@dsv/core'
import { gitLinkFile, LINK_ENDING, listRemotes, optionsForAll, readGitLink } from '@dsv/remote'
import { UsageError } from '../failure.ts'
import type { CommandIo } from '../io.ts'
import { repositoryPath } from '../repository-path.ts'
import { neededSecrets } from './needed-secrets.ts'

/** What a workflow has to know of this repository. Its texts may come from anybody. */
export interface CiSetup {
  /** Top folder of the working tree of Git. */
  readonly gitFolder: string
  /** Environment variables of each job: all that the scripts take from here. */
  readonly variables: Readonly<Record<string, string>>
  /** How many `DSV_CI_OPTION_…` there are. */
  readonly options: number
  /** What the user has to give the host of the workflow. */
  readonly secrets: readonly string[]
  /** Whether the data lie in a folder, which only a machine of the user's own can see. */
  readonly isFolder: boolean
}

/**
 * Finds out what a workflow has to know.
 *
 * @param named - The link file as typed; found when there is one
 * @throws `UsageError`, `DSV_GIT_LINK_INVALID`, `DSV_PATH_OUTSIDE`
 */
export async function ciSetup(
  repository: Repository,
  io: CommandIo,
  named: string | undefined,
): Promise<CiSetup> {
  const { folder } = repository
  const gitFolder = gitFolderAbove(folder)
  const file =
    named === undefined ? await onlyLink(repository) : repositoryPath(repository, io, named)
  const link = readGitLink(path.join(folder, file))
  if (link.repository.startsWith('-'))
    throw new UsageError(`${file} names ${JSON.stringify(link.repository)}, which is no address.`)
  const remote = listRemotes(localConfigFile(folder)).find(({ url }) => url === link.repository)
  const options = Object.entries(optionsForAll(remote?.options ?? {}))
  const { secrets, variables, isFolder } = neededSecrets(link.repository, remote?.options ?? {})
  return {
    gitFolder,
    variables: {
      DSV_CI_FOLDER: path.relative(gitFolder, folder).split(path.sep).join('/') || '.',
      DSV_CI_LINK: file,
      DSV_CI_PATH: link.path === '' ? '.' : link.path,
      DSV_CI_REMOTE: link.repository,
      ...Object.fromEntries(
        options.map(([name, value], at) => [`DSV_CI_OPTION_${at + 1}`, `${name}=${value}`]),
      ),
      ...variables,
    },
    options: options.length,
    secrets,
    isFolder,
  }
}

function gitFolderAbove(folder: string): string {
  for (let at = path.resolve(folder); ; at = path.dirname(at)) {
    if (existsSync(path.join(at, '.git'))) return at
    if (path.dirname(at) === at)
      throw new UsageError(
        'The workflow belongs into a repository of Git, and there is none here: run `git init`.',
      )
  }
}

async function onlyLink(repository: Repository): Promise<string> {
  const found = await linksOf(repository)
  const [first, second] = found
  if (first === undefined)
    throw new UsageError(
      'There is no link between Git and dsv: write one with `dsv git link <folder>`, or name it with --link.',
    )
  if (second !== undefined)
    throw new UsageError(`There are several links (${found.join(', ')}): name one with --link.`)
  return first
}

/** The links at the top, and those beside datasets of the last commit. */
async function linksOf({ folder, store }: Repository): Promise<readonly string[]> {
  const { head, refs } = await store.readRoot()
  const commitId = head?.type === 'branch' ? refs.get(head.name) : head?.commit
  const datasets =
    commitId === undefined
      ? []
      : [...decodeCommit(await store.objects.getObject('commit', commitId)).datasets.keys()]
  const beside = datasets
    .filter((at) => at !== '')
    .map(gitLinkFile)
    .filter((file) => existsSync(path.join(folder, file)))
  const top = readdirSync(folder).filter((name) => name.endsWith(LINK_ENDING))
  return [...new Set([...top, ...beside])].toSorted()
}
