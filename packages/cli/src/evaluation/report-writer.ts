import { existsSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { UsageError } from '../failure.ts'
import type { CommandIo } from '../io.ts'

/**
 * Returns a function that writes a report to a file; undefined where none is asked for.
 *
 * @throws `UsageError` when something is there already, before any work is done
 */
export function reportWriter(
  typed: string | undefined,
  force: boolean,
  io: CommandIo,
): ((text: string) => void) | undefined {
  if (typed === undefined) return undefined
  const file = path.resolve(io.folder, typed)
  if (!force && existsSync(file))
    throw new UsageError(`There is something already at ${typed}; --force writes over it.`)
  return (text) => writeFileSync(file, text, { flag: force ? 'w' : 'wx' })
}
