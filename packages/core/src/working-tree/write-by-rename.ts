import { randomUUID } from 'node:crypto'
import { renameSync, rmSync, writeFileSync } from 'node:fs'
import { open } from 'node:fs/promises'
import path from 'node:path'
import { giveWay } from '@dsv/store'
import { TEMPORARY } from './ignore-rules.ts'

/** One name for all files that are written at once: a folder keeps one place for it. */
const NAME = `${TEMPORARY}${randomUUID()}`

/**
 * Writes a file beside its place and renames it, so that nobody reads half of one. What is in its place
 * is replaced.
 */
export async function writeByRename(
  file: string,
  content: Uint8Array | AsyncIterable<Uint8Array>,
): Promise<void> {
  const isWhole = content instanceof Uint8Array
  const name = isWhole ? NAME : `${TEMPORARY}${randomUUID()}`
  const temporary = path.join(path.dirname(file), name)
  try {
    if (isWhole) {
      // Calls that wait are several times as fast as promises; others get their turn in between.
      writeFileSync(temporary, content, { flag: 'wx' })
    } else {
      const handle = await open(temporary, 'wx')
      try {
        for await (const piece of content) await handle.writeFile(piece)
      } finally {
        await handle.close()
      }
    }
    renameSync(temporary, file)
  } catch (error) {
    rmSync(temporary, { force: true })
    throw error
  }
  if (isWhole) await giveWay()
}
