import { afterAll, expect, it } from '@jest/globals'
import {
  beginObjectWrites,
  folderDriver,
  hashBlob,
  ingestAside,
  type ObjectWriteSession,
  openObjectReader,
} from '@dsv/store'
import fs from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

const sandbox = fs.mkdtempSync(path.join(tmpdir(), 'dsv-aside-'))
afterAll(() => fs.rmSync(sandbox, { recursive: true }))

const file = path.join(sandbox, 'file')
const content = Buffer.alloc(3_000_000, 'some words ')

function openSession(): ObjectWriteSession {
  const driver = folderDriver(fs.mkdtempSync(path.join(sandbox, 'store-')))
  const reader = openObjectReader(driver, { current: () => [], reload: async () => [] })
  return beginObjectWrites(driver, reader)
}

it('tells the id, size and stamp of a file, and stores it', async () => {
  fs.writeFileSync(file, content)
  const session = openSession()
  const { file: identified, stored } = await ingestAside(session, file, {})
  const { mtimeNs, ctimeNs } = fs.statSync(file, { bigint: true })
  const stamp = { modifiedNs: mtimeNs, changedNs: ctimeNs }
  const blobId = hashBlob(content)
  expect(identified).toMatchObject({ path: file, blobId, sizeBytes: content.length, stamp })
  await stored
  expect(content.equals(await session.getBlob(blobId))).toBe(true)
})

it.each([
  ['other bytes', Buffer.alloc(content.length, 'other words')],
  ['the same bytes, written anew', content],
])('fails when the file holds %s by the time it is stored', async (_, later) => {
  fs.writeFileSync(file, content)
  const session = openSession()
  let isChanged = false
  const changing: ObjectWriteSession = {
    ...session,
    async putHashedBlob(blobId, bytes) {
      await session.putHashedBlob(blobId, bytes)
      if (!isChanged) fs.writeFileSync(file, later)
      isChanged = true
    },
  }
  const { stored } = await ingestAside(changing, file, {})
  await expect(stored).rejects.toMatchObject({ code: 'DSV_FILE_CHANGED' })
  expect(isChanged).toBe(true)
})

it('stops hashing when it is told to', async () => {
  fs.writeFileSync(file, content)
  const stopping = ingestAside(openSession(), file, {
    signal: AbortSignal.abort(new Error('stop')),
  })
  await expect(stopping).rejects.toThrow('stop')
})
