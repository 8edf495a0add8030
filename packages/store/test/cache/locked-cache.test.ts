import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { loadStatCache, openLevelCache } from '@dsv/store'

const HOLD = `
  const { Level } = require('level')
  const database = new Level(process.argv[1])
  database.open().then(() => process.stdout.write('open'))
  process.stdin.resume()
`

describe('openLevelCache', () => {
  let folder: string
  let child: ChildProcess

  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'dsv-locked-'))
    child = spawn(process.execPath, ['-e', HOLD, path.join(folder, 'cache')], {
      cwd: path.join(import.meta.dirname, '../..'),
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    if (child.stdout !== null) await once(child.stdout, 'data')
  })

  afterEach(async () => {
    child.kill('SIGKILL')
    await rm(folder, { recursive: true, force: true })
  })

  it('gives no cache while another process has it open, and one afterwards', async () => {
    const locked = await openLevelCache(path.join(folder, 'cache'))
    expect(locked).toBeUndefined()
    await loadStatCache(locked).update({ removed: ['file'] })

    child.kill('SIGKILL')
    await once(child, 'exit')

    const free = await openLevelCache(path.join(folder, 'cache'))
    expect(free).toBeDefined()
    await free?.close()
  })
})
