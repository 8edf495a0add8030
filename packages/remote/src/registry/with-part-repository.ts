import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { encodeCommit, type Environment, Repository, withPart, signature } from '@dsv/core'
import { EMPTY_TREE, folderDriver, Store } from '@dsv/store'
import type { CopiedPart, ImportSource, PartRequest } from './import-source.ts'

/**
 * Copies a folder of a registry to a repository that exists only while `work` runs, so that it can be looked
 * at and written in any format. The folder has the same path there; its commit is `HEAD`.
 *
 * @throws what the source and `work` throw
 */
export async function withPartRepository<Result>(
  source: ImportSource,
  request: Omit<PartRequest, 'like'>,
  environment: Environment,
  work: (repository: Repository, copied: CopiedPart) => Promise<Result>,
): Promise<Result> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'dsv-part-'))
  try {
    const head = { type: 'branch', name: 'refs/heads/main' } as const
    const store = await Store.create(folderDriver(folder), { head })
    try {
      const repository = Repository.over(store, folder, environment)
      const copied = await commitPart(repository, source, request)
      return await work(repository, copied)
    } finally {
      await store.close()
    }
  } finally {
    fs.rmSync(folder, { recursive: true, force: true })
  }
}

async function commitPart(
  repository: Repository,
  source: ImportSource,
  request: Omit<PartRequest, 'like'>,
): Promise<CopiedPart> {
  const nothing = { files: EMPTY_TREE, datasets: new Map() }
  return repository.write('copy', async ({ session, publish }) => {
    const copied = await source.copyPart(repository, session, { ...request, like: nothing })
    const snapshot = await withPart(session, nothing, request.path, copied)
    const { now, user } = repository.environment
    const author = signature(user, now())
    const commit = {
      ...snapshot,
      parents: [],
      author,
      committer: author,
      message: 'copy',
      extra: {},
    }
    const id = await session.putObject('commit', encodeCommit(commit))
    await publish({ refs: new Map([['refs/heads/main', id]]) })
    return copied
  })
}
