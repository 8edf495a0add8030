import path from 'node:path'
import { checkPath } from '@dsv/core'
import { isDsvError, type StorageDriver } from '@dsv/store'
import {
  dvcMetadataInvalid,
  dvcNotSupported,
  dvcObjectCorrupt,
  dvcOutputNotStored,
  dvcPathNotFound,
} from '../errors.ts'
import { checkEntries, dirMd5, MAX_DIR_BYTES, readDirObject } from './dir-object.ts'
import { md5Check } from './dvc-md5.ts'
import type { DvcEntry, DvcImport, DvcOut, DvcRecipe, SkippedOut } from './dvc-out.ts'
import type { DvcFile, DvcRegistry, ResolveOptions } from './dvc-registry.ts'
import type { GitEntry, GitTree } from './git-tree.ts'
import type { OutIndex } from './out-index.ts'
import { type DvcObject, objectPaths, readDvcObject } from './read-dvc-object.ts'

/** What finding files takes. */
export interface ResolveContext {
  readonly tree: GitTree
  /** All files of the revision. */
  readonly entries: readonly GitEntry[]
  readonly outs: OutIndex
  readonly skipped: readonly SkippedOut[]
  readonly storagesOf: (out: DvcOut) => Promise<readonly StorageDriver[]>
  readonly openImport: (source: DvcImport, out: DvcOut) => Promise<DvcRegistry>
}

/**
 * Finds the files of a path, as {@link DvcRegistry.resolve} says.
 *
 * @yields each file once
 */
export async function* resolvePath(
  asked: string,
  context: ResolveContext,
  options: ResolveOptions,
): AsyncGenerator<DvcFile> {
  const wanted = asked.replace(/^(?:\.\/)+|\/+$/g, '').replace(/^\.$/, '')
  if (wanted !== '') checkPath(wanted)
  const taken = new Set<string>()
  for await (const file of find(wanted, context, options)) {
    // Git, outputs and imports may each be right alone and clash together.
    if (taken.has(file.path)) {
      throw dvcMetadataInvalid(context.tree.location, `has ${JSON.stringify(file.path)} twice`)
    }
    taken.add(file.path)
    yield file
  }
}

async function* find(
  wanted: string,
  context: ResolveContext,
  options: ResolveOptions,
): AsyncGenerator<DvcFile> {
  const { outs, skipped, tree } = context
  const above = outs.above(wanted)
  if (above !== undefined) {
    const inside = wanted.slice(above.path.length + 1)
    yield* filesOfOut(above, inside, context, options)
    return
  }
  const prefix = wanted === '' ? '' : `${wanted}/`
  const outsBelow = outs.below(prefix)
  const gitFile = gitEntryAt(wanted, context)
  if (gitFile !== undefined) {
    if (gitFile.type === 'symlink' || gitFile.type === 'submodule') {
      throw dvcNotSupported(`${tree.location}: ${wanted}`, `is a ${gitFile.type} of Git`)
    }
    yield { ...fromGit(gitFile, path.posix.basename(wanted), tree), isWhole: true }
    return
  }
  let found = false
  for (const entry of context.entries) {
    if (!entry.path.startsWith(prefix) || isMetadata(entry.path)) continue
    // What Git has of an output is read with that output.
    if (outs.above(entry.path) !== undefined) continue
    found = true
    if (entry.type === 'symlink' || entry.type === 'submodule') {
      options.onLeftOut?.({ path: entry.path, reason: entry.type })
      continue
    }
    const at = entry.path.slice(prefix.length)
    checkPath(at)
    yield fromGit(entry, at, tree)
  }
  for (const out of outsBelow) {
    const at = out.path.slice(prefix.length)
    checkPath(at)
    if (options.onLeftOut !== undefined && isNowhere(out, context)) {
      options.onLeftOut({ path: out.path, reason: 'not-stored' })
      continue
    }
    for await (const file of filesOfOut(out, '', context, options)) {
      yield { ...file, path: file.isWhole ? at : `${at}/${file.path}`, isWhole: false }
    }
  }
  if (found || outsBelow.length > 0) return
  const outside = skipped.find(({ path: written }) => written === wanted)
  if (outside !== undefined) {
    throw dvcNotSupported(`${tree.location}: ${wanted}`, outside.problem)
  }
  throw dvcPathNotFound(tree.location, wanted)
}

function gitEntryAt(wanted: string, { entries }: ResolveContext): GitEntry | undefined {
  return entries.find((entry) => entry.path === wanted)
}

/** As `dvc get`: the metadata of DVC itself is not part of a dataset. */
function isMetadata(file: string): boolean {
  const parts = file.split('/')
  const name = parts.at(-1) ?? ''
  if (parts.slice(0, -1).includes('.dvc')) return true
  return name.endsWith('.dvc') || name === 'dvc.yaml' || name === '.dvcignore'
}

function isNowhere(out: DvcOut, context: ResolveContext): boolean {
  if (out.imported !== undefined || gitEntriesOf(out, context).length > 0) return false
  return !out.isCached || (out.md5 === undefined && out.files === undefined)
}

function gitEntriesOf(out: DvcOut, { entries }: ResolveContext): readonly GitEntry[] {
  return entries.filter(({ path: at }) => at === out.path || at.startsWith(`${out.path}/`))
}

/** Yields the files of one output, or of the path `inside` it. */
async function* filesOfOut(
  out: DvcOut,
  inside: string,
  context: ResolveContext,
  options: ResolveOptions,
): AsyncGenerator<DvcFile> {
  const { tree } = context
  const missing = (): Error => dvcPathNotFound(tree.location, path.posix.join(out.path, inside))
  if (!out.isCached) {
    yield* filesFromGit(out, inside, context, options)
    return
  }
  if (out.imported !== undefined) {
    const registry = await sourceOf(out, out.imported, context)
    if (registry !== undefined) {
      yield* filesOfImport(out, out.imported, registry, inside, options)
      return
    }
  }
  if (out.md5 === undefined && out.files === undefined) {
    throw dvcOutputNotStored(out.path, 'has no hash: it was never made or fetched', recipeOf(out))
  }
  const storages = await context.storagesOf(out)
  if (!out.isFolder) {
    if (inside !== '') throw missing()
    yield { ...fromStorage(out, undefined, path.posix.basename(out.path), storages), isWhole: true }
    return
  }
  const entries = await entriesOf(out, storages)
  const prefix = inside === '' ? '' : `${inside}/`
  let found = inside === ''
  for (const entry of entries) {
    const isAsked = entry.path === inside
    if (!isAsked && !entry.path.startsWith(prefix)) continue
    found = true
    const at = isAsked ? path.posix.basename(entry.path) : entry.path.slice(prefix.length)
    yield { ...fromStorage(out, entry, at, storages), isWhole: isAsked }
  }
  if (!found) throw missing()
}

/** Returns the files of a directory: the `.dir` object's, or those of the metadata. */
async function entriesOf(
  out: DvcOut,
  storages: readonly StorageDriver[],
): Promise<readonly DvcEntry[]> {
  if (out.files !== undefined) return checkEntries(out.files, out.definedIn)
  const { hash, md5 = '', path: name } = out
  const pieces: Uint8Array[] = []
  let sizeBytes = 0
  for await (const piece of readDvcObject({ hash, md5, isFolder: true, name }, storages)) {
    sizeBytes += piece.length
    if (sizeBytes > MAX_DIR_BYTES) throw dvcMetadataInvalid(`${md5}.dir`, 'is too large')
    pieces.push(piece)
  }
  return readDirObject(Buffer.concat(pieces), `${md5}.dir of ${name}`)
}

function fromStorage(
  out: DvcOut,
  entry: DvcEntry | undefined,
  at: string,
  storages: readonly StorageDriver[],
): DvcFile {
  const name = entry === undefined ? out.path : `${out.path}/${entry.path}`
  const md5 = entry?.md5 ?? out.md5 ?? ''
  const plainPath = out.isCloudVersioned ? name : undefined
  const object: DvcObject = { hash: out.hash, md5, isFolder: false, name, plainPath }
  return {
    path: at,
    sizeBytes: entry === undefined ? out.sizeBytes : entry.sizeBytes,
    md5,
    hash: out.hash,
    isWhole: false,
    isExecutable: entry === undefined && out.isExecutable,
    open: () => readDvcObject(object, storages),
  }
}

function fromGit(entry: GitEntry, at: string, tree: GitTree): DvcFile {
  return {
    path: at,
    isWhole: false,
    isExecutable: entry.type === 'executable',
    async *open() {
      yield await tree.read(entry)
    },
  }
}

/** What DVC does not store may still be in Git: small metrics mostly are. */
async function* filesFromGit(
  out: DvcOut,
  inside: string,
  context: ResolveContext,
  options: ResolveOptions,
): AsyncGenerator<DvcFile> {
  const { tree } = context
  const entries = gitEntriesOf(out, context)
  if (entries.length === 0) {
    throw dvcOutputNotStored(out.path, 'is stored neither by DVC nor by Git', recipeOf(out))
  }
  const wanted = path.posix.join(out.path, inside)
  let found = false
  for (const entry of entries) {
    if (entry.path !== wanted && !entry.path.startsWith(`${wanted}/`)) continue
    found = true
    if (entry.type === 'symlink' || entry.type === 'submodule') {
      options.onLeftOut?.({ path: entry.path, reason: entry.type })
      continue
    }
    const isAsked = entry.path === wanted
    const at = isAsked ? path.posix.basename(wanted) : entry.path.slice(wanted.length + 1)
    checkPath(at)
    yield { ...fromGit(entry, at, tree), isWhole: isAsked }
  }
  if (!found) throw dvcPathNotFound(tree.location, wanted)
}

/**
 * Opens where an import comes from: no remote of the importing registry has it. Returns undefined when it
 * cannot be reached and what was imported lies in the cache on this machine.
 */
async function sourceOf(
  out: DvcOut,
  source: DvcImport,
  context: ResolveContext,
): Promise<DvcRegistry | undefined> {
  try {
    return await context.openImport(source, out)
  } catch (error) {
    if (!UNREACHABLE.some((code) => isDsvError(error, code)) || out.md5 === undefined) throw error
    for (const storage of await context.storagesOf(out)) {
      for (const place of objectPaths({ hash: out.hash, md5: out.md5, isFolder: out.isFolder })) {
        if (storage.localFolder !== undefined && (await storage.sizeOf(place)) !== undefined) {
          return undefined
        }
      }
    }
    throw error
  }
}

const UNREACHABLE = ['DSV_GIT_DENIED', 'DSV_GIT_FAILED', 'DSV_GIT_NOT_FOUND', 'DSV_REMOTE_STALLED']

async function* filesOfImport(
  out: DvcOut,
  source: DvcImport,
  registry: DvcRegistry,
  inside: string,
  options: ResolveOptions,
): AsyncGenerator<DvcFile> {
  const from = path.posix.join(source.path, inside)
  if (inside !== '' || out.md5 === undefined) {
    const name = path.posix.basename(path.posix.join(out.path, inside))
    for await (const file of registry.resolve(from, options)) {
      yield file.isWhole ? { ...file, path: name } : file
    }
    return
  }
  const expected = { hash: out.hash, md5: out.md5 }
  if (!out.isFolder) {
    for await (const file of registry.resolve(from, options)) {
      yield { ...checked(file, expected, out, registry), path: path.posix.basename(out.path) }
    }
    return
  }
  const files: DvcFile[] = []
  for await (const file of registry.resolve(from, options)) files.push(file)
  await checkFolder(files, out, registry)
  yield* files
}

/** A commit is fixed, so what it gives must be what was imported. */
async function checkFolder(
  files: readonly DvcFile[],
  out: DvcOut,
  registry: DvcRegistry,
): Promise<void> {
  const entries: DvcEntry[] = []
  for (const file of files) {
    // A folder that mixes releases of DVC, or a release before 3.0 with Git files, has no one hash.
    if ((file.hash ?? 'md5') !== out.hash) return
    entries.push({ path: file.path, md5: file.md5 ?? (await md5Of(file)) })
  }
  const actual = dirMd5(entries)
  if (actual === out.md5) return
  const problem = `its files have the md5 ${actual}.dir, not ${out.md5}.dir`
  throw dvcObjectCorrupt(out.path, problem, registry.location)
}

async function md5Of(file: DvcFile): Promise<string> {
  const check = md5Check('md5', '')
  for await (const piece of file.open()) check.update(piece)
  return check.mismatch() ?? ''
}

function checked(
  file: DvcFile,
  expected: Required<Pick<DvcObject, 'hash' | 'md5'>>,
  out: DvcOut,
  registry: DvcRegistry,
): DvcFile {
  if (file.md5 === expected.md5 && file.hash === expected.hash) return file
  const corrupt = (actual: string): Error =>
    dvcObjectCorrupt(out.path, `its md5 is ${actual}, not ${expected.md5}`, registry.location)
  if (file.md5 !== undefined && file.hash === expected.hash) throw corrupt(file.md5)
  return {
    ...file,
    ...expected,
    async *open() {
      const check = md5Check(expected.hash, expected.md5)
      for await (const piece of file.open()) {
        check.update(piece)
        yield piece
      }
      const actual = check.mismatch()
      if (actual !== undefined) throw corrupt(actual)
    },
  }
}

function recipeOf(
  out: DvcOut,
): (DvcRecipe & { readonly recordedMd5?: string | undefined }) | undefined {
  if (out.recipe === undefined) return undefined
  const suffix = out.isFolder ? '.dir' : ''
  return { ...out.recipe, recordedMd5: out.md5 && `${out.md5}${suffix}` }
}
