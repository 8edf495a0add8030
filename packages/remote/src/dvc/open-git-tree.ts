import fs from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { isDsvError } from '@dsv/store'
import { gitFailed, gitNotFound } from '../errors.ts'
import { fetchRevision } from './fetch-revision.ts'
import type { GitCredentials } from './git-http.ts'
import { gitLocations } from './git-locations.ts'
import { gitObjects } from './git-objects.ts'
import type { GitEntry, GitTree } from './git-tree.ts'
import { resolveRevision } from './resolve-revision.ts'

/** Settings of {@link openGitTree}. */
export interface OpenGitTreeOptions {
  /** Branch, tag, full or abbreviated commit id; by default what HEAD points to. */
  readonly rev?: string | undefined
  /** Folder that relative addresses are relative to. */
  readonly base: string
  /** Folder for what is fetched from URLs; each gets its own bare repository in it. */
  readonly cacheFolder: string
  readonly credentials?: GitCredentials | undefined
}

const MAX_ENTRIES = 5_000_000
const MAX_DEPTH = 200

/**
 * Opens a revision of a Git repository: a folder (working tree or bare), a `file:` URL, or an
 * `https:` URL, from which one revision is fetched without history where the host allows it.
 *
 * @throws `DSV_GIT_NOT_FOUND`, `DSV_GIT_REVISION_NOT_FOUND`, `DSV_GIT_DENIED`, `DSV_GIT_FAILED`
 */
export async function openGitTree(address: string, options: OpenGitTreeOptions): Promise<GitTree> {
  if (isUrl(address) && !/^file:/i.test(address)) return openRemote(address, options)
  const folder = /^file:/i.test(address)
    ? fileURLToPath(address)
    : path.resolve(options.base, address)
  const locations = gitLocations(folder)
  if (locations === undefined) throw gitNotFound(folder)
  const commitId = await resolveRevision(locations, folder, options.rev)
  return treeAt(locations.objects, { commitId, location: folder, localFolder: folder })
}

/** Returns whether an address names a host or a scheme, and not a folder of this machine. */
export function isUrl(address: string): boolean {
  // One letter before a colon is a drive of Windows; `host:path` without slashes is how ssh names it.
  return /^[a-z][a-z0-9+.-]+:\/\//i.test(address) || /^[^/\\@:]+@[^/\\@:]+:/.test(address)
}

/**
 * Returns the https address of a repository that is given as most hosts write it for ssh
 * (`git@host:path`, `ssh://git@host/path`), which they serve under the same path. Other addresses stay.
 */
export function overHttps(address: string): string {
  const [, short, shortPath] = /^git@([\w.-]+):(?!\/)(.+)$/.exec(address) ?? []
  if (short !== undefined) return `https://${short}/${shortPath}`
  const [, host, inside] = /^ssh:\/\/git@([\w.-]+)\/(.+)$/i.exec(address) ?? []
  return host === undefined ? address : `https://${host}/${inside}`
}

async function openRemote(address: string, options: OpenGitTreeOptions): Promise<GitTree> {
  const url = overHttps(address)
  const shown = withoutSecrets(url)
  if (!/^https?:\/\//i.test(url)) {
    throw gitFailed(shown, 'only https:// and folders of this machine can be read')
  }
  if (shown !== url) throw gitFailed(shown, 'the address holds a user or a password')
  const { gitdir, commitId } = await fetchRevision(url, options)
  return treeAt([gitdir], { commitId, location: url, localFolder: undefined })
}

function withoutSecrets(url: string): string {
  return url.replace(/\/\/[^/@]*@/, '//')
}

function treeAt(
  gitdirs: readonly string[],
  about: Pick<GitTree, 'commitId' | 'localFolder' | 'location'>,
): GitTree {
  const objects = gitObjects(fs, gitdirs, about.location)
  async function* walk(oid: string, folder: string, depth: number): AsyncGenerator<GitEntry> {
    if (depth > MAX_DEPTH) throw gitFailed(about.location, `${folder} is nested too deeply`)
    for (const { name, mode, oid: child } of await objects.tree(oid)) {
      const entryPath = folder + name
      if (mode === 'tree') yield* walk(child, `${entryPath}/`, depth + 1)
      else yield { path: entryPath, type: mode, oid: child }
    }
  }
  return {
    ...about,
    async list(folder) {
      const root = await objects.treeOf(about.commitId, folder)
      const entries: GitEntry[] = []
      if (root === undefined) return entries
      for await (const entry of walk(root, folder === '' ? '' : `${folder}/`, 0)) {
        entries.push(entry)
        if (entries.length > MAX_ENTRIES) throw gitFailed(about.location, 'holds too many files')
      }
      return entries
    },
    async read({ path: file, oid }) {
      try {
        return await objects.blob(oid)
      } catch (error) {
        if (isDsvError(error)) throw error
        throw gitFailed(about.location, `${file} is not there`, error)
      }
    },
  }
}
