import { createHash } from 'node:crypto'
import { readFileSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterEach, describe, expect, it } from '@jest/globals'
import {
  blobPath,
  checkStore,
  collectGarbage,
  decodeRoot,
  encodeRoot,
  type Finding,
  folderDriver,
  hashBlob,
  type RootRecord,
  Store,
  toObjectId,
} from '@dsv/store'
import {
  addToken,
  defaultTokenFile,
  httpDriver,
  readTokens,
  removeToken,
  serveRepository,
} from '@dsv/remote'
import { closeServers, remember } from './open-storage.ts'
import { commitTo, deleteRef, info, putCommit, servedRepository } from './served-repository.ts'

const MAIN = 'refs/heads/main'
afterEach(closeServers)

async function findings(store: Store): Promise<Finding[]> {
  const found: Finding[] = []
  for await (const finding of checkStore(store, { level: 4 })) found.push(finding)
  return found
}

describe('serveRepository', () => {
  it('takes commits that are read back whole', async () => {
    const served = await servedRepository()
    const there = await served.open('write')
    const first = await commitTo(there, 'first')
    const second = await commitTo(there, 'second')
    const large = Buffer.alloc(17 * 1024 * 1024, 'x')
    await there.write(info('large'), async (session) => {
      const blobId = await session.putBlob(large)
      expect(await session.has(blobId)).toBe(true)
      await session.checkpoint()
    })
    const reader = await served.open('read')
    expect((await reader.readRoot()).refs.get(MAIN)).toBe(second)
    expect((await reader.objects.getObject('commit', second)).links).toEqual([first])
    expect(hashBlob(await reader.objects.getBlob(hashBlob(large)))).toBe(hashBlob(large))
    expect(await findings(await served.openFolder())).toEqual([])
  })

  it('takes blobs in chunks', async () => {
    const served = await servedRepository({
      create: { settings: { chunkFromBytes: 1_000_000, packBelowBytes: 500_000 } },
    })
    const bytes = createHash('shake256', { outputLength: 3_000_000 }).update('x').digest()
    await (
      await served.open('write')
    ).write(info('large'), async (session) => {
      await session.putBlob(bytes)
      await session.checkpoint()
    })
    const reader = await served.open('read')
    expect((await reader.objects.chunksOf(hashBlob(bytes))).length).toBeGreaterThan(1)
    expect(hashBlob(await reader.objects.getBlob(hashBlob(bytes)))).toBe(hashBlob(bytes))
  })

  it('leaves one of two that race for a ref behind, and loses nothing of others', async () => {
    const served = await servedRepository()
    const [one, two] = [await served.open('write'), await served.open('write')]
    await Promise.all(
      [one, two].flatMap((store, who) =>
        [0, 1, 2, 3].map((each) =>
          commitTo(store, `c${who}${each}`, { name: `${MAIN}${who}${each}` }),
        ),
      ),
    )
    const results = await Promise.allSettled([commitTo(one, 'a'), commitTo(two, 'b')])
    const { refs } = await one.readRoot()
    expect(refs.size).toBe(9)
    // Both may have come one after the other; then the second descends from nothing and was refused.
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    expect(await findings(await served.openFolder())).toEqual([])
  })

  it('says nothing of the working tree, and leaves it as it is', async () => {
    const served = await servedRepository({ create: { head: { type: 'branch', name: MAIN } } })
    const here = await served.openFolder()
    await here.write(info('stage'), async (session) => {
      const blobId = await session.putBlob(Buffer.from('staged'))
      await session.publish(() => ({ local: { links: [blobId], payload: Buffer.from('stage') } }))
    })
    const there = await served.open('write')
    const seen = await there.readRoot()
    expect([seen.head, seen.local]).toEqual([undefined, undefined])
    await commitTo(there, 'other', { name: 'refs/heads/other' })
    const root = await here.readRoot()
    expect(root.head).toEqual({ type: 'branch', name: MAIN })
    expect(Buffer.from(root.local?.payload ?? []).toString()).toBe('stage')
    expect(root.refs.has('refs/heads/other')).toBe(true)
  })

  it('notices what changed in the folder meanwhile', async () => {
    const served = await servedRepository()
    const driver = served.driver('write')
    const before = await driver.readVersioned('root')
    await commitTo(await served.openFolder(), 'here')
    const next = nextRoot(decodeRoot(before?.bytes ?? Buffer.of(), ''), {})
    await expect(driver.replaceIf('root', before?.version, encodeRoot(next))).rejects.toMatchObject(
      { code: 'DSV_STORAGE_CONFLICT' },
    )
  })

  it('refuses a ref that would lose commits, unless with admin rights', async () => {
    const served = await servedRepository()
    const writer = await served.open('write')
    const first = await commitTo(writer, 'first')
    await commitTo(writer, 'second')
    const refused = { code: 'DSV_REMOTE_REFUSED' }
    await expect(commitTo(writer, 'other', { parents: [first] })).rejects.toMatchObject(refused)
    await expect(deleteRef(writer, MAIN)).rejects.toMatchObject(refused)
    await commitTo(writer, 'tagged', { name: 'refs/tags/v1' })
    await expect(commitTo(writer, 'again', { name: 'refs/tags/v1' })).rejects.toMatchObject(refused)
    await expect(commitTo(writer, 'stash', { name: 'refs/stash' })).rejects.toMatchObject(refused)
    const admin = await served.open('admin')
    const forced = await commitTo(admin, 'forced', { parents: [first] })
    expect((await writer.readRoot()).refs.get(MAIN)).toBe(forced)
    await deleteRef(admin, 'refs/tags/v1')
    expect((await writer.readRoot()).refs.has('refs/tags/v1')).toBe(false)
  })

  it('refuses to move the branch that is checked out there', async () => {
    const served = await servedRepository({ create: { head: { type: 'branch', name: MAIN } } })
    await commitTo(await served.openFolder(), 'here')
    await expect(commitTo(await served.open('write'), 'there')).rejects.toMatchObject({
      code: 'DSV_REMOTE_REFUSED',
      details: { reason: `${MAIN} is checked out there` },
    })
  })

  it('lets those with admin rights collect garbage', async () => {
    const served = await servedRepository({ create: { settings: { graceMs: 0 } } })
    const writer = await served.open('write')
    const kept = await commitTo(writer, 'kept')
    await writer.write(info('lost'), async (session) => {
      await putCommit(session, 'lost')
      await session.checkpoint()
    })
    await expect(collectGarbage(writer)).rejects.toMatchObject({ code: 'DSV_REMOTE_REFUSED' })
    const admin = await served.open('admin')
    const later = (): number => Date.now() + 3600_000
    await collectGarbage(admin, { nowMs: later() })
    const outcome = await collectGarbage(admin, { nowMs: later() + 1000 })
    expect(outcome.deleted).toBeGreaterThan(0)
    const { refs } = await writer.readRoot()
    expect(refs.get(MAIN)).toBe(kept)
    expect(await findings(await served.openFolder())).toEqual([])
    await commitTo(writer, 'after')
  })

  it('lets a writer finish what a collection that crashed had begun to delete', async () => {
    const served = await servedRepository()
    const here = folderDriver(served.folder)
    await commitTo(await served.open('write'), 'first')
    const [dead, list] = [Buffer.from('dead'), Buffer.from(hashBlob(Buffer.from('dead')), 'hex')]
    const paths = [blobPath(hashBlob(dead)), `objects/condemned/${hashBlob(list)}`] as const
    await here.write(paths[0], dead)
    await here.write(paths[1], list)
    const before = await here.readVersioned('root')
    const root = decodeRoot(before?.bytes ?? Buffer.of(), '')
    const condemned = [{ path: paths[1], sinceMs: 0, isDoomed: true }]
    await here.replaceIf('root', before?.version, encodeRoot(nextRoot(root, { condemned })))
    const driver = served.driver('write')
    const doomed = await driver.readVersioned('root')
    const forgotten = encodeRoot(
      nextRoot(root, { generation: root.generation + 2, txid: 'x', condemned: [] }),
    )
    // Not before it is gone.
    await expect(driver.replaceIf('root', doomed?.version, forgotten)).rejects.toMatchObject({
      code: 'DSV_REMOTE_REFUSED',
    })
    await commitTo(await served.open('write'), 'second')
    expect(await here.sizeOf(paths[0])).toBeUndefined()
    expect(await here.sizeOf(paths[1])).toBeUndefined()
    expect((await (await served.openFolder()).readRoot()).condemned).toEqual([])
  })

  it('knows a token no more when it was taken away', async () => {
    const served = await servedRepository()
    const file = defaultTokenFile(served.folder)
    const secret = addToken(file, { name: 'guest', rights: 'read', createdMs: 5 })
    expect((await served.send({ target: '/root', token: secret })).status).toBe(200)
    removeToken(file, 'guest')
    expect((await served.send({ target: '/root', token: secret })).status).toBe(401)
  })

  it('keeps only hashes of tokens, where only the owner reads', async () => {
    const served = await servedRepository()
    const file = defaultTokenFile(served.folder)
    const text = readFileSync(file, 'utf8')
    for (const secret of Object.values(served.tokens)) {
      expect(text).not.toContain(secret)
      expect(text).toContain(createHash('sha256').update(secret).digest('hex'))
    }
    expect(statSync(file).mode & 0o077).toBe(0)
    expect(() => addToken(file, { name: 'read', rights: 'read', createdMs: 0 })).toThrow('is taken')
    expect(() => removeToken(file, 'nobody')).toThrow('is not known')
    expect(readTokens(file).map(({ name }) => name)).toEqual(['read', 'write', 'admin'])
    writeFileSync(file, '{"version":1,"tokens":[{"name":"x","rights":"root"}]}')
    expect(() => readTokens(file)).toThrow('tokens[0] is no token')
  })

  it('lets everybody read only when it is asked to', async () => {
    const closed = await servedRepository()
    expect((await closed.send({ target: '/root' })).status).toBe(401)
    const open = await servedRepository({ isPublic: true })
    expect((await open.send({ target: '/root' })).status).toBe(200)
    expect((await open.send({ target: '/root', token: 'wrong' })).status).toBe(401)
    const store = await Store.open(httpDriver(open.url, { base: '/', env: {} }))
    await expect(commitTo(store, 'x')).rejects.toMatchObject({
      code: 'DSV_REMOTE_CREDENTIALS_MISSING',
    })
  })

  it('tells its owner of every request, and no secret', async () => {
    const served = await servedRepository()
    await served.send({ target: '/root', token: served.tokens.read })
    await served.send({ target: '/root', token: 'wrong' })
    expect(served.log).toMatchObject([
      { method: 'GET', target: '/root', status: 200, token: 'read', problem: undefined },
      { method: 'GET', target: '/root', status: 401, token: undefined },
    ])
    expect(JSON.stringify(served.log)).not.toContain(served.tokens.read)
  })

  it('ends what it works on before it closes, and takes nothing new', async () => {
    const served = await servedRepository()
    const bytes = Buffer.alloc(100_000, 'x')
    const driver = served.driver('write')
    await driver.readVersioned('root')
    const writing = driver.write(blobPath(hashBlob(bytes)), bytes)
    await closeServers()
    const [written] = await Promise.allSettled([writing])
    const isThere =
      (await folderDriver(served.folder).sizeOf(blobPath(hashBlob(bytes)))) === 100_000
    expect(isThere).toBe(written.status === 'fulfilled')
    await expect(served.send({ target: '/root' })).rejects.toMatchObject({ code: 'ECONNREFUSED' })
  })

  it('refuses a large file before it is sent', async () => {
    const served = await servedRepository()
    const bytes = Buffer.alloc(5_000_000)
    const driver = served.driver('read')
    await expect(driver.write(blobPath(hashBlob(bytes)), bytes)).rejects.toMatchObject({
      code: 'DSV_STORAGE_DENIED',
      message: expect.stringContaining('This needs write rights'),
    })
    await driver.close?.()
    await closeServers()
    const entry = served.log.find(({ method }) => method === 'PUT')
    expect(entry).toMatchObject({ status: 403, token: 'read' })
    expect(entry?.receivedBytes).toBeLessThan(100_000)
  })

  it('says when it cannot listen', async () => {
    const { folder, url } = await servedRepository()
    const port = Number(new URL(url).port)
    await expect(serveRepository({ folder, port }).then(remember)).rejects.toMatchObject({
      code: 'DSV_SERVE_ADDRESS_UNAVAILABLE',
      details: { host: '127.0.0.1', port },
    })
  })

  it('serves no folder that is no repository', async () => {
    const { folder } = await servedRepository()
    await expect(
      serveRepository({ folder: path.join(folder, 'objects') }).then(remember),
    ).rejects.toMatchObject({ code: 'DSV_REPOSITORY_NOT_FOUND' })
  })
})

function nextRoot(root: RootRecord, changes: Partial<RootRecord>): RootRecord {
  return { ...root, generation: root.generation + 1, txid: 'next', ...changes }
}

describe('what a writer may make of the root', () => {
  const id = toObjectId('ab'.repeat(32))
  const forged: [string, (root: RootRecord) => RootRecord][] = [
    ['of another repository', (root) => nextRoot(root, { repositoryId: '0'.repeat(32) })],
    ['not the next', (root) => nextRoot(root, { generation: root.generation + 2 })],
    ['of the same generation', (root) => nextRoot(root, { generation: root.generation })],
    ['with a head', (root) => nextRoot(root, { head: { type: 'branch', name: MAIN } })],
    [
      'with a working state',
      (root) => nextRoot(root, { local: { links: [], payload: Buffer.of() } }),
    ],
    ['without its fragments', (root) => nextRoot(root, { fragments: [] })],
    [
      'with fragments that are not there',
      (root) => nextRoot(root, { fragments: [...root.fragments, '0'.repeat(64)] }),
    ],
    [
      'with a ref to nothing',
      (root) => nextRoot(root, { refs: new Map([...root.refs, [`${MAIN}2`, id]]) }),
    ],
    ['without refs', (root) => nextRoot(root, { refs: new Map() })],
    [
      'with refs that no operation explains',
      (root) =>
        nextRoot(root, { refs: new Map([...root.refs, [`${MAIN}2`, root.refs.get(MAIN) ?? id]]) }),
    ],
    ['without the log', (root) => nextRoot(root, { operationHead: undefined })],
    ['with another log', (root) => nextRoot(root, { operationHead: id })],
    ['with other settings', (root) => nextRoot(root, { settings: { graceMs: 0 } })],
    ['with another epoch', (root) => nextRoot(root, { gcEpoch: root.gcEpoch + 1 })],
    [
      'that condemns',
      (root) =>
        nextRoot(root, {
          condemned: root.fragments.map((name) => ({
            path: `objects/index/${name}.idx`,
            sinceMs: 0,
            isDoomed: true,
          })),
        }),
    ],
  ]
  it.each(forged)('is not one %s', async (_name, change) => {
    const served = await servedRepository()
    const driver = served.driver('write')
    await commitTo(await Store.open(driver), 'first')
    const before = await driver.readVersioned('root')
    const root = decodeRoot(before?.bytes ?? Buffer.of(), '')
    await expect(
      driver.replaceIf('root', before?.version, encodeRoot(change(root))),
    ).rejects.toMatchObject({ code: 'DSV_REMOTE_REFUSED' })
    expect(await driver.readVersioned('root')).toEqual(before)
    // The honest change goes through.
    await driver.replaceIf('root', before?.version, encodeRoot(nextRoot(root, {})))
  })

  it.each(['', 'DSVROOT\n', 'x'.repeat(100)])('is not %j', async (text) => {
    const served = await servedRepository()
    const driver = served.driver('admin')
    const before = await driver.readVersioned('root')
    await expect(
      driver.replaceIf('root', before?.version, Buffer.from(text)),
    ).rejects.toMatchObject({ code: 'DSV_REMOTE_REFUSED' })
  })
})
