import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { openSandbox, type Sandbox } from './run-cli.ts'

let sandbox: Sandbox
let server: Server
let seen: string[]
beforeEach(async () => {
  sandbox = openSandbox()
  seen = []
  server = createServer((request, response) => {
    seen.push(`${request.method} ${request.url} ${request.headers.authorization}`)
    response.writeHead(404).end()
  })
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
})
afterEach(async () => {
  sandbox.close()
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
})

function imports(url: string, options: Record<string, string> = {}): string {
  const entry = { url, options, from: 'data', commit: 'ab'.repeat(32) }
  return JSON.stringify({ version: 1, imports: { data: entry } })
}

/** Commits a `.dsvimports` that a stranger wrote, and clones it. */
async function cloneOf(text: string): Promise<string> {
  sandbox.write('source/.dsvimports', text)
  const folder = path.join(sandbox.folder, 'source')
  for (const words of [['init'], ['add', '.'], ['commit', '-m', 'x']])
    expect(await sandbox.dsvWith({ folder }, ...words)).toMatchObject({ exitCode: 0 })
  expect(await sandbox.dsv('clone', 'source', 'copy')).toMatchObject({ exitCode: 0 })
  return path.join(sandbox.folder, 'copy')
}

describe('imports that a repository names', () => {
  it('are asked for by `dsv update` alone, and get no token', async () => {
    const address: AddressInfo | string | null = server.address()
    if (typeof address !== 'object' || address === null) throw new Error('It listens.')
    const url = `http://127.0.0.1:${address.port}/latest/meta-data`
    const folder = await cloneOf(imports(url))
    const environment = { HOME: sandbox.folder, DSV_TOKEN: 'secret', DSV_GIT_TOKEN: 'secret' }
    const there = { folder, environment }
    for (const words of [['status'], ['pull'], ['imports'], ['fetch'], ['checkout', 'main']])
      await sandbox.dsvWith(there, ...words)
    expect(seen).toEqual([])
    const updated = await sandbox.dsvWith(there, 'update')
    expect(updated.exitCode).toBe(1)
    expect(seen).not.toEqual([])
    expect(seen.join()).not.toContain('secret')
  })

  it('name no files of this machine as secrets, and none that are no repository', async () => {
    const folder = await cloneOf(imports('https://127.0.0.1:1/x', { 'token-file': '/etc/hosts' }))
    const refused = await sandbox.dsvWith({ folder }, 'update')
    expect(refused.note).toContain('DSV_REMOTE_OPTION_INVALID')
    sandbox.write('copy/.dsvimports', imports('file:///etc'))
    await sandbox.dsvWith({ folder }, 'add', '.')
    expect((await sandbox.dsvWith({ folder }, 'update')).note).toContain('DSV_REPOSITORY_NOT_FOUND')
  })

  it('are not read when they are too many to be meant', async () => {
    const folder = await cloneOf(imports(`https://127.0.0.1:1/${'x'.repeat(17 * 2 ** 20)}`))
    expect((await sandbox.dsvWith({ folder }, 'imports')).note).toContain('DSV_IMPORTS_INVALID')
  })
})
