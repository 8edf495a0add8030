import { createHash } from 'node:crypto'
import fs from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import {
  checkStoragePath,
  checkStoragePrefix,
  isDsvError,
  memoryDriver,
  type StorageDriver,
  type StorageEntry,
  type StoragePath,
  storageConflict,
  storageFailed,
  storageFull,
  storageNotFound,
  storagePathInvalid,
  systemErrorCode,
} from '@dsv/store'
import { checkOptions } from '../driver/shared/check-options.ts'
import { gitBudgetExceeded, gitFailed, remoteOptionInvalid } from '../errors.ts'
import { gitFileHost } from './git-file-host.ts'
import type { GitHost } from './git-host.ts'
import { gitHttpHost } from './git-http-host.ts'
import { holdsMedia } from './media-in-git.ts'
import { parseGitAddress } from './parse-git-address.ts'
import { contentName, isFull, partCache } from './part-cache.ts'
import {
  type FileParts,
  PARTS_ENDING,
  readStorageTree,
  type StorageTree,
  writeStorageTree,
} from './storage-tree.ts'

/** Settings of {@link gitDriver}. */
export interface GitDriverOptions {
  /** `ref`, `media`, `media-…` for the storage that `media` names, `media-budget`, `allow-insecure`. */
  readonly options: Readonly<Record<string, string>>
  readonly env: Readonly<Record<string, string | undefined>>
  /** Each repository gets a folder in it; a temporary folder by default. */
  readonly cacheFolder?: string | undefined
  readonly openMedia: (
    address: string,
    options: Readonly<Record<string, string>>,
  ) => Promise<StorageDriver>
  /** Larger files are kept in parts; 45 MB by default. */
  readonly partBytes?: number
}

/** A storage in Git, which counts. */
export interface GitDriver extends StorageDriver {
  /** Requests to the Git host so far. */
  readonly requests: number
}

const DEFAULT_REF = 'refs/dsv/data'
const DEFAULT_BUDGET_BYTES = 100_000_000
const TRIES = 8
const AUTHOR_NAME = { name: 'dsv', email: 'dsv@localhost' }
const NOTHING: StorageTree = { commitId: '', modifiedMs: 0, files: new Map(), trees: new Set() }

/**
 * Returns the storage in a ref of a Git repository. What is written is collected here until
 * `replaceIf`, which makes it one commit and one push; Git's check of the old commit is the
 * compare-and-swap.
 *
 * @throws `DSV_REMOTE_URL_INVALID`, `DSV_REMOTE_OPTION_INVALID`, `DSV_GIT_NOT_FOUND`, `DSV_GIT_FAILED`
 */
export async function gitDriver(address: string, settings: GitDriverOptions): Promise<GitDriver> {
  const { options, env, openMedia, partBytes = 45_000_000 } = settings
  const own = Object.entries(options).filter(([name]) => !isOptionOfMedia(name))
  const known = ['ref', 'media', 'media-budget', 'media-…', 'allow-insecure']
  checkOptions(address, Object.fromEntries(own), known)
  const place = parseGitAddress(address, options['allow-insecure'] === 'true')
  const { location } = place
  const ref = refOf(location, options['ref'] ?? DEFAULT_REF)
  const budgetBytes = budgetOf(location, options['media-budget'])

  const isOwnFolder = settings.cacheFolder === undefined
  const top = settings.cacheFolder ?? fs.mkdtempSync(path.join(tmpdir(), 'dsv-git-'))
  const folder = path.join(top, createHash('sha256').update(`${location} ${ref}`).digest('hex'))
  fs.mkdirSync(folder, { recursive: true, mode: 0o700 })
  const token = env['DSV_GIT_TOKEN']
  const host: GitHost =
    place.type === 'folder'
      ? gitFileHost(place.folder, ref)
      : await gitHttpHost(place.url, {
          ref,
          gitdir: path.join(folder, 'git'),
          credentials:
            token === undefined || token === ''
              ? undefined
              : { host: place.host, username: env['DSV_GIT_USERNAME'] ?? 'x-access-token', token },
        })
  const cache = partCache(path.join(folder, 'files'), host.objects)
  const media =
    options['media'] === undefined
      ? undefined
      : await openMedia(options['media'], optionsOfMedia(options))
  /**
   * A push carries all that it needs, and any other push since makes it fail: nobody else need know of
   * a writer. With media elsewhere its files are seen there before the push, and so must its lease.
   */
  const leases = media ?? memoryDriver({ location })

  let seen: StorageTree | undefined
  const written = new Map<StoragePath, { readonly parts: FileParts; readonly modifiedMs: number }>()
  const deleted = new Set<StoragePath>()
  let mediaBytes: number | undefined
  let pendingFolder: string | undefined
  let last: Promise<unknown> = Promise.resolve()

  async function pending(): Promise<string> {
    if (pendingFolder !== undefined) return pendingFolder
    fs.mkdirSync(folder, { recursive: true, mode: 0o700 })
    const made = fs.mkdtempSync(path.join(folder, 'push-'))
    pendingFolder = made
    const git = await import('isomorphic-git')
    await git.init({ fs, gitdir: made, bare: true })
    return made
  }

  async function load(commitId: string | undefined): Promise<StorageTree | undefined> {
    if (commitId === undefined) return NOTHING
    if (commitId === seen?.commitId) return seen
    if (!(await host.fetch(commitId))) return undefined
    const treeId = await host.objects.treeOf(commitId, '')
    if (treeId === undefined) throw gitFailed(location, `${ref} holds no files`)
    const tree = await readStorageTree(host.objects, treeId, location)
    return { ...tree, commitId, modifiedMs: await host.objects.committedMs(commitId) }
  }
  async function refresh(): Promise<StorageTree> {
    for (let left = TRIES; left > 0; left -= 1) {
      const tree = await load(await host.tip())
      if (tree === undefined) continue
      seen = tree
      return tree
    }
    throw gitFailed(location, `${ref} moves all the time`)
  }
  async function partsOf(file: StoragePath): Promise<FileParts | undefined> {
    checkStoragePath(file)
    const { files } = seen ?? (await refresh())
    return written.get(file)?.parts ?? (deleted.has(file) ? undefined : files.get(file))
  }
  async function sizeInGit(file: StoragePath): Promise<number | undefined> {
    const parts = await partsOf(file)
    return parts && (await cache.sizeOf(parts))
  }
  async function readInGit(
    file: StoragePath,
    offset: number,
    length: number,
  ): Promise<Uint8Array | undefined> {
    const parts = await partsOf(file)
    return parts && (await cache.read(parts, offset, length))
  }

  async function checkBudget(file: StoragePath, bytes: number): Promise<void> {
    if ((await partsOf(file)) !== undefined) return
    mediaBytes ??= await sumMedia()
    const next = mediaBytes + bytes
    if (next > budgetBytes) throw gitBudgetExceeded(location, next, budgetBytes)
    mediaBytes = next
  }
  async function sumMedia(): Promise<number> {
    const reader = {
      location,
      sizeOf: sizeInGit,
      readRange: async (file: StoragePath, offset: number, length: number) => {
        const bytes = await readInGit(file, offset, length)
        if (bytes === undefined) throw storageNotFound(location, file)
        return bytes
      },
    }
    let sum = 0
    for (const file of new Set([...(seen ?? NOTHING).files.keys(), ...written.keys()])) {
      if (await holdsMedia(reader, file)) sum += (await sizeInGit(file)) ?? 0
    }
    return sum
  }

  async function put(file: StoragePath, bytes: Uint8Array): Promise<FileParts> {
    const git = await import('isomorphic-git')
    const gitdir = await pending()
    const blob = async (from: number): Promise<string> =>
      git.writeBlob({ fs, gitdir, blob: bytes.subarray(from, from + partBytes) })
    const parts: [string, ...string[]] = [await blob(0)]
    for (let from = partBytes; from < bytes.length; from += partBytes) parts.push(await blob(from))
    cache.keep(parts, bytes)
    return parts
  }

  /** One at a time: what would only fight over the ref waits here. */
  async function inTurn<Result>(run: () => Promise<Result>): Promise<Result> {
    const before = last
    const turn = (async () => {
      await before
      return run()
    })()
    last = turn.catch(() => undefined)
    return turn
  }

  async function swap(
    file: StoragePath,
    expected: string | undefined,
    bytes: Uint8Array,
  ): Promise<string> {
    for (let left = TRIES; left > 0; left -= 1) {
      const push = await host.beginPush()
      const base = await load(push.tip)
      if (base === undefined) continue
      seen = base
      const now = base.files.get(file)
      if ((now && contentName(now)) !== expected) {
        // What was to be deleted may be needed again; gc finds what is really left over.
        deleted.clear()
        throw storageConflict(location, file)
      }
      const parts = await put(file, bytes)
      const sent = new Map([...written].map(([name, { parts: of }]) => [name, of]))
      const gone = [...deleted].filter((name) => base.files.has(name))
      const files = new Map([...base.files, ...sent, [file, parts]])
      for (const name of gone) files.delete(name)
      const update = await commit(base, files, gone.length > 0, [...sent.values(), parts])
      if (!(await push.send(update))) continue
      seen = { ...update, modifiedMs: update.modifiedMs, files }
      for (const [name, of] of sent) if (written.get(name)?.parts === of) written.delete(name)
      for (const name of gone) deleted.delete(name)
      if (gone.length > 0) mediaBytes = undefined
      return contentName(parts)
    }
    throw storageConflict(location, file)
  }

  async function commit(
    base: StorageTree,
    files: ReadonlyMap<StoragePath, FileParts>,
    isCut: boolean,
    sent: readonly FileParts[],
  ): Promise<
    Pick<StorageTree, 'commitId' | 'trees' | 'modifiedMs'> & { readonly pack: Uint8Array }
  > {
    const git = await import('isomorphic-git')
    const gitdir = await pending()
    const { treeId, trees } = await writeStorageTree(gitdir, files)
    const timestamp = Math.floor(Date.now() / 1000)
    const author = { ...AUTHOR_NAME, timestamp, timezoneOffset: 0 }
    // A parent would keep what was deleted.
    const parent = isCut || base.commitId === '' ? [] : [base.commitId]
    const message = 'State of a dsv repository\n'
    const commitId = await git.writeCommit({
      fs,
      gitdir,
      commit: { tree: treeId, parent, author, committer: author, message },
    })
    const there = new Set([...base.files.values()].flat())
    const blobs = sent.flat().filter((oid) => !there.has(oid))
    const folders = [...trees].filter((oid) => !base.trees.has(oid))
    const oids = [...new Set([commitId, ...folders, ...blobs])]
    const { packfile } = await git.packObjects({ fs, gitdir, oids })
    if (packfile === undefined) throw new Error('No pack was made.')
    return { commitId, trees, pack: packfile, modifiedMs: timestamp * 1000 }
  }

  return {
    location,
    localFolder: undefined,
    packBelowBytes: 4 * 2 ** 20,
    get requests() {
      return host.requests
    },
    async read(file) {
      if (isLease(file)) return leases.read(file)
      const bytes = await readInGit(file, 0, Infinity)
      if (bytes !== undefined) return bytes
      if (media === undefined || !isRouted(file)) throw storageNotFound(location, file)
      return media.read(file)
    },
    async readRange(file, offset, length) {
      if (isLease(file)) return leases.readRange(file, offset, length)
      const bytes = await readInGit(file, offset, length)
      if (bytes !== undefined) return bytes
      if (media === undefined || !isRouted(file)) throw storageNotFound(location, file)
      return media.readRange(file, offset, length)
    },
    async sizeOf(file) {
      if (isLease(file)) return leases.sizeOf(file)
      return (await sizeInGit(file)) ?? (isRouted(file) ? media?.sizeOf(file) : undefined)
    },
    async write(file, bytes) {
      checkWritten(file)
      if (isLease(file)) return leases.write(file, bytes)
      const content = Uint8Array.from(bytes)
      const isMedia = isRouted(file) && (await holdsMedia(readerOf(file, content), file))
      if (isMedia && media !== undefined) return media.write(file, content)
      if (isMedia) await checkBudget(file, content.length)
      return guarded(location, async () => {
        written.set(file, { parts: await put(file, content), modifiedMs: Date.now() })
        deleted.delete(file)
      })
    },
    async *list(prefix): AsyncIterable<StorageEntry> {
      checkStoragePrefix(prefix)
      const entries = new Map<StoragePath, StorageEntry>()
      for await (const entry of leases.list(prefix)) {
        if (isLease(entry.path) || isRouted(entry.path)) entries.set(entry.path, entry)
      }
      const { files, modifiedMs } = await refresh()
      for (const file of new Set([...files.keys(), ...written.keys()])) {
        if (!file.startsWith(prefix)) continue
        const sizeBytes = await sizeInGit(file)
        if (sizeBytes === undefined) continue
        const time = written.get(file)?.modifiedMs ?? modifiedMs
        entries.set(file, { path: file, sizeBytes, modifiedMs: time })
      }
      for (const file of [...entries.keys()].toSorted()) {
        const entry = entries.get(file)
        if (entry !== undefined) yield entry
      }
    },
    async delete(file) {
      checkWritten(file)
      if (isLease(file)) return leases.delete(file)
      const isInGit = (await partsOf(file)) !== undefined
      written.delete(file)
      if (isInGit) deleted.add(file)
      else if (isRouted(file)) await media?.delete(file)
    },
    async readVersioned(file) {
      checkStoragePath(file)
      if (isLease(file)) return leases.readVersioned(file)
      const parts = (await refresh()).files.get(file)
      if (parts === undefined) return undefined
      return { bytes: await cache.read(parts, 0, Infinity), version: contentName(parts) }
    },
    async replaceIf(file, expected, bytes) {
      checkWritten(file)
      if (isLease(file)) return leases.replaceIf(file, expected, bytes)
      const content = Uint8Array.from(bytes)
      return inTurn(async () => guarded(location, async () => swap(file, expected, content)))
    },
    // What no push has carried is gone after a crash, and nothing refers to it.
    flush: async () => media?.flush(),
    async close() {
      await last
      await media?.close?.()
      if (pendingFolder !== undefined) fs.rmSync(pendingFolder, { recursive: true, force: true })
      pendingFolder = undefined
      written.clear()
      deleted.clear()
      mediaBytes = undefined
      seen = undefined
      if (isOwnFolder) fs.rmSync(top, { recursive: true, force: true })
    },
  }
}

function isLease(file: StoragePath): boolean {
  return file.startsWith('sessions/')
}

/** Where media may lie. */
function isRouted(file: StoragePath): boolean {
  return file.startsWith('objects/pack/') || file.startsWith('objects/blob/')
}

function checkWritten(file: StoragePath): void {
  checkStoragePath(file)
  if (file.split('/').some((name) => name.endsWith(PARTS_ENDING))) throw storagePathInvalid(file)
}

function readerOf(file: StoragePath, bytes: Uint8Array): Parameters<typeof holdsMedia>[0] {
  return {
    location: file,
    sizeOf: async () => bytes.length,
    async readRange(_, offset, length) {
      const from = offset < 0 ? Math.max(0, bytes.length + offset) : offset
      return bytes.slice(from, from + length)
    },
  }
}

async function guarded<Result>(location: string, run: () => Promise<Result>): Promise<Result> {
  try {
    return await run()
  } catch (error) {
    if (isDsvError(error) || systemErrorCode(error) === undefined) throw error
    throw isFull(error) ? storageFull(location, error) : storageFailed(location, error)
  }
}

function isOptionOfMedia(name: string): boolean {
  return name.startsWith('media-') && name !== 'media-budget'
}

function optionsOfMedia(options: Readonly<Record<string, string>>): Record<string, string> {
  const of = Object.entries(options).filter(([name]) => isOptionOfMedia(name))
  return Object.fromEntries(of.map(([name, value]) => [name.slice('media-'.length), value]))
}

function refOf(location: string, ref: string): string {
  const isRef = /^refs\/(?:[\w-][\w.-]*\/)+[\w-][\w.-]*$/.test(ref)
  if (isRef && !ref.includes('..') && !ref.endsWith('.lock')) return ref
  throw remoteOptionInvalid(location, 'ref', 'is no full name of a ref, like refs/dsv/data')
}

function budgetOf(location: string, budget: string | undefined): number {
  if (budget === undefined) return DEFAULT_BUDGET_BYTES
  const [, digits, unit = ''] = /^(\d{1,9})\s*([kMG]?B)?$/.exec(budget) ?? []
  if (digits === undefined) {
    throw remoteOptionInvalid(location, 'media-budget', 'is no size like 100MB')
  }
  return Number(digits) * ({ kB: 1e3, MB: 1e6, GB: 1e9 }[unit] ?? 1)
}
