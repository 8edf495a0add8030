import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'

/** Runs `work` in a new folder, in memory where the system has such a file system, and deletes it. */
export async function withScratch(work) {
  const memory = '/dev/shm'
  const parent = fs.existsSync(memory) ? memory : os.tmpdir()
  const folder = fs.mkdtempSync(path.join(parent, 'dsv-reliability-'))
  try {
    return await work(folder)
  } finally {
    fs.rmSync(folder, { recursive: true, force: true })
  }
}
