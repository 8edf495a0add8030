import { execFile } from 'node:child_process'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it } from '@jest/globals'

const run = promisify(execFile)
const EXAMPLES = path.join(import.meta.dirname, '..', 'examples')

const stories = (await readdir(EXAMPLES, { withFileTypes: true }))
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name)
  .toSorted()

describe('examples', () => {
  it.each(stories)(
    '%s runs to its end and says nothing on stderr that it should not',
    async (story) => {
      const folder = await mkdtemp(path.join(os.tmpdir(), 'dsv example '))
      try {
        const { stdout } = await run('bash', [path.join(EXAMPLES, story, 'run.sh'), folder])
        expect(stdout).toContain('# ')
        // What a bug, or a message that was put together wrongly, would look like.
        expect(stdout).not.toMatch(/undefined|\[object Object\]|NaN/)
      } finally {
        await rm(folder, { recursive: true, force: true })
      }
    },
    180_000,
  )
})
