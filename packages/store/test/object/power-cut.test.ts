import { afterAll, describe, expect, it } from '@jest/globals'
import {
  beginObjectWrites,
  type FileSystem,
  folderDriver,
  hashBlob,
  nodeFileSystem,
  openObjectReader,
} from '@dsv/store'
import fs from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

const sandbox = fs.mkdtempSync(path.join(tmpdir(), 'dsv-power-'))
afterAll(() => fs.rmSync(sandbox, { recursive: true }))

const limits = {
  packBelowBytes: 100,
  chunkFromBytes: 1000,
  chunkSizes: { min: 100, average: 200, max: 400 },
  packTargetBytes: 500,
}
const contents = [10, 50, 90, 150, 160, 1500].map((size, index) => Buffer.alloc(size, `${index}ab`))

/** Stops before call number `stopAt`; then `cutPower` zeroes what was never flushed, keeping the size. */
function failingFiles(stopAt: number): {
  files: FileSystem
  calls: () => number
  cutPower: () => void
} {
  const names = new Map<number, string>()
  const unflushed = new Set<string>()
  let calls = 0
  function step(): void {
    if (calls >= stopAt) throw new Error('stopped')
    calls += 1
  }
  const files: FileSystem = {
    ...nodeFileSystem,
    open(file, flags) {
      if (flags !== 'r') step()
      const descriptor = nodeFileSystem.open(file, flags)
      names.set(descriptor, file)
      if (flags !== 'r') unflushed.add(file)
      return descriptor
    },
    write(descriptor, bytes) {
      step()
      return nodeFileSystem.write(descriptor, bytes)
    },
    fsync(descriptor) {
      step()
      unflushed.delete(names.get(descriptor) ?? '')
    },
    syncAll() {
      step()
      unflushed.clear()
      return true
    },
    rename(from, to) {
      step()
      nodeFileSystem.rename(from, to)
      if (unflushed.delete(from)) unflushed.add(to)
    },
    unlink(file) {
      step()
      nodeFileSystem.unlink(file)
    },
  }
  function cutPower(): void {
    for (const file of unflushed) {
      if (fs.existsSync(file)) fs.writeFileSync(file, Buffer.alloc(fs.statSync(file).size))
    }
  }
  return { files, calls: () => calls, cutPower }
}

async function putAll(folder: string, files: FileSystem): Promise<readonly string[]> {
  const driver = folderDriver(folder, { files })
  const none = { current: () => [], reload: async () => [] }
  const session = beginObjectWrites(driver, openObjectReader(driver, none), limits)
  for (const bytes of contents) await session.putBlob(bytes)
  return (await session.seal()).fragments.map(({ name }) => name)
}

describe('a power cut', () => {
  it('at any call leaves nothing that is later taken for stored bytes', async () => {
    let isDone = false
    let stopAt = 0
    for (; !isDone; stopAt += 1) {
      const folder = path.join(sandbox, `${stopAt}`)
      const { files, cutPower } = failingFiles(stopAt)
      isDone = await putAll(folder, files).then(
        () => true,
        () => false,
      )
      cutPower()
      const names = await putAll(folder, nodeFileSystem)
      const driver = folderDriver(folder)
      const reader = openObjectReader(driver, { current: () => names, reload: async () => names })
      for (const bytes of contents) {
        const id = hashBlob(bytes)
        expect(Buffer.from(await reader.getBlob(id)).equals(bytes)).toBe(true)
      }
      reader.close()
    }
    expect(stopAt).toBeGreaterThan(30)
  })
})
