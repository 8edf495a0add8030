import http from 'node:http'
import { encodeCommit } from '@dsv/core'
import {
  type CreateStoreOptions,
  EMPTY_TREE,
  folderDriver,
  type ObjectId,
  type StorageDriver,
  Store,
  type WriteSession,
} from '@dsv/store'
import {
  type AccessEntry,
  addToken,
  defaultTokenFile,
  httpDriver,
  type Rights,
  serveRepository,
  type ServeOptions,
} from '@dsv/remote'
import { remember, temporaryFolder } from './open-storage.ts'

/** A repository that is served. */
export interface ServedRepository {
  readonly folder: string
  readonly url: string
  readonly tokens: Readonly<Record<Rights, string>>
  /** What the server logged. */
  readonly log: readonly AccessEntry[]
  /** Opens the repository over HTTP. */
  readonly open: (rights: Rights) => Promise<Store>
  readonly driver: (rights: Rights) => StorageDriver
  /** Opens it in its folder. */
  readonly openFolder: () => Promise<Store>
  /** Sends a request as it is. */
  readonly send: (call: RawCall) => Promise<RawReply>
}

/** A request that nobody corrects. */
export interface RawCall {
  readonly method?: string
  readonly target: string
  readonly token?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: Uint8Array | string
}

/** The answer to a {@link RawCall}. */
export interface RawReply {
  readonly status: number
  readonly headers: http.IncomingHttpHeaders
  readonly body: Buffer
}

/** Makes an empty repository and serves it. */
export async function servedRepository(
  options: Partial<ServeOptions> & { readonly create?: CreateStoreOptions } = {},
): Promise<ServedRepository> {
  const folder = temporaryFolder('served')
  await (await Store.create(folderDriver(folder), options.create)).close()
  const add = (rights: Rights): string =>
    addToken(defaultTokenFile(folder), { name: rights, rights, createdMs: 0 })
  const tokens = { read: add('read'), write: add('write'), admin: add('admin') }
  const log: AccessEntry[] = []
  const { url } = remember(
    await serveRepository({
      folder,
      graceMs: 200,
      onRequest: (entry) => void log.push(entry),
      ...options,
    }),
  )
  const driver = (rights: Rights): StorageDriver =>
    httpDriver(url, { base: '/', env: { DSV_TOKEN: tokens[rights] } })
  return {
    folder,
    url,
    tokens,
    log,
    driver,
    open: (rights) => Store.open(driver(rights)),
    openFolder: () => Store.open(folderDriver(folder)),
    send: (call) => sendRaw(url, call),
  }
}

/** Sends a request without touching its target. */
export async function sendRaw(url: string, call: RawCall): Promise<RawReply> {
  const { hostname, port } = new URL(url)
  return new Promise((resolve, reject) => {
    const request = http.request({
      hostname,
      port,
      path: call.target,
      method: call.method ?? 'GET',
      agent: false,
      headers: {
        ...(call.token !== undefined && { authorization: `Bearer ${call.token}` }),
        ...call.headers,
      },
    })
    request.once('error', reject)
    request.once('response', (message) => {
      const pieces: Buffer[] = []
      message.on('data', (piece: Buffer) => void pieces.push(piece))
      message.once('error', reject)
      message.once('end', () => {
        const { statusCode = 0, headers } = message
        resolve({ status: statusCode, headers, body: Buffer.concat(pieces) })
      })
    })
    request.end(call.body)
  })
}

const SOMEBODY = { name: 'Ann', email: 'ann@example.org', timeSeconds: 0, tzMinutes: 0 }

/** Stores a commit without files. */
export async function putCommit(
  session: WriteSession,
  message: string,
  parents: readonly ObjectId[] = [],
): Promise<ObjectId> {
  const commit = { files: EMPTY_TREE, datasets: new Map(), parents, message, extra: {} }
  return session.putObject(
    'commit',
    encodeCommit({ ...commit, author: SOMEBODY, committer: SOMEBODY }),
  )
}

/** How {@link commitTo} moves a ref. */
export interface Move {
  readonly name?: string
  /** The parents of the commit; where the ref stands by default. */
  readonly parents?: readonly ObjectId[]
}

/** Puts a ref on a new commit. */
export async function commitTo(
  store: Store,
  message: string,
  { name = 'refs/heads/main', parents }: Move = {},
): Promise<ObjectId> {
  return store.write(info(message), async (session) => {
    const from = session.root.refs.get(name)
    const to = await putCommit(session, message, parents ?? (from === undefined ? [] : [from]))
    await session.publish((root) => ({ refs: [{ name, from: root.refs.get(name), to }] }))
    return to
  })
}

/** Deletes a ref. */
export async function deleteRef(store: Store, name: string): Promise<void> {
  await store.write(info(`delete ${name}`), async (session) => {
    await session.publish((root) => ({
      refs: [{ name, from: root.refs.get(name), to: undefined }],
    }))
  })
}

/** What a test says of its operations. */
export function info(command: string) {
  return { command, description: command, user: 'ann', host: 'here', timeMs: 1000 }
}
