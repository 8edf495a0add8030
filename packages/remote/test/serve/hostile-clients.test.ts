import { readdirSync, readFileSync } from 'node:fs'
import net from 'node:net'
import path from 'node:path'
import { afterEach, describe, expect, it } from '@jest/globals'
import {
  type BlobId,
  blobPath,
  decodeRoot,
  encodeCanonical,
  encodeRoot,
  type FragmentEntry,
  fragmentPath,
  hashBlob,
  isDsvError,
  memoryDriver,
  type ObjectId,
  PACK_PREFIX,
  packPath,
  readPackContents,
  folderDriver,
  toObjectId,
  writeIndexFragment,
  type StorageDriver,
} from '@dsv/store'
import { encodeChunkList } from '../../../store/src/pack/chunk-list.ts'
import { PackWriter } from '../../../store/src/pack/pack-writer.ts'
import { closeServers } from './open-storage.ts'
import {
  commitTo,
  info,
  putCommit,
  type RawReply,
  type ServedRepository,
  servedRepository,
} from './served-repository.ts'

afterEach(closeServers)

const SESSION = 'sessions/00000000-0000-4000-8000-000000000000'
const NOTHING = '0'.repeat(64)
const HELLO = Buffer.from('hello')

/** A repository with one blob file, and paths of every kind. */
async function withFiles(): Promise<{ served: ServedRepository; paths: Record<string, string> }> {
  const served = await servedRepository()
  await folderDriver(served.folder).write(blobPath(hashBlob(HELLO)), HELLO)
  const paths = {
    root: 'root',
    blob: blobPath(hashBlob(HELLO)),
    missingBlob: blobPath(toObjectId(NOTHING)),
    pack: packPath(NOTHING),
    index: fragmentPath(NOTHING),
    condemned: `objects/condemned/${NOTHING}`,
    session: SESSION,
    local: 'local/tokens.json',
    copy: 'root.copy',
    lock: 'root.lock',
    other: 'objects/blob/xy',
  }
  return { served, paths }
}

describe('the rights of a token', () => {
  const kinds = [
    'root',
    'blob',
    'missingBlob',
    'pack',
    'index',
    'condemned',
    'session',
    'local',
    'copy',
    'lock',
    'other',
  ] as const
  type Row = readonly [method: string, rights: string, ...statuses: number[]]
  // The statuses stand in the order of `kinds`; bodies are empty.
  const table: readonly Row[] = [
    ['GET', 'read', 200, 200, 404, 404, 404, 404, 403, 404, 404, 404, 404],
    ['GET', 'write', 200, 200, 404, 404, 404, 404, 404, 404, 404, 404, 404],
    ['GET', 'admin', 200, 200, 404, 404, 404, 404, 404, 404, 404, 404, 404],
    ['HEAD', 'read', 200, 200, 404, 404, 404, 404, 403, 404, 404, 404, 404],
    ['PUT', 'read', 403, 403, 403, 403, 403, 403, 403, 404, 404, 404, 404],
    ['PUT', 'write', 428, 409, 409, 422, 409, 409, 428, 404, 404, 404, 404],
    ['PUT', 'admin', 428, 409, 409, 422, 409, 409, 428, 404, 404, 404, 404],
    ['DELETE', 'read', 403, 403, 403, 403, 403, 403, 403, 404, 404, 404, 404],
    ['DELETE', 'write', 403, 409, 409, 409, 409, 409, 204, 404, 404, 404, 404],
    ['DELETE', 'admin', 403, 204, 204, 204, 204, 204, 204, 404, 404, 404, 404],
    ['POST', 'admin', 405, 405, 405, 405, 405, 405, 405, 405, 405, 405, 405],
    ['OPTIONS', 'read', 405, 405, 405, 405, 405, 405, 405, 405, 405, 405, 405],
  ]
  it.each(table)(
    'allow to %s with %s rights only what they should',
    async (method, rights, ...statuses) => {
      const { served, paths } = await withFiles()
      const token = served.tokens[rights as 'read']
      const actual: Record<string, number> = {}
      for (const kind of kinds) {
        actual[kind] = (await served.send({ method, target: `/${paths[kind]}`, token })).status
      }
      expect(actual).toEqual(Object.fromEntries(kinds.map((kind, at) => [kind, statuses[at]])))
    },
  )

  it('that is not known get one answer, whatever is asked', async () => {
    const { served, paths } = await withFiles()
    const answers = new Set<string>()
    const targets = [...Object.values(paths), '?list=', '..%2f', '%zz', 'x'.repeat(5000)]
    for (const method of ['GET', 'PUT', 'DELETE', 'POST', 'OPTIONS']) {
      for (const target of targets) {
        for (const authorization of [undefined, 'Bearer dsv_wrong', 'Basic YTpi', 'Bearer', '']) {
          const headers = authorization === undefined ? {} : { authorization }
          const reply = await served.send({ method, target: `/${target}`, headers })
          const { date: _date, ...rest } = reply.headers
          answers.add(JSON.stringify([reply.status, rest, reply.body.toString()]))
        }
      }
    }
    expect([...answers]).toHaveLength(1)
    expect([...answers][0]).toContain('401')
  })

  it('show only those with write rights who writes', async () => {
    const { served } = await withFiles()
    await served.driver('write').replaceIf(SESSION, undefined, lease())
    const listed = async (rights: 'read' | 'write'): Promise<string> =>
      (await served.send({ target: '/?list=', token: served.tokens[rights] })).body.toString()
    expect(await listed('write')).toContain(SESSION)
    expect(await listed('read')).not.toContain('sessions')
    for (const rights of ['read', 'write'] as const) {
      expect(await listed(rights)).not.toContain('local')
      expect(await listed(rights)).not.toContain('root.copy')
    }
  })
})

function lease(changes: Record<string, unknown> = {}): Uint8Array {
  return encodeCanonical({ sessionId: SESSION.slice(9), purpose: 'write', ...changes })
}

describe('a client that wants what is not served', () => {
  it.each([
    '/../etc/passwd',
    '/objects/../local/tokens.json',
    '/objects/..%2flocal/tokens.json',
    '/objects/%2e%2e/local/tokens.json',
    String.raw`/objects\..\local\tokens.json`,
    '/objects%5c..%5clocal',
    '/./root',
    '//root',
    '/root/',
    '/root%00',
    '/c:/windows',
    '/objects/NUL',
    '/con.txt',
    '/%zz',
    '/?list=../',
    '/?list=local/&after=../x',
    '/?after=x',
    '/root?x',
    '*',
    'http://example.org/root',
  ])('is refused %s', async (target) => {
    const { served } = await withFiles()
    const reply = await served.send({ target, token: served.tokens.admin })
    expect(reply.status).toBe(400)
    expect(reply.body.toString()).not.toContain(served.folder)
  })

  it('gets one range or none', async () => {
    const { served, paths } = await withFiles()
    const token = served.tokens.read
    const range = async (header: string): Promise<[number, string, string | undefined]> => {
      const call = { target: `/${paths['blob']}`, token, headers: { range: header } }
      const { status, body, headers } = await served.send(call)
      return [status, body.toString(), headers['content-range']]
    }
    expect(await range('bytes=1-2')).toEqual([206, 'el', 'bytes 1-2/5'])
    expect(await range('bytes=3-99')).toEqual([206, 'lo', 'bytes 3-4/5'])
    expect(await range('bytes=-2')).toEqual([206, 'lo', 'bytes 3-4/5'])
    expect(await range('bytes=2-')).toEqual([206, 'llo', 'bytes 2-4/5'])
    expect(await range('bytes=5-')).toEqual([416, '', 'bytes */5'])
    expect(await range('bytes=0-0,2-2')).toEqual([416, '', 'bytes */5'])
    expect(await range('bytes=-')).toEqual([200, 'hello', undefined])
    expect(await range('bytes=2-1')).toEqual([200, 'hello', undefined])
    expect(await range('lines=1-2')).toEqual([200, 'hello', undefined])
  })

  it('gets what it has not yet', async () => {
    const { served } = await withFiles()
    const token = served.tokens.read
    const first = await served.send({ target: '/root', token })
    const headers = { 'if-none-match': first.headers.etag ?? '' }
    const again = await served.send({ target: '/root', token, headers })
    expect([again.status, again.body.length]).toEqual([304, 0])
  })
})

describe('a client that lies', () => {
  const put = async (
    served: ServedRepository,
    target: string,
    body: Uint8Array,
    headers: Record<string, string> = {},
  ): Promise<RawReply> =>
    served.send({ method: 'PUT', target: `/${target}`, token: served.tokens.write, body, headers })

  it('stores no blob under another name', async () => {
    const { served, paths } = await withFiles()
    expect((await put(served, paths['missingBlob'] ?? '', HELLO)).status).toBe(409)
    expect((await put(served, `objects/condemned/${hashBlob(HELLO)}`, HELLO)).status).toBe(409)
    expect((await put(served, paths['blob'] ?? '', Buffer.from('hellO'))).status).toBe(409)
    expect(readdirSync(path.join(served.folder, 'local', 'tmp'))).toEqual([])
  })

  it('mends a blob that is damaged there', async () => {
    const { served, paths } = await withFiles()
    const there = folderDriver(served.folder)
    await there.write(paths['blob'] ?? '', Buffer.from('hel'))
    expect((await put(served, paths['blob'] ?? '', HELLO)).status).toBe(204)
    expect(Buffer.from(await there.read(paths['blob'] ?? '')).toString()).toBe('hello')
  })

  it('sends no more than it may', async () => {
    const served = await servedRepository({ maxBodyBytes: 1000 })
    const bytes = Buffer.alloc(1001)
    const target = blobPath(hashBlob(bytes))
    expect((await put(served, target, bytes)).status).toBe(413)
    const chunked = { 'transfer-encoding': 'chunked' }
    expect((await put(served, target, bytes, chunked)).status).toBe(413)
    expect(readdirSync(path.join(served.folder, 'local', 'tmp'))).toEqual([])
  })

  it('sends bodies whole and as they are', async () => {
    const { served, paths } = await withFiles()
    const target = paths['blob'] ?? ''
    expect((await put(served, target, HELLO, { 'content-encoding': 'gzip' })).status).toBe(415)
    expect((await put(served, target, HELLO, { 'content-range': 'bytes 0-4/9' })).status).toBe(400)
  })

  it('swaps the root only on conditions', async () => {
    const { served } = await withFiles()
    const status = async (headers: Record<string, string>): Promise<number> =>
      (await put(served, 'root', HELLO, headers)).status
    expect(await status({ 'if-match': '*' })).toBe(428)
    expect(await status({ 'if-match': 'W/"x"' })).toBe(428)
    expect(await status({ 'if-match': '"x", "y"' })).toBe(428)
    expect(await status({ 'if-match': '"x"', 'if-none-match': '*' })).toBe(428)
    expect(await status({ 'if-match': '"x"' })).toBe(412)
    expect(await status({ 'if-none-match': '*' })).toBe(412)
  })

  it('takes a lease only as a writer, in its own name', async () => {
    const { served } = await withFiles()
    const status = async (body: Uint8Array): Promise<number> =>
      (await put(served, SESSION, body, { 'if-none-match': '*' })).status
    expect(await status(HELLO)).toBe(422)
    expect(await status(lease({ sessionId: 'another' }))).toBe(409)
    expect(await status(lease({ purpose: 'gc' }))).toBe(409)
    expect(await status(lease())).toBe(201)
    expect(await status(lease())).toBe(412)
  })

  it('stores no pack that was altered', async () => {
    const source = await servedRepository()
    await commitTo(await source.open('write'), 'first')
    const name = readdirSync(path.join(source.folder, PACK_PREFIX))[0] ?? ''
    const pack = readFileSync(path.join(source.folder, PACK_PREFIX, name))
    const served = await servedRepository()
    const target = PACK_PREFIX + name
    for (let at = 0; at < pack.length; at += 1 + Math.floor(pack.length / 100)) {
      const altered = Buffer.from(pack)
      altered[at] = (altered[at] ?? 0) ^ 1
      expect((await put(served, target, altered)).status).toBe(422)
    }
    expect((await put(served, target, pack.subarray(0, -1))).status).toBe(422)
    expect((await put(served, target, Buffer.concat([pack, pack]))).status).toBe(422)
    const inserted = Buffer.concat([pack.subarray(0, 8), Buffer.alloc(1), pack.subarray(8)])
    expect((await put(served, target, inserted)).status).toBe(422)
    expect((await put(served, packPath(NOTHING), pack)).status).toBe(422)
    expect((await put(served, target, pack)).status).toBe(201)
  })

  it('makes no index live that says what is not so', async () => {
    const served = await servedRepository()
    const store = await served.open('write')
    const commitId = await commitTo(store, 'first')
    const place = await store.objects.locatePacked(commitId)
    if (place === undefined) throw new Error('The commit is in a pack.')
    const entry: FragmentEntry = { ...place, id: commitId }
    const lies: FragmentEntry[] = [
      { ...entry, offset: entry.offset + 1 },
      { ...entry, rawLength: entry.rawLength + 1 },
      { ...entry, storedLength: entry.storedLength - 1 },
      { ...entry, kind: 'tag' },
      { ...entry, id: toObjectId('ab'.repeat(32)) },
      { ...entry, packId: NOTHING },
    ]
    for (const lie of lies)
      expect(await publishIndex(served.driver('write'), [lie])).toBe('refused')
    // What is so may be said twice.
    expect(await publishIndex(served.driver('write'), [entry])).toBe('done')
    expect((await readPackContents(served.driver('read'), place.packId)).damage).toBeUndefined()
  })

  it('makes no list of chunks live that is not its blob', async () => {
    const served = await servedRepository()
    const store = await served.open('write')
    const driver = served.driver('write')
    const chunks = ['one', 'two'].map((text) => Buffer.from(text))
    await store.write(info('chunks'), async (session) => {
      for (const chunk of chunks) await session.putBlob(chunk)
      await session.checkpoint()
    })
    const parts = chunks.map((chunk) => ({ blobId: hashBlob(chunk), sizeBytes: chunk.length }))
    const publish = async (blobId: BlobId, list = parts): Promise<'done' | 'refused'> => {
      const memory = memoryDriver()
      const pack = new PackWriter(memory)
      const line = pack.append('chunks', blobId, encodeChunkList(blobId, list))
      const { packId } = await pack.complete()
      await driver.write(packPath(packId), await memory.read(packPath(packId)))
      return publishIndex(driver, [{ ...line, kind: 'chunks', id: blobId, packId }])
    }
    const whole = hashBlob(Buffer.from('onetwo'))
    expect(await publish(hashBlob(HELLO))).toBe('refused')
    expect(await publish(whole, parts.toReversed())).toBe('refused')
    expect(await publish(whole, [...parts, { blobId: hashBlob(HELLO), sizeBytes: 5 }])).toBe(
      'refused',
    )
    const [first, second] = parts
    if (first === undefined || second === undefined) throw new Error('There are two.')
    const wrongSize = [{ ...first, sizeBytes: 4 }, second]
    expect(await publish(whole, wrongSize)).toBe('refused')
    expect(await publish(whole)).toBe('done')
    const read = await (await served.open('read')).objects.getBlob(whole)
    expect(Buffer.from(read).toString()).toBe('onetwo')
    expect(await publish(hashBlob(HELLO), [{ blobId: whole, sizeBytes: 6 }])).toBe('refused')
  })

  it('cannot go back to an older log', async () => {
    const served = await servedRepository()
    const store = await served.open('write')
    const driver = served.driver('write')
    await commitTo(store, 'first')
    const { operationHead } = await store.readRoot()
    await commitTo(store, 'second')
    const before = await driver.readVersioned('root')
    const root = decodeRoot(before?.bytes ?? Buffer.of(), '')
    const generation = root.generation + 1
    const next = encodeRoot({ ...root, generation, txid: 'next', operationHead })
    await expect(driver.replaceIf('root', before?.version, next)).rejects.toMatchObject({
      details: { reason: 'its log of operations is another one' },
    })
  })

  it('makes nothing live that lacks what it needs', async () => {
    const served = await servedRepository()
    const store = await served.open('write')
    const missing = toObjectId('ab'.repeat(32))
    const refused = { code: 'DSV_REMOTE_REFUSED' }
    await expect(commitTo(store, 'child', { parents: [missing] })).rejects.toMatchObject(refused)
    const putNode = async (): Promise<void> =>
      store.write(info('node'), async (session) => {
        await session.putObject('node', { links: [missing], payload: Buffer.from('x') })
        await session.checkpoint()
      })
    await expect(putNode()).rejects.toMatchObject(refused)
    expect((await store.readRoot()).fragments).toEqual([])
  })

  it('puts refs on commits only', async () => {
    const served = await servedRepository()
    const store = await served.open('write')
    const name = 'refs/heads/main'
    const publish = async (kind: 'node' | 'commit'): Promise<void> =>
      store.write(info('x'), async (session) => {
        const object = { links: [], payload: Buffer.from('no commit') }
        const to: ObjectId = await session.putObject(kind, object)
        await session.publish(() => ({ refs: [{ name, from: undefined, to }] }))
      })
    await expect(publish('node')).rejects.toMatchObject({ code: 'DSV_REMOTE_REFUSED' })
    await expect(publish('commit')).rejects.toMatchObject({ code: 'DSV_REMOTE_REFUSED' })
    await store.write(info('y'), async (session) => {
      const to = await putCommit(session, 'honest')
      await session.publish(() => ({ refs: [{ name, from: undefined, to }] }))
    })
  })
})

/** Puts a fragment with these entries beside those that are live. */
async function publishIndex(
  driver: StorageDriver,
  entries: readonly FragmentEntry[],
): Promise<'done' | 'refused'> {
  const memory = memoryDriver()
  const { name } = await writeIndexFragment(memory, entries)
  await driver.write(fragmentPath(name), await memory.read(fragmentPath(name)))
  const found = await driver.readVersioned('root')
  const root = decodeRoot(found?.bytes ?? Buffer.of(), '')
  const fragments = [...root.fragments, name]
  const next = { ...root, generation: root.generation + 1, txid: name, fragments }
  try {
    await driver.replaceIf('root', found?.version, encodeRoot(next))
    return 'done'
  } catch (error) {
    if (!isDsvError(error, 'DSV_REMOTE_REFUSED')) throw error
    return 'refused'
  }
}

describe('a client that takes its time', () => {
  it('is given up in its headers', async () => {
    const served = await servedRepository({ headersMs: 200 })
    const { text, closed } = await slowly(served.url, 'GET /root HTTP/1.1\r\nHost: x\r\nX-Slow: ')
    await closed
    expect(text()).toMatch(/^(?:HTTP\/1\.1 408 |$)/)
  })

  it('is given up in its body', async () => {
    const served = await servedRepository({ stall: { bytesPerSecond: 1000, windowMs: 200 } })
    const { text, closed } = await slowly(served.url, putHead(served, 'Content-Length: 1000'))
    await closed
    expect(text()).toMatch(/^(?:HTTP\/1\.1 40[08] |$)/)
    await untilEmpty(path.join(served.folder, 'local', 'tmp'))
  })

  it('keeps others waiting only up to a number', async () => {
    const served = await servedRepository({ maxRequests: 1 })
    const { socket } = await slowly(served.url, putHead(served, 'Content-Length: 1000'))
    const reply = await served.send({ target: '/root', token: served.tokens.read })
    expect([reply.status, reply.headers['retry-after']]).toEqual([503, '1'])
    socket.destroy()
  })

  it('has headers of a bearable size', async () => {
    const served = await servedRepository()
    const { text, closed } = await slowly(
      served.url,
      `GET /root HTTP/1.1\r\nHost: x\r\nX-Large: ${'x'.repeat(20_000)}\r\n\r\n`,
    )
    await closed
    expect(text()).toContain('431')
  })

  it('leaves nothing behind when it goes away', async () => {
    const served = await servedRepository()
    const { socket } = await slowly(served.url, `${putHead(served, 'Content-Length: 1000')}abc`)
    await new Promise((resolve) => setTimeout(resolve, 50))
    expect(readdirSync(path.join(served.folder, 'local', 'tmp'))).toHaveLength(1)
    socket.destroy()
    await untilEmpty(path.join(served.folder, 'local', 'tmp'))
  })
})

async function untilEmpty(folder: string): Promise<void> {
  for (let wait = 1; readdirSync(folder).length > 0; wait += 1) {
    if (wait > 100) throw new Error(`${folder} keeps ${readdirSync(folder).join()}`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

function putHead(served: ServedRepository, header: string): string {
  const target = blobPath(hashBlob(HELLO))
  return `PUT /${target} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${served.tokens.write}\r\n${header}\r\n\r\n`
}

/** Opens a connection, sends some text and then nothing. */
async function slowly(
  url: string,
  sent: string,
): Promise<{ socket: net.Socket; closed: Promise<void>; text: () => string }> {
  const { hostname, port } = new URL(url)
  const socket = net.connect(Number(port), hostname)
  let received = ''
  socket.on('data', (piece) => void (received += piece.toString()))
  socket.on('error', () => {})
  const closed = new Promise<void>((resolve) => void socket.once('close', () => resolve()))
  await new Promise((resolve) => socket.once('connect', resolve))
  socket.write(sent)
  await new Promise((resolve) => setTimeout(resolve, 30))
  return { socket, closed, text: () => received }
}
