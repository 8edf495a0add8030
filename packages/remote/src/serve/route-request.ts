import type { StoragePath } from '@dsv/store'
import {
  type Answer,
  type Exchange,
  type FileContext,
  type FileTarget,
  problem,
  type ServedStorage,
} from './exchange.ts'
import { getFile } from './get-file.ts'
import { listPages } from './list-pages.ts'
import { putFile } from './put-file.ts'
import { parseRequestTarget, type RequestTarget } from './request-target.ts'
import { isAllowed, type Rights } from './rights.ts'
import type { Access } from './storage-rules.ts'
import type { StorageServerOptions } from './storage-server.ts'

/** Does what a request asks for; undefined when the answer was sent already. */
export type Work = (exchange: Exchange) => Promise<Answer | undefined>

const UNKNOWN: Answer = { status: 401, headers: { 'www-authenticate': 'Bearer realm="dsv"' } }

const ACCESS: Readonly<Record<string, Access>> = {
  GET: 'get',
  HEAD: 'get',
  PUT: 'put',
  DELETE: 'delete',
}

/** Returns what does the work of every request. Who sent it comes first, what it names later. */
export function routeRequests(storage: ServedStorage, options: StorageServerOptions): Work {
  const { rules } = storage
  const { stall = {}, maxRequests = 64 } = options
  let running = 0
  const list = listPages(storage.driver, options.pageSize ?? 1000)
  const context: FileContext = { ...storage, stall }

  async function listed(
    target: RequestTarget & { readonly type: 'list' },
    rights: Rights,
  ): Promise<Answer> {
    const isShown = (path: StoragePath): boolean => {
      const needed = rules.rightsFor('get', path)
      return needed !== undefined && needed !== 'nobody' && isAllowed(rights, needed)
    }
    const page = await list({ ...target, isShown })
    return {
      status: 200,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(page),
    }
  }

  async function route(exchange: Exchange, rights: Rights): Promise<Answer | undefined> {
    const { request } = exchange
    const access = ACCESS[request.method ?? '']
    if (access === undefined) return { status: 405, headers: { allow: 'GET, HEAD, PUT, DELETE' } }
    const target = parseRequestTarget(request.url ?? '')
    if (target.type === 'invalid') return problem(400, 'The address is not one of this server')
    if (target.type === 'list') {
      if (access !== 'get') return { status: 405, headers: { allow: 'GET, HEAD' } }
      return listed(target, rights)
    }
    const needed = rules.rightsFor(access, target.path)
    if (needed === undefined) return problem(404, 'There is no such file')
    if (needed === 'nobody' || !isAllowed(rights, needed)) {
      // Where everybody may read, a token may allow more.
      if (exchange.token === undefined) return UNKNOWN
      return problem(403, `This needs ${needed === 'nobody' ? 'more than any' : needed} rights`)
    }
    if (access === 'get') return getFile(context, exchange, target.path)
    if (access === 'delete') return deleteFile(context, { path: target.path, rights })
    return putFile(context, exchange, { path: target.path, rights })
  }

  return async (exchange) => {
    const rights = rightsOf(exchange, storage, options.isPublic === true)
    if (rights === undefined) {
      return UNKNOWN
    }
    // Strangers take nobody's turn.
    if (running >= maxRequests) return { status: 503, headers: { 'retry-after': '1' } }
    running += 1
    try {
      return await route(exchange, rights)
    } finally {
      running -= 1
    }
  }
}

/** Returns what the sender of a request may do; undefined when nothing. A wrong token is worse than none. */
function rightsOf(
  exchange: Exchange,
  storage: ServedStorage,
  isPublic: boolean,
): Rights | undefined {
  const header = exchange.request.headers.authorization
  if (header === undefined) return isPublic ? 'read' : undefined
  const [, secret] = /^bearer +([\w-]{1,200})$/i.exec(header) ?? []
  const token = storage.findToken(secret ?? '')
  exchange.token = token?.name
  return token?.rights
}

async function deleteFile({ driver, rules }: FileContext, target: FileTarget): Promise<Answer> {
  await rules.checkDelete(target.path, target.rights)
  await driver.delete(target.path)
  return { status: 204 }
}
