import fs from 'node:fs'
import path from 'node:path'
import git, { type TreeEntry } from 'isomorphic-git'

/** What a revision holds by path: bytes, a link, a submodule. */
export type GitFiles = Readonly<
  Record<string, string | Uint8Array | { readonly link: string } | { readonly submodule: string }>
>

const AUTHOR = { name: 'A', email: 'a@example.org', timestamp: 1_700_000_000, timezoneOffset: 0 }

/** Commits files onto `main` of a Git folder, which is made when it is not there; returns the commit. */
export async function writeGit(
  gitdir: string,
  files: GitFiles,
  { branch = 'main', parent = [] as string[] } = {},
): Promise<string> {
  if (!fs.existsSync(path.join(gitdir, 'HEAD'))) {
    await git.init({ fs, gitdir, bare: true, defaultBranch: 'main' })
  }
  const tree = await writeTree(gitdir, new Map(Object.entries(files)))
  const commit = { tree, parent, author: AUTHOR, committer: AUTHOR, message: 'a\n' }
  const oid = await git.writeCommit({ fs, gitdir, commit })
  await git.writeRef({ fs, gitdir, ref: `refs/heads/${branch}`, value: oid, force: true })
  return oid
}

async function writeTree(
  gitdir: string,
  files: ReadonlyMap<string, GitFiles[string]>,
): Promise<string> {
  const folders = new Map<string, Map<string, GitFiles[string]>>()
  const entries: TreeEntry[] = []
  for (const [file, content] of files) {
    const at = file.indexOf('/')
    if (at < 0) {
      entries.push(await entryOf(gitdir, file, content))
      continue
    }
    const name = file.slice(0, at)
    const inside = folders.get(name) ?? new Map<string, GitFiles[string]>()
    folders.set(name, inside.set(file.slice(at + 1), content))
  }
  for (const [name, inside] of folders) {
    const oid = await writeTree(gitdir, inside)
    entries.push({ mode: '040000', path: name, oid, type: 'tree' })
  }
  return git.writeTree({ fs, gitdir, tree: entries })
}

async function entryOf(
  gitdir: string,
  name: string,
  content: GitFiles[string],
): Promise<TreeEntry> {
  if (typeof content === 'object' && 'submodule' in content) {
    return { mode: '160000', path: name, oid: content.submodule, type: 'commit' }
  }
  const isLink = typeof content === 'object' && 'link' in content
  const blob = Buffer.from(isLink ? content.link : content)
  const oid = await git.writeBlob({ fs, gitdir, blob })
  return { mode: isLink ? '120000' : '100644', path: name, oid, type: 'blob' }
}
