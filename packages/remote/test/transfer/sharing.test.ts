import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { addToken, defaultTokenFile, openDriver, serveRepository } from '@dsv/remote'
import { folderDriver, memoryDriver, Store } from '@dsv/store'
import { startS3Server } from '../driver/s3/s3-server.ts'
import { startSftpServer } from '../driver/sftp/sftp-test-server.ts'
import { testSharing } from './sharing-contract.ts'

function temporaryFolder(): { readonly folder: string; readonly remove: () => void } {
  const folder = mkdtempSync(path.join(tmpdir(), 'dsv-sharing-'))
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) }
}

testSharing('memory', async () => {
  const driver = memoryDriver()
  return { open: async () => driver }
})

testSharing('a folder', async () => {
  const { folder, remove } = temporaryFolder()
  return {
    open: async () => openDriver(path.join(folder, 'shared'), { base: folder }),
    stop: async () => remove(),
  }
})

testSharing('S3', async () => {
  const server = await startS3Server()
  const address = `s3://bucket/${randomUUID()}`
  const env = { AWS_ACCESS_KEY_ID: 'key', AWS_SECRET_ACCESS_KEY: 'secret' }
  return {
    open: async () => openDriver(address, { base: '/', options: { endpoint: server.url }, env }),
    stop: async () => server.stop(),
  }
})

testSharing('SFTP', async () => {
  const server = await startSftpServer()
  const address = `sftp://127.0.0.1:${server.port}${server.folder}/shared`
  const options = { 'ssh-config': 'none' }
  return {
    open: async () => openDriver(address, { base: '/', options, env: server.env }),
    stop: async () => server.stop(),
  }
})

testSharing('dsv serve', async () => {
  const { folder, remove } = temporaryFolder()
  await (await Store.create(folderDriver(folder))).close()
  const file = defaultTokenFile(folder)
  const token = addToken(file, { name: 'both', rights: 'write', createdMs: 0 })
  const server = await serveRepository({ folder, graceMs: 100 })
  return {
    isBegun: true,
    open: async () => openDriver(server.url, { base: '/', env: { DSV_TOKEN: token } }),
    stop: async () => {
      await server.close()
      remove()
    },
  }
})
