import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { openDriver } from '@dsv/remote'
import { isDsvError, type StorageDriver } from '@dsv/store'
import git from 'isomorphic-git'
import { FLUSH, pktLine } from '../../src/git/pkt-line.ts'
import { startGitHttpServer } from './git-http-server.ts'

const REF = 'refs/dsv/data'
const bytes = (text: string): Uint8Array => Buffer.from(text)
const hasGit = spawnSync('git', ['--version']).status === 0

/** What a faulty host answers, by the end of the path that is asked for. */
type Answers = Readonly<
  Record<string, (request: IncomingMessage, response: ServerResponse) => void>
>

let folder: string
const servers: Server[] = []
const opened: StorageDriver[] = []
beforeEach(() => {
  folder = fs.mkdtempSync(path.join(tmpdir(), 'dsv-git-test-'))
})
afterEach(async () => {
  for (const driver of opened.splice(0)) await driver.close?.()
  for (const server of servers.splice(0)) {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
  fs.rmSync(folder, { recursive: true })
})

async function host(answers: Answers): Promise<StorageDriver> {
  const started = createServer((request, response) => {
    request.resume()
    const answer = Object.entries(answers).find(([end]) => request.url?.endsWith(end))
    if (answer === undefined) response.writeHead(404).end()
    else request.once('end', () => answer[1](request, response))
  })
  servers.push(started)
  await new Promise<void>((resolve) => void started.listen(0, '127.0.0.1', resolve))
  const address: AddressInfo | string | null = started.address()
  if (typeof address !== 'object' || address === null) throw new Error('It listens.')
  return open(`git+http://127.0.0.1:${address.port}/a.git`)
}

async function open(address: string): Promise<StorageDriver> {
  const driver = await openDriver(address, { base: folder, env: { DSV_GIT_TOKEN: 'secret' } })
  opened.push(driver)
  return driver
}

const send =
  (...parts: readonly (Uint8Array | string)[]) =>
  (_request: IncomingMessage, response: ServerResponse): void =>
    void response.end(Buffer.concat(parts.map((part) => Buffer.from(part))))

const UPLOAD = '/info/refs?service=git-upload-pack'
const RECEIVE = '/info/refs?service=git-receive-pack'
const refs = (service: string, ...lines: readonly string[]): Buffer =>
  Buffer.concat([
    pktLine(`# service=${service}\n`),
    FLUSH,
    ...lines.map((line) => pktLine(line)),
    FLUSH,
  ])

/** Makes a commit with one file `root`, and the pack of it. */
async function commitAndPack(): Promise<{ readonly oid: string; readonly pack: Uint8Array }> {
  const gitdir = path.join(folder, 'source.git')
  await git.init({ fs, gitdir, bare: true })
  const blob = await git.writeBlob({ fs, gitdir, blob: bytes('the root') })
  const entry = { mode: '100644', path: 'root', oid: blob, type: 'blob' as const }
  const tree = await git.writeTree({ fs, gitdir, tree: [entry] })
  const author = { name: 'A', email: 'a@example.org', timestamp: 1, timezoneOffset: 0 }
  const commit = { tree, parent: [], author, committer: author, message: 'a\n' }
  const oid = await git.writeCommit({ fs, gitdir, commit })
  const { packfile } = await git.packObjects({ fs, gitdir, oids: [oid, tree, blob] })
  if (packfile === undefined) throw new Error('A pack was made.')
  return { oid, pack: packfile }
}

async function failureOf(work: Promise<unknown>): Promise<string> {
  try {
    await work
    return 'none'
  } catch (error) {
    if (isDsvError(error)) return `${error.code} ${error.message} ${error.hint}`
    throw error
  }
}

describe('a faulty Git host', () => {
  it.each<[string, Uint8Array | string]>([
    ['a web page', '<html>'],
    ['nothing', ''],
    ['a line that is longer than the answer', 'ffff# service=git-upload-pack'],
    ['a line shorter than its length', '0003'],
    ['another service', refs('git-receive-pack')],
    ['a length that is no number', '00-1# service=git-upload-pack'],
    ['zero bytes', new Uint8Array(1000)],
  ])('is told from one, when it sends %s', async (_what, answer) => {
    const driver = await host({ [UPLOAD]: send(answer) })
    expect(await failureOf(driver.readVersioned('root'))).toMatch(/^DSV_GIT_FAILED .*no Git host/)
  })

  it.each<[string, (oid: string, pack: Uint8Array) => (Uint8Array | string)[]]>([
    ['no pack', () => [pktLine('NAK\n')]],
    ['nonsense', () => ['nonsense']],
    ['a pack that is cut', (_, pack) => [pktLine('NAK\n'), pack.subarray(0, pack.length - 30)]],
    ['a pack with another byte', (_, pack) => [pktLine('NAK\n'), altered(pack)]],
    ['a pack that claims 4 billion objects', (_, pack) => [pktLine('NAK\n'), claiming(pack)]],
    ['an empty pack', () => [pktLine('NAK\n'), 'PACK']],
    ['an error', () => [pktLine('ERR \u001B[2Jgo away\n')]],
  ])('gives nothing when it sends %s', async (_what, answer) => {
    const { oid, pack } = await commitAndPack()
    const driver = await host({
      [UPLOAD]: send(refs('git-upload-pack', `${oid} ${REF}\n`)),
      '/git-upload-pack': send(...answer(oid, pack)),
    })
    expect(await failureOf(driver.readVersioned('root'))).toMatch(/^DSV_GIT_FAILED /)
  })

  it('gives nothing when it sends another commit than it was asked for', async () => {
    const { pack } = await commitAndPack()
    const other = 'ab'.repeat(20)
    const driver = await host({
      [UPLOAD]: send(refs('git-upload-pack', `${other} ${REF}\n`)),
      '/git-upload-pack': send(pktLine('NAK\n'), pack),
    })
    expect(await failureOf(driver.readVersioned('root'))).toContain('did not send what was asked')
  })

  it('is read when it is whole again', async () => {
    const { oid, pack } = await commitAndPack()
    let turn = 0
    const driver = await host({
      [UPLOAD]: send(refs('git-upload-pack', `${oid} ${REF}\0side-band-64k\n`)),
      '/git-upload-pack': (request, response) => {
        turn += 1
        if (turn > 1) send(pktLine('NAK\n'), pack)(request, response)
        else {
          response.writeHead(200, { 'content-length': String(pack.length) })
          response.write(pack.subarray(0, 40), () => response.destroy())
        }
      },
    })
    expect(await failureOf(driver.readVersioned('root'))).toMatch(/^DSV_STORAGE_FAILED /)
    expect(Buffer.from((await driver.readVersioned('root'))?.bytes ?? []).toString()).toBe(
      'the root',
    )
  })

  it('is given up when it lists refs without end', async () => {
    const line = pktLine(`${'ab'.repeat(20)} refs/heads/${'x'.repeat(60_000)}\n`)
    const many = Buffer.concat(Array.from({ length: 100 }, () => line))
    let sent = 0
    const driver = await host({
      [UPLOAD]: (_request, response) => {
        response.write(Buffer.concat([pktLine('# service=git-upload-pack\n'), FLUSH]))
        const more = (): void => {
          if (response.destroyed) return
          sent += many.length
          response.write(many, more)
        }
        more()
      },
    })
    expect(await failureOf(driver.readVersioned('root'))).toContain('it sends too much')
    expect(sent).toBeLessThan(300 * 2 ** 20)
  })
})

describe('a Git host that takes no push', () => {
  const none = send(refs('git-upload-pack', `${'0'.repeat(40)} capabilities^{}\0x\n`))
  const swap = async (answer: Answers[string]): Promise<string> => {
    const driver = await host({
      [UPLOAD]: none,
      [RECEIVE]: send(refs('git-receive-pack', `${'0'.repeat(40)} capabilities^{}\0x\n`)),
      '/git-receive-pack': answer,
    })
    return failureOf(driver.replaceIf('root', undefined, bytes('x')))
  }

  it('is asked whether it did, and believed', async () => {
    expect(
      await swap(send(pktLine('unpack ok\n'), pktLine(`ng ${REF} protected branch\n`))),
    ).toMatch(/^DSV_STORAGE_DENIED .*protected branch/)
    expect(await swap(send(pktLine('unpack index-pack abnormal exit\n')))).toContain(
      'index-pack abnormal exit',
    )
    expect(await swap(send(pktLine('unpack ok\n'), pktLine('ok refs/heads/other\n')))).toContain(
      'does not say whether',
    )
    expect(await swap((_request, response) => response.destroy())).toMatch(/^DSV_STORAGE_FAILED/)
    expect(await swap((_request, response) => void response.writeHead(403).end())).toMatch(
      /^DSV_GIT_DENIED/,
    )
  })

  it('sends nobody elsewhere with what is pushed', async () => {
    const seen: string[] = []
    const elsewhere = createServer((request, response) => {
      seen.push(`${request.url} ${request.headers.authorization}`)
      response.end(refs('git-receive-pack'))
    })
    servers.push(elsewhere)
    await new Promise<void>((resolve) => void elsewhere.listen(0, '127.0.0.1', resolve))
    const address: AddressInfo | string | null = elsewhere.address()
    if (typeof address !== 'object' || address === null) throw new Error('It listens.')
    const location = `http://127.0.0.1:${address.port}/b.git${RECEIVE}`
    const driver = await host({
      [UPLOAD]: none,
      [RECEIVE]: (_request, response) => void response.writeHead(302, { location }).end(),
    })
    expect(await failureOf(driver.replaceIf('root', undefined, bytes('x')))).toContain(
      'it redirects a push',
    )
    expect(seen).toEqual([`/b.git${RECEIVE} undefined`])
  })
})

const withGit = hasGit ? describe : describe.skip
if (!hasGit) process.stderr.write('Git is not installed: no test of protected refs.\n')

withGit('a real Git host', () => {
  it('says why a protected ref was not moved, and takes the push when it may', async () => {
    const gitdir = path.join(folder, 'real.git')
    await git.init({ fs, gitdir, bare: true, defaultBranch: 'main' })
    const hook = path.join(gitdir, 'hooks', 'update')
    fs.mkdirSync(path.dirname(hook), { recursive: true })
    fs.writeFileSync(hook, '#!/bin/sh\necho no >&2\nexit 1\n', { mode: 0o755 })
    const real = await startGitHttpServer(folder)
    try {
      const driver = await open(`${real.url}/real.git`)
      await driver.write('objects/a', bytes('a'))
      expect(await failureOf(driver.replaceIf('root', undefined, bytes('x')))).toMatch(
        /^DSV_STORAGE_DENIED .*hook declined/,
      )
      const other = await open(`${real.url}/real.git`)
      expect(await other.readVersioned('root')).toBeUndefined()
      fs.rmSync(hook)
      // What waited to be pushed was kept.
      await driver.replaceIf('root', undefined, bytes('x'))
      expect(Buffer.from((await other.readVersioned('root'))?.bytes ?? []).toString()).toBe('x')
      expect(Buffer.from(await other.read('objects/a')).toString()).toBe('a')
    } finally {
      await real.close()
    }
  })
})

function altered(pack: Uint8Array): Uint8Array {
  const copy = Uint8Array.from(pack)
  copy[20] = (copy[20] ?? 0) ^ 1
  return copy
}

function claiming(pack: Uint8Array): Uint8Array {
  const copy = Buffer.from(pack)
  copy.writeUInt32BE(0xff_ff_ff_ff, 8)
  return copy
}
