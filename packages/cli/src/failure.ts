import { isDsvError } from '@dsv/core'
import { FAILED, MISUSED } from './command.ts'
import type { CommandIo } from './io.ts'

/** The exit code of a bug in dsv. */
const BUG = 70

/** The exit code after Ctrl-C, as shells expect it. */
const INTERRUPTED = 130

/** The command line makes no sense: unknown command, missing argument, options that exclude others. */
export class UsageError extends Error {}

/** Prints why a command failed: one sentence and one hint. Returns the exit code. */
export function reportFailure(error: unknown, io: CommandIo): number {
  if (io.signal.aborted) {
    io.note('Interrupted. The repository is as it was.\n')
    return INTERRUPTED
  }
  if (error instanceof UsageError) {
    io.note(`error: ${error.message}\n  hint: See \`dsv --help\` and \`dsv <command> --help\`.\n`)
    return MISUSED
  }
  if (isDsvError(error)) {
    io.note(`error: ${error.message}\n`)
    if (error.hint !== undefined) io.note(`  hint: ${error.hint}\n`)
    io.note(`  code: ${error.code}\n`)
    return error.code.startsWith('DSV_USAGE') ? MISUSED : FAILED
  }
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error)
  io.note(`bug: ${text}\n  hint: This is a fault in dsv. Please report it with the lines above.\n`)
  return BUG
}
