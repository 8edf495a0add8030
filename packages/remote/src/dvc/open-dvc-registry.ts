import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { dvcNotSupported, dvcNotTrusted } from '../errors.ts'
import { collectOuts, parentOf, rootOf } from './collect-outs.ts'
import type { DvcImport, DvcOut } from './dvc-out.ts'
import type { DvcRegistry } from './dvc-registry.ts'
import type { GitCredentials } from './git-http.ts'
import { notIgnored } from './not-ignored.ts'
import { isUrl, openGitTree, overHttps } from './open-git-tree.ts'
import {
  type Environment,
  openDvcStorage,
  type OpenStorage,
  registryStorages,
} from './registry-storages.ts'
import { outIndex } from './out-index.ts'
import { resolvePath } from './resolve-path.ts'

/** Settings of {@link openDvcRegistry}. */
export interface OpenDvcRegistryOptions {
  /** Branch, tag, full or abbreviated commit id; by default what HEAD points to. */
  readonly rev?: string | undefined
  /** The DVC remote to read from; by default that of each output, else the default one. */
  readonly remote?: string | undefined
  /** Folder that a relative address is relative to; the current folder by default. */
  readonly base?: string
  /** Folder to keep what is fetched from Git hosts; a temporary one, removed on close, by default. */
  readonly cacheFolder?: string
  /** Where credentials and the user's config are found; the environment of this process by default. */
  readonly env?: Environment
  /**
   * Whether a registry from elsewhere may make this machine talk to an address, that of a remote or that
   * of a registry it imports from; always by default. Folders of this machine are refused in any case.
   */
  readonly mayUse?: (address: string) => boolean | Promise<boolean>
  /** What opens the storage of a remote; the drivers of this package by default. */
  readonly openStorage?: OpenStorage
}

const MAX_IMPORTS_DEEP = 16

/** What registries that import from each other have in common. */
interface Session {
  readonly options: OpenDvcRegistryOptions
  readonly env: Environment
  readonly cacheFolder: string
  readonly credentials: GitCredentials | undefined
  /** Open registries, by address and commit. */
  readonly opened: Map<string, Promise<DvcRegistry>>
}

/**
 * Opens a Git repository with DVC at one revision, to read what it holds without Git or DVC. Nothing in it
 * is ever run.
 *
 * `DSV_GIT_TOKEN` (with `DSV_GIT_USERNAME`, `x-access-token` by default) is sent to the host of `address`
 * only. In a folder of this machine the cache of DVC counts too, before the remote.
 *
 * @param address a folder (working tree or bare), or an `https:` URL; what hosts write for ssh
 *   (`git@host:path`) is read over https
 * @throws `DSV_GIT_NOT_FOUND`, `DSV_GIT_REVISION_NOT_FOUND`, `DSV_GIT_DENIED`, `DSV_GIT_FAILED`,
 *   `DSV_DVC_METADATA_INVALID`
 */
export async function openDvcRegistry(
  address: string,
  options: OpenDvcRegistryOptions = {},
): Promise<DvcRegistry> {
  const { env = process.env } = options
  const cacheFolder = options.cacheFolder ?? fs.mkdtempSync(path.join(os.tmpdir(), 'dsv-registry-'))
  const credentials = credentialsFor(address, env)
  const session: Session = { options, env, cacheFolder, credentials, opened: new Map() }
  const close = async (): Promise<void> => {
    if (options.cacheFolder === undefined) {
      await fs.promises.rm(cacheFolder, { recursive: true, force: true })
    }
  }
  try {
    const base = options.base ?? process.cwd()
    const place = { address, rev: options.rev, base, remote: options.remote, chain: [] }
    return { ...(await openAt(place, session)), close }
  } catch (error) {
    await close()
    throw error
  }
}

interface Place {
  readonly address: string
  readonly rev: string | undefined
  readonly base: string
  readonly remote: string | undefined
  /** The registries and paths that led here, for cycles. */
  readonly chain: readonly string[]
}

async function openAt(place: Place, session: Session): Promise<DvcRegistry> {
  const { cacheFolder, credentials, env, options } = session
  const { address, base, rev } = place
  const tree = await openGitTree(address, { rev, base, cacheFolder, credentials })
  const entries = await notIgnored(tree, await tree.list(''))
  const { outs, skipped, roots } = await collectOuts(tree, entries)
  const { mayUse = () => true, openStorage = openDvcStorage } = options
  const storages = new Map<string, ReturnType<typeof registryStorages>>()

  async function storagesOf(out: DvcOut): ReturnType<ReturnType<typeof registryStorages>> {
    const folder = rootOf(out.definedIn, roots) ?? ''
    const known = storages.get(folder)
    if (known !== undefined) return known(out)
    const config = entries.find((each) => each.path === path.posix.join(folder, '.dvc/config'))
    const root = {
      registry: tree.location,
      folder,
      config: config === undefined ? new Uint8Array() : await tree.read(config),
      localFolder: tree.localFolder,
      remote: place.remote,
    }
    const find = registryStorages(root, { env, openStorage, mayUse })
    storages.set(folder, find)
    return find(out)
  }
  async function openImport(source: DvcImport, out: DvcOut): Promise<DvcRegistry> {
    const step = JSON.stringify([source.url, source.revLock, source.path])
    const where = `${tree.location}: ${out.definedIn}`
    if (place.chain.includes(step)) throw dvcNotSupported(where, 'imports from itself in a circle')
    if (place.chain.length >= MAX_IMPORTS_DEEP) {
      throw dvcNotSupported(where, `is an import of an import, more than ${MAX_IMPORTS_DEEP} deep`)
    }
    const isFolder = !isUrl(source.url) || /^file:/i.test(source.url)
    if (tree.localFolder === undefined) {
      if (isFolder) throw dvcNotTrusted(tree.location, source.url, 'a folder of this machine')
      if (!(await mayUse(source.url))) {
        throw dvcNotTrusted(tree.location, source.url, 'which was not allowed')
      }
    }
    const next: Place = {
      address: source.url,
      rev: source.revLock,
      base: path.join(tree.localFolder ?? '', parentOf(out.definedIn)),
      remote: source.remote,
      chain: [...place.chain, step],
    }
    return openImported(next, tree.localFolder, rootOf(out.definedIn, roots) ?? '', session)
  }
  const files = entries.filter(({ type }) => type === 'file' || type === 'executable')
  const context = { tree, entries, outs: outIndex(outs), skipped, storagesOf, openImport }
  return {
    commitId: tree.commitId,
    location: tree.location,
    skipped,
    outs: () => outs,
    resolve: (asked, resolveOptions = {}) => resolvePath(asked, context, resolveOptions),
    gitFiles: () => files.map((each) => each.path),
    readGit: async (asked) => {
      const entry = files.find((each) => each.path === asked)
      return entry && tree.read(entry)
    },
    close: async () => {},
  }
}

/** DVC takes a relative URL from the folder that it runs in, mostly the root of the registry. */
async function openImported(
  place: Place,
  localFolder: string | undefined,
  root: string,
  session: Session,
): Promise<DvcRegistry> {
  const key = JSON.stringify([place.address, place.rev, place.remote, place.chain])
  const opened =
    session.opened.get(key) ??
    openAt({ ...place, base: path.join(localFolder ?? '', root) }, session)
  session.opened.set(key, opened)
  return opened
}

function credentialsFor(address: string, env: Environment): GitCredentials | undefined {
  const token = env['DSV_GIT_TOKEN']
  const url = overHttps(address)
  const isWeb = /^https?:\/\//i.test(url) && URL.canParse(url)
  if (token === undefined || token === '' || !isWeb) return undefined
  const username = env['DSV_GIT_USERNAME'] ?? 'x-access-token'
  return { host: new URL(url).host, username, token }
}
