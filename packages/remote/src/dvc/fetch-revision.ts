import { createHash } from 'node:crypto'
import fs from 'node:fs'
import path from 'node:path'
import { isDsvError } from '@dsv/store'
import { gitDenied, gitFailed, gitNotFound, gitRevisionNotFound } from '../errors.ts'
import { type GitCredentials, gitHttp } from './git-http.ts'
import { describeGitError, gitErrorCode } from './git-objects.ts'
import { FULL_ID, isRevision } from './resolve-revision.ts'

/** Settings of {@link fetchRevision}. */
export interface FetchRevisionOptions {
  readonly rev?: string | undefined
  readonly cacheFolder: string
  readonly credentials?: GitCredentials | undefined
}

/** A bare repository of this machine and a commit in it. */
export interface FetchedRevision {
  readonly gitdir: string
  readonly commitId: string
}

/**
 * Fetches one revision from a URL into a bare repository below `cacheFolder`: only that commit, or, where
 * the host does not give commits by their ids, and for abbreviated ids, all branches and tags.
 *
 * @throws `DSV_GIT_NOT_FOUND`, `DSV_GIT_DENIED`, `DSV_GIT_REVISION_NOT_FOUND`, `DSV_GIT_FAILED`
 */
export async function fetchRevision(
  url: string,
  { rev, cacheFolder, credentials }: FetchRevisionOptions,
): Promise<FetchedRevision> {
  if (rev !== undefined && !isRevision(rev)) throw gitRevisionNotFound(url, rev)
  const git = await import('isomorphic-git')
  const gitdir = path.join(cacheFolder, createHash('sha256').update(url).digest('hex').slice(0, 32))
  fs.mkdirSync(gitdir, { recursive: true, mode: 0o700 })
  const place = { fs, gitdir }
  await git.init({ ...place, bare: true })
  await git.addRemote({ ...place, remote: 'origin', url, force: true })

  // A full id never means anything else, so what is there need not be asked for.
  if (rev !== undefined && FULL_ID.test(rev)) {
    const known = await commitOf(rev)
    if (known !== undefined) return { gitdir, commitId: known }
  }
  const commitId = (await fetchOne()) ?? (await fetchAll())
  if (commitId === undefined) throw gitRevisionNotFound(url, rev ?? 'HEAD')
  return { gitdir, commitId }

  async function fetchOne(): Promise<string | undefined> {
    try {
      const { fetchHead } = await git.fetch({
        ...place,
        http: gitHttp(url, { credentials }),
        url,
        remote: 'origin',
        remoteRef: rev ?? 'HEAD',
        depth: 1,
        singleBranch: true,
        tags: false,
      })
      return fetchHead === null ? undefined : await commitOf(fetchHead)
    } catch (error) {
      throwWhenFinal(error)
      return undefined
    }
  }
  async function fetchAll(): Promise<string | undefined> {
    if (rev === undefined || !/^[0-9a-f]{4,40}$/.test(rev)) return undefined
    try {
      await git.fetch({
        ...place,
        http: gitHttp(url, { credentials }),
        url,
        remote: 'origin',
        tags: true,
      })
    } catch (error) {
      throwWhenFinal(error)
      throw gitFailed(url, describeGitError(error), error)
    }
    const oid = await git.expandOid({ ...place, oid: rev }).catch(() => undefined)
    return oid === undefined ? undefined : commitOf(oid)
  }
  async function commitOf(oid: string): Promise<string | undefined> {
    try {
      return (await git.readCommit({ ...place, oid })).oid
    } catch (error) {
      if (gitErrorCode(error) === 'NotFoundError') return undefined
      if (gitErrorCode(error) === 'ObjectTypeError') throw gitRevisionNotFound(url, oid)
      throw gitFailed(url, describeGitError(error), error)
    }
  }
  /** What another way of asking would not change. */
  function throwWhenFinal(error: unknown): void {
    if (isDsvError(error)) throw error
    const status = statusOf(error)
    if (status === 401 || status === 403) throw gitDenied(url, status)
    if (status === 404) throw gitNotFound(url)
    const isHex = rev !== undefined && /^[0-9a-f]{4,40}$/.test(rev)
    if (gitErrorCode(error) === 'NotFoundError') {
      if (isHex) return
      throw gitRevisionNotFound(url, rev ?? 'HEAD')
    }
    if (!isHex || status !== undefined) throw gitFailed(url, describeGitError(error), error)
  }
}

function statusOf(error: unknown): number | undefined {
  if (gitErrorCode(error) !== 'HttpError') return undefined
  if (typeof error !== 'object' || error === null || !('data' in error)) return undefined
  const { data } = error
  if (typeof data !== 'object' || data === null || !('statusCode' in data)) return undefined
  return typeof data.statusCode === 'number' ? data.statusCode : undefined
}
