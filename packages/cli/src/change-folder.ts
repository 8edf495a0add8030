import path from 'node:path'
import { UsageError } from './failure.ts'
import type { CommandIo } from './io.ts'

/** Takes `-C <folder>` from the beginning of a command line: it runs as if started there. */
export function changeFolder(
  argv: readonly string[],
  io: CommandIo,
): { readonly words: readonly string[]; readonly place: CommandIo } {
  let { folder } = io
  let at = 0
  for (; argv[at] === '-C'; at += 2) {
    const next = argv[at + 1]
    if (next === undefined) throw new UsageError('`-C` needs a folder.')
    folder = path.resolve(folder, next)
  }
  return { words: argv.slice(at), place: at === 0 ? io : { ...io, folder } }
}
