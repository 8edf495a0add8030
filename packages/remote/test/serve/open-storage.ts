import { mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterAll } from '@jest/globals'
import { folderDriver, type StorageDriver } from '@dsv/store'
import { httpDriver } from '../../src/driver/http/http-driver.ts'
import type { StorageRules } from '../../src/serve/storage-rules.ts'
import { type RunningServer, serveStorage } from '../../src/serve/storage-server.ts'

const running: RunningServer[] = []
const folders: string[] = []

afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
})

/** Makes a folder that is deleted after the last test of the file. */
export function temporaryFolder(name: string): string {
  const folder = mkdtempSync(path.join(os.tmpdir(), `dsv-${name}-`))
  folders.push(folder)
  return folder
}

/** Closes every server that a test of this file started. */
export async function closeServers(): Promise<void> {
  await Promise.all(running.splice(0).map((server) => server.close()))
}

/** Remembers a server for {@link closeServers}. */
export function remember<Server extends RunningServer>(server: Server): Server {
  running.push(server)
  return server
}

/** Serves an empty folder without any rules, and opens it. */
export async function openServedFolder(): Promise<StorageDriver> {
  const driver = folderDriver(temporaryFolder('serve'))
  const versioned = new Set(['root', 'new'])
  const rules: StorageRules = {
    rightsFor: (_access, file) => (file.startsWith('local/') ? undefined : 'write'),
    isVersioned: (file) => versioned.has(file),
    maxBytes: () => 1024 * 1024,
    readVersioned: (file) => driver.readVersioned(file),
    replaceIf: (file, expected, { bytes }) => driver.replaceIf(file, expected, bytes),
    check: async () => {},
    checkDelete: async () => {},
  }
  const token = { name: 'test', rights: 'write', sha256: '', createdMs: 0 } as const
  const findToken = (secret: string) => (secret === 'secret' ? token : undefined)
  const server = remember(
    await serveStorage({ driver, rules, findToken }, { pageSize: 7, graceMs: 100 }),
  )
  return httpDriver(server.url, { base: '/', env: { DSV_TOKEN: 'secret' } })
}
