import { FORMAT_VERSION, FRAGMENT_PREFIX, type Head, type ObjectId, PACK_PREFIX } from '@dsv/store'
import { walkCommits } from '../history/walk-commits.ts'
import { decodeTag } from '../record/tag-record.ts'
import type { Repository } from '../repository/repository.ts'
import { repositoryCommits } from '../repository/revisions.ts'
import { type ListedDataset, listDatasets } from './list-datasets.ts'

/** Files of one kind in the store. */
export interface StoredFiles {
  readonly files: number
  readonly sizeBytes: number
}

/** A repository in a few numbers. */
export interface RepositoryInfo {
  /** The root of the working tree. */
  readonly folder: string
  /** The version of the layout on disk. */
  readonly formatVersion: number
  readonly head: Head
  readonly headCommit: ObjectId | undefined
  /** Commits that a branch, tag, remote branch or HEAD leads to. */
  readonly commits: number
  readonly branches: number
  readonly tags: number
  readonly remoteBranches: number
  /** Files in the stage. */
  readonly files: number
  /** Datasets in the stage. */
  readonly datasets: readonly ListedDataset[]
  readonly store: {
    /** Large files, each on its own. */
    readonly blobs: StoredFiles
    readonly packs: StoredFiles
    readonly indexes: StoredFiles
    readonly sizeBytes: number
  }
}

/** Describes a repository: reads all commits, and lists the files of the store. */
export async function info(repository: Repository): Promise<RepositoryInfo> {
  const { refs, head, headCommit, work } = await repository.state()
  const names = [...refs.keys()]
  const count = (prefix: string): number => names.filter((name) => name.startsWith(prefix)).length
  return {
    folder: repository.folder,
    formatVersion: FORMAT_VERSION,
    head,
    headCommit,
    commits: await countCommits(repository, [
      ...refs.values(),
      ...(headCommit === undefined ? [] : [headCommit]),
    ]),
    branches: count('refs/heads/'),
    tags: count('refs/tags/'),
    remoteBranches: count('refs/remotes/'),
    files: work.stage.files.count,
    datasets: await listDatasets(repository),
    store: await measureStore(repository),
  }
}

async function measureStore({ store }: Repository): Promise<RepositoryInfo['store']> {
  const found = { blobs: NOTHING, packs: NOTHING, indexes: NOTHING }
  let total = 0
  for await (const { path, sizeBytes } of store.driver.list('objects/')) {
    const kind = path.startsWith(PACK_PREFIX)
      ? 'packs'
      : path.startsWith(FRAGMENT_PREFIX)
        ? 'indexes'
        : 'blobs'
    const before = found[kind]
    found[kind] = { files: before.files + 1, sizeBytes: before.sizeBytes + sizeBytes }
    total += sizeBytes
  }
  return { ...found, sizeBytes: total }
}

const NOTHING: StoredFiles = { files: 0, sizeBytes: 0 }

async function countCommits(repository: Repository, ids: readonly ObjectId[]): Promise<number> {
  const { objects } = repository.store
  const tips = new Set<ObjectId>()
  for (const id of ids) {
    const kind = (await objects.info(id))?.kind
    if (kind === 'commit') tips.add(id)
    else if (kind === 'tag') tips.add(decodeTag(await objects.getObject('tag', id)).target)
  }
  let commits = 0
  for await (const _ of walkCommits(repositoryCommits(repository), [...tips])) commits += 1
  return commits
}
