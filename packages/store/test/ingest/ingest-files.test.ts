import { afterAll, describe, expect, it } from '@jest/globals'
import {
  beginObjectWrites,
  type ClosableObjectReader,
  type FolderDriver,
  folderDriver,
  hashBlob,
  ingestFiles,
  type ObjectWriteSession,
  openObjectReader,
  placeBlob,
  placeFiles,
} from '@dsv/store'
import fs from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { MessageChannel } from 'node:worker_threads'

import { serveWorker } from '../../src/ingest/serve-worker.ts'
import type { WorkerAnswer } from '../../src/ingest/worker-messages.ts'

const sandbox = fs.mkdtempSync(path.join(tmpdir(), 'dsv-ingest-'))
afterAll(() => fs.rmSync(sandbox, { recursive: true }))
let made = 0

const limits = {
  packBelowBytes: 1000,
  chunkFromBytes: 20_000,
  chunkSizes: { min: 1000, average: 4000, max: 9000 },
}

interface Setting {
  readonly driver: FolderDriver
  readonly reader: ClosableObjectReader
  readonly session: ObjectWriteSession
  readonly folder: string
  readonly write: (name: string, bytes: Uint8Array | string) => string
  readonly commit: () => Promise<void>
}

function open(): Setting {
  const folder = path.join(sandbox, `${(made += 1)}`)
  fs.mkdirSync(folder)
  const driver = folderDriver(path.join(folder, 'store'))
  let names: readonly string[] = []
  const reader = openObjectReader(driver, { current: () => names, reload: async () => names })
  const session = beginObjectWrites(driver, reader, limits)
  return {
    driver,
    reader,
    session,
    folder,
    write(name, bytes) {
      fs.writeFileSync(path.join(folder, name), bytes)
      return path.join(folder, name)
    },
    async commit() {
      names = (await session.seal()).fragments.map(({ name }) => name)
    },
  }
}

const sizes = [0, 1, 999, 1000, 5000, 20_000, 100_000]
const contentOf = (size: number): Buffer =>
  Buffer.from(Uint8Array.from({ length: size }, (_, index) => (index * index * 31) >>> 3))

describe('ingestFiles', () => {
  it('tells of each file by its place in the list', async () => {
    const { session, write } = open()
    const files = Array.from({ length: 600 }, (_, n) => ({ path: write(`file${n}`, `${n % 7}`) }))
    const told = new Map<number, string>()
    const onFile = (at: number, file: { path: string }): void => void told.set(at, file.path)
    expect(await ingestFiles(session, files, { onFile })).toEqual([])
    expect([...told]).toEqual(files.map(({ path: file }, at) => [at, file]))
  })

  it('stores every file and tells its id, size and stamp', async () => {
    const { session, reader, write, commit } = open()
    const files = sizes.map((size) => ({ path: write(`${size}`, contentOf(size)) }))
    const progress: number[] = []
    const ingested = await ingestFiles(session, files, {
      onProgress: (done) => progress.push(done.files),
    })
    expect(progress.at(-1)).toBe(sizes.length)
    await commit()
    for (const [index, size] of sizes.entries()) {
      const stat = fs.statSync(files[index]?.path ?? '', { bigint: true })
      const blobId = hashBlob(contentOf(size))
      expect(ingested[index]).toMatchObject({
        blobId,
        sizeBytes: size,
        stamp: { sizeBytes: size, inode: stat.ino, modifiedNs: stat.mtimeNs },
      })
      expect(Buffer.from(await reader.getBlob(blobId)).equals(contentOf(size))).toBe(true)
    }
    reader.close()
  })

  it('says which file is gone and which is none', async () => {
    const { session, folder } = open()
    await expect(ingestFiles(session, [{ path: path.join(folder, 'x') }])).rejects.toMatchObject({
      code: 'DSV_FILE_GONE',
    })
    await expect(ingestFiles(session, [{ path: folder }])).rejects.toMatchObject({
      code: 'DSV_STORAGE_FAILED',
    })
  })

  it('gives up on a file that changes whenever it is read', async () => {
    const { session, write } = open()
    const file = write('a', 'x')
    let time = 1
    const restless: ObjectWriteSession = {
      ...session,
      putHashedBlob: async () => fs.utimesSync(file, time, (time += 1)),
    }
    await expect(ingestFiles(restless, [{ path: file }])).rejects.toMatchObject({
      code: 'DSV_FILE_CHANGED',
    })
    expect(time).toBe(4)
  })

  it('reads a file again that changed once', async () => {
    const { session, write } = open()
    const file = write('a', 'old')
    let isFirst = true
    const restless: ObjectWriteSession = {
      ...session,
      async putHashedBlob(blobId, bytes) {
        if (isFirst) fs.writeFileSync(file, 'newer')
        isFirst = false
        await session.putHashedBlob(blobId, bytes)
      },
    }
    const [ingested] = await ingestFiles(restless, [{ path: file }])
    expect(ingested?.blobId).toBe(hashBlob(Buffer.from('newer')))
  })

  it('stops when it is told to', async () => {
    const { session, write } = open()
    const signal = AbortSignal.abort(new Error('stop'))
    const files = [{ path: write('a', 'x') }]
    await expect(ingestFiles(session, files, { signal })).rejects.toThrow('stop')
  })
})

describe('serveWorker', () => {
  it('stores files that the session of the main thread then seals, and places them', async () => {
    const { session, reader, driver, folder, write, commit } = open()
    const paths = sizes.map((size) => write(`${size}`, contentOf(size)))
    const { port1, port2 } = new MessageChannel()
    serveWorker(port2, {
      folder: driver.localFolder,
      packBelowBytes: driver.packBelowBytes,
      fragments: [],
      writeOptions: limits,
      placeOptions: {},
    })
    const answers: WorkerAnswer[] = []
    const finished = new Promise<void>((resolve) => {
      port1.on('message', (answer: WorkerAnswer) => {
        answers.push(answer)
        if (answer.type === 'finished') resolve()
      })
    })
    port1.postMessage({ type: 'ingest', batch: 0, paths })
    port1.postMessage({ type: 'finish' })
    await finished
    expect(answers.map((answer) => answer.type)).toEqual(['ingested', 'finished'])
    for (const answer of answers) {
      if (answer.type === 'finished' && answer.objects) session.takeOver(answer.objects)
    }
    await commit()
    const placements = sizes.map((size) => ({
      blobId: hashBlob(contentOf(size)),
      target: path.join(folder, 'out', 'deep', `${size}`),
    }))
    await placeFiles(reader, driver, placements)
    for (const [index, { target }] of placements.entries()) {
      expect(fs.readFileSync(target).equals(contentOf(sizes[index] ?? 0))).toBe(true)
    }
    expect(fs.readdirSync(path.join(driver.localFolder, 'local/tmp'))).toEqual([])
    reader.close()
  })

  it('posts a failure with its code', async () => {
    const { driver, folder } = open()
    const { port1, port2 } = new MessageChannel()
    serveWorker(port2, {
      folder: driver.localFolder,
      packBelowBytes: 1000,
      fragments: [],
      writeOptions: {},
      placeOptions: {},
    })
    const answer = new Promise((resolve) => port1.on('message', resolve))
    port1.postMessage({ type: 'ingest', batch: 0, paths: [path.join(folder, 'missing')] })
    expect(await answer).toMatchObject({ type: 'failed', failure: { code: 'DSV_FILE_GONE' } })
  })
})

async function stored(size: number) {
  const setting = open()
  const blobId = await setting.session.putBlob(contentOf(size))
  await setting.commit()
  return { ...setting, blobId, target: path.join(setting.folder, 'target') }
}

describe('placeFiles', () => {
  const old = Buffer.alloc(50, 'o')
  const names = Array.from({ length: 40 }, (_, n) => `file-${n}`)
  const contentOfName = (name: string): Buffer => Buffer.from(`new ${name}`)

  async function placedOver(missing: string | undefined) {
    const { session, commit, reader, driver, folder, write } = open()
    const placements = names.map((name) => ({
      blobId: hashBlob(contentOfName(name)),
      target: write(name, old),
    }))
    for (const name of names) if (name !== missing) await session.putBlob(contentOfName(name))
    await commit()
    const placing = placeFiles(reader, driver, placements, { isOldStored: true })
    return { placing, placements, reader, folder }
  }

  it('puts each file in the place of an old one that is stored', async () => {
    const { placing, placements, reader } = await placedOver(undefined)
    const placed = await placing
    for (const [at, name] of names.entries()) {
      const target = placements[at]?.target ?? ''
      expect(placed[at]?.target).toBe(target)
      expect(fs.readFileSync(target).equals(contentOfName(name))).toBe(true)
      expect(placed[at]?.stamp.inode).toBe(fs.statSync(target, { bigint: true }).ino)
    }
    reader.close()
  })

  it('leaves every file old or new, and nothing under way, when one cannot be made', async () => {
    const { placing, placements, reader, folder } = await placedOver(names[17])
    await expect(placing).rejects.toMatchObject({ code: 'DSV_OBJECT_NOT_FOUND' })
    const found = placements.map(({ target }) => fs.readFileSync(target).toString('latin1'))
    for (const [at, name] of names.entries())
      expect([old.toString('latin1'), contentOfName(name).toString('latin1')]).toContain(found[at])
    expect(found[17]).toBe(old.toString('latin1'))
    const left = fs.readdirSync(folder).filter((name) => name.startsWith('file'))
    expect(left).toHaveLength(names.length)
    reader.close()
  })
})

describe('placeBlob', () => {
  it.each(['copy', 'hardlink'] as const)('makes the file by %s', async (link) => {
    const { reader, driver, blobId, target } = await stored(5000)
    fs.writeFileSync(target, 'what was there')
    await placeBlob(reader, driver, blobId, target, { link })
    expect(fs.readFileSync(target).equals(contentOf(5000))).toBe(true)
    expect(fs.statSync(target).nlink).toBe(link === 'copy' ? 1 : 2)
    reader.close()
  })

  it('sets the mode', async () => {
    const { reader, driver, blobId, target } = await stored(10)
    await placeBlob(reader, driver, blobId, target, { mode: 0o700 })
    expect(fs.statSync(target).mode & 0o777).toBe(0o700 & ~process.umask())
    reader.close()
  })

  it.each(['copy', 'hardlink'] as const)(
    'leaves the target alone when the stored bytes are damaged (%s)',
    async (link) => {
      const { reader, driver, blobId, target, folder } = await stored(5000)
      fs.writeFileSync(target, 'what was there')
      const file = driver.absolutePath(`objects/blob/${blobId.slice(0, 2)}/${blobId.slice(2)}`)
      fs.writeFileSync(file, contentOf(5000).fill(1, 100, 101))
      await expect(placeBlob(reader, driver, blobId, target, { link })).rejects.toMatchObject({
        code: 'DSV_OBJECT_CORRUPT',
      })
      expect(fs.readFileSync(target, 'utf8')).toBe('what was there')
      expect(fs.readdirSync(folder).filter((name) => name.includes('tmp'))).toEqual([])
      reader.close()
    },
  )
})
