import fs from 'node:fs'
import { gitFailed, gitRevisionNotFound } from '../errors.ts'
import type { GitLocations } from './git-locations.ts'
import { describeGitError, gitErrorCode } from './git-objects.ts'

/**
 * Returns the id of the commit that a revision names in a repository of this machine; without one, that
 * of HEAD. Names are tried as Git does, and at last among the branches of `origin`, as DVC does.
 *
 * @throws `DSV_GIT_REVISION_NOT_FOUND`, `DSV_GIT_FAILED`
 */
export async function resolveRevision(
  locations: GitLocations,
  location: string,
  rev: string | undefined,
): Promise<string> {
  const git = await import('isomorphic-git')
  if (rev === undefined || rev === 'HEAD') {
    const head = fs.readFileSync(`${locations.head}/HEAD`, 'utf8').trim()
    const [, name] = /^ref: (.+)$/.exec(head) ?? []
    const tip = name === undefined ? head : await refNamed(name)
    if (tip === undefined) throw gitRevisionNotFound(location, 'HEAD')
    return commitOf(tip, 'HEAD')
  }
  if (!isRevision(rev)) throw gitRevisionNotFound(location, rev)
  if (FULL_ID.test(rev)) return commitOf(rev, rev)
  const found = (await refNamed(rev)) ?? (await refNamed(`origin/${rev}`)) ?? (await fullId(rev))
  if (found === undefined) throw gitRevisionNotFound(location, rev)
  return commitOf(found, rev)

  async function refNamed(ref: string): Promise<string | undefined> {
    if (!isRevision(ref)) return undefined
    return git.resolveRef({ fs, gitdir: locations.refs, ref }).catch(unlessNotFound)
  }
  async function fullId(digits: string): Promise<string | undefined> {
    if (!/^[0-9a-f]{4,39}$/.test(digits)) return undefined
    for (const gitdir of locations.objects) {
      const oid = await git.expandOid({ fs, gitdir, oid: digits }).catch(unlessNotFound)
      if (oid !== undefined) return oid
    }
    return undefined
  }
  async function commitOf(oid: string, name: string): Promise<string> {
    for (const gitdir of locations.objects) {
      const read = await git.readCommit({ fs, gitdir, oid }).catch(unlessNotFound)
      if (read !== undefined) return read.oid
    }
    throw gitRevisionNotFound(location, name)
  }
  function unlessNotFound(error: unknown): undefined {
    const code = gitErrorCode(error)
    if (code !== undefined && ABSENT.has(code)) return undefined
    throw gitFailed(location, describeGitError(error), error)
  }
}

/** `AmbiguousError`: several objects begin so. `ObjectTypeError`: it is no commit. */
const ABSENT = new Set(['NotFoundError', 'AmbiguousError', 'ObjectTypeError', 'InvalidOidError'])

/** 40 hexadecimal digits. */
export const FULL_ID: RegExp = /^[0-9a-f]{40}$/

/**
 * Returns whether text can name a revision. Names are also paths in the Git folder, so none may leave it.
 */
export function isRevision(text: string): boolean {
  if (text === '' || text.length > 255 || text.endsWith('.lock')) return false
  // oxlint-disable-next-line no-control-regex -- these are the characters it looks for
  if (/[\u0000-\u0020\u007f~^:?*[\\]|\.\.|@\{|\/\//.test(text)) return false
  return !/^[-/.]|[/.]$|\/\./.test(text)
}
