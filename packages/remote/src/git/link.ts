import fs from 'node:fs'
import path from 'node:path'
import { checkPath, type Repository } from '@dsv/core'
import { isIdText, type ObjectId, systemErrorCode, toObjectId } from '@dsv/store'
import { gitLinkInvalid } from '../errors.ts'

/** Which version of a dataset belongs to a commit of Git; what a link file says. */
export interface GitLink {
  /** Address of a repository that has the commit: a folder or a URL, without secrets. */
  readonly repository: string
  readonly commitId: ObjectId
  /** Where the dataset lies in the repository. */
  readonly path: string
}

/** Ends the names of link files. */
export const LINK_ENDING = '.dsvlink'

const FIRST_LINE = 'dsvlink: 1'
const MAX_BYTES = 64 * 1024

/** Returns the text of a link file: one line for each field, always in the same order. */
export function encodeGitLink({ repository, commitId, path: at }: GitLink): string {
  return `${FIRST_LINE}\nrepository: ${repository}\ncommit: ${commitId}\npath: ${at}\n`
}

/**
 * Reads the text of a link file; lines may end in `\r\n`.
 *
 * @param file names it in messages
 * @throws `DSV_GIT_LINK_INVALID`, `DSV_PATH_UNSAFE`
 */
export function decodeGitLink(text: string, file: string): GitLink {
  if (text.length > MAX_BYTES) throw gitLinkInvalid(file, 'it is too long')
  if (/^(?:<{7}|={7}|>{7})/m.test(text)) throw gitLinkInvalid(file, 'it has marks of a conflict')
  const [first, ...lines] = text.split(/\r?\n/)
  if (first !== FIRST_LINE) throw gitLinkInvalid(file, `it does not begin with "${FIRST_LINE}"`)
  const fields = new Map<string, string>()
  for (const line of lines.filter((each) => each !== '')) {
    const [, key = '', value = ''] = /^(repository|commit|path): ?(.*)$/.exec(line) ?? []
    if (key === '') throw gitLinkInvalid(file, `${JSON.stringify(line.slice(0, 80))} is no field`)
    if (fields.has(key)) throw gitLinkInvalid(file, `${key} is there twice`)
    fields.set(key, value)
  }
  const repository = fields.get('repository')
  const commitId = fields.get('commit')
  const at = fields.get('path')
  if (repository === undefined || commitId === undefined || at === undefined) {
    throw gitLinkInvalid(file, 'a field is missing')
  }
  if (repository === '' || /\/\/[^/]*@/.test(repository)) {
    throw gitLinkInvalid(file, 'the repository is no address, or names a user')
  }
  if (!isIdText(commitId)) throw gitLinkInvalid(file, 'the commit is no id of 64 digits')
  if (at !== '') checkPath(at)
  return { repository, commitId: toObjectId(commitId), path: at }
}

/** Returns the link file of a dataset: beside its folder. */
export function gitLinkFile(folder: string): string {
  return `${folder}${LINK_ENDING}`
}

/** Reads a link file. @throws `DSV_GIT_LINK_INVALID` */
export function readGitLink(file: string): GitLink {
  try {
    if (fs.statSync(file).size > MAX_BYTES) throw gitLinkInvalid(file, 'it is too long')
    return decodeGitLink(fs.readFileSync(file, 'utf8'), file)
  } catch (error) {
    if (systemErrorCode(error) !== 'ENOENT') throw error
    throw gitLinkInvalid(file, 'there is no such file')
  }
}

/** Writes a link file as a whole, and only when it says something else. Returns whether it did. */
export function writeGitLink(file: string, link: GitLink): boolean {
  const text = encodeGitLink(link)
  decodeGitLink(text, file)
  if (fs.existsSync(file) && fs.readFileSync(file, 'utf8') === text) return false
  const temporary = path.join(path.dirname(file), `.${path.basename(file)}-${process.pid}`)
  fs.writeFileSync(temporary, text)
  fs.renameSync(temporary, file)
  return true
}

/**
 * Links a dataset to the present commit of its repository: for a hook of Git, or `dsv git link`.
 *
 * @throws `DSV_GIT_LINK_INVALID` when there is no commit yet
 */
export async function linkHead(
  repository: Repository,
  { address, path: at }: { readonly address: string; readonly path: string },
): Promise<{ readonly file: string; readonly link: GitLink; readonly isNew: boolean }> {
  const file = gitLinkFile(path.join(repository.folder, at === '' ? 'dataset' : at))
  const commitId = await headCommitOf(repository)
  if (commitId === undefined) throw gitLinkInvalid(file, 'the repository has no commit yet')
  const link = { repository: address, commitId, path: at }
  return { file, link, isNew: writeGitLink(file, link) }
}

/** What `dsv git sync` has to do so that the working tree is at the commit of a link. */
export type GitSync =
  | { readonly type: 'up-to-date' }
  | { readonly type: 'check-out'; readonly commitId: ObjectId }
  | { readonly type: 'fetch'; readonly from: string; readonly commitId: ObjectId }

/** Says what must be done for a link; changes nothing. */
export async function planGitSync(repository: Repository, link: GitLink): Promise<GitSync> {
  const { commitId } = link
  if ((await headCommitOf(repository)) === commitId) return { type: 'up-to-date' }
  if (await repository.store.objects.has(commitId)) return { type: 'check-out', commitId }
  return { type: 'fetch', from: link.repository, commitId }
}

/** What becomes of a link when Git merges two commits. */
export type LinkMerge =
  | { readonly type: 'merged'; readonly link: GitLink }
  /** Both sides moved: these commits must be merged, in `path` of `repository`. */
  | { readonly type: 'merge-commits'; readonly ours: GitLink; readonly theirs: GitLink }
  /** Both sides now name other repositories or paths. */
  | { readonly type: 'conflict'; readonly ours: GitLink; readonly theirs: GitLink }

/** Merges two versions of a link; `base` is undefined where both sides made it. */
export function mergeGitLinks(
  base: GitLink | undefined,
  ours: GitLink,
  theirs: GitLink,
): LinkMerge {
  const repository = pick(base?.repository, ours.repository, theirs.repository)
  const at = pick(base?.path, ours.path, theirs.path)
  if (repository === undefined || at === undefined) return { type: 'conflict', ours, theirs }
  const commitId = pick(base?.commitId, ours.commitId, theirs.commitId)
  if (commitId !== undefined) {
    return { type: 'merged', link: { repository, commitId, path: at } }
  }
  const side = { repository, path: at }
  return {
    type: 'merge-commits',
    ours: { ...side, commitId: ours.commitId },
    theirs: { ...side, commitId: theirs.commitId },
  }
}

/** Returns what `git diff` shows of a link file (textconv): short, and one line for each fact. */
export function gitLinkText({ repository, commitId, path: at }: GitLink): string {
  return `dataset ${at === '' ? '.' : at}\nat ${commitId.slice(0, 12)}\nof ${repository}\n`
}

/** The side that moved, what both say, or undefined when both moved apart. */
function pick<Value>(base: Value | undefined, ours: Value, theirs: Value): Value | undefined {
  if (ours === theirs || base === theirs) return ours
  return base === ours ? theirs : undefined
}

async function headCommitOf({ store }: Repository): Promise<ObjectId | undefined> {
  const { head, refs } = await store.readRoot()
  if (head === undefined) return undefined
  return head.type === 'detached' ? head.commit : refs.get(head.name)
}
