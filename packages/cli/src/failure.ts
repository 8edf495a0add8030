import { isDsvError } from '@dsv/core'
import { systemErrorCode } from '@dsv/store'
import { FAILED, MISUSED } from './command.ts'
import type { CommandIo } from './io.ts'
import { printable } from './views/printable.ts'

/** The exit code of a bug in dsv. */
const BUG = 70

/** The exit code after Ctrl-C, as shells expect it. */
const INTERRUPTED = 130

/** System errors that the user can do something about. */
const SYSTEM_HINTS: ReadonlyMap<string, string> = new Map([
  ['EACCES', 'Check who may read and write there.'],
  ['EPERM', 'Check who may read and write there.'],
  ['EROFS', 'The file system is read-only.'],
  ['ENOSPC', 'The disk is full. Make room and run the command again; nothing is lost.'],
  ['EDQUOT', 'Your quota is used up. Make room and run the command again; nothing is lost.'],
  ['EMFILE', 'Too many files are open: raise the limit with `ulimit -n`.'],
  ['ENFILE', 'The machine has too many files open. Try again later.'],
  ['ENOENT', 'It may have been removed meanwhile. Check the path.'],
  ['ENOTDIR', 'Check the path.'],
  ['EISDIR', 'Name a file.'],
  ['ENAMETOOLONG', 'Use a shorter name.'],
  ['EIO', 'The disk reports a fault. Check it, then run `dsv fsck`.'],
])

/** The command line makes no sense: unknown command, missing argument, options that exclude others. */
export class UsageError extends Error {}

/** Prints why a command failed: one sentence and one hint. Returns the exit code. */
export function reportFailure(error: unknown, io: CommandIo): number {
  return report(error, { ...io, note: (text) => io.note(printable(text, false)) })
}

function report(error: unknown, io: CommandIo): number {
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
    const view = error.details?.['view']
    if (typeof view === 'string') io.note(`${view.replaceAll(/^/gmu, '    ')}\n`)
    if (error.hint !== undefined) io.note(`  hint: ${error.hint}\n`)
    io.note(`  code: ${error.code}\n`)
    return error.code.startsWith('DSV_USAGE') ? MISUSED : FAILED
  }
  const systemCode = systemErrorCode(error)
  const hint = systemCode === undefined ? undefined : SYSTEM_HINTS.get(systemCode)
  if (hint !== undefined) {
    io.note(`error: ${messageOf(error)}\n  hint: ${hint}\n  code: ${systemCode}\n`)
    return FAILED
  }
  io.note(`bug: ${traceOf(error)}\n`)
  io.note('  hint: This is a fault in dsv. Please report it with the lines above.\n')
  return BUG
}

function messageOf(error: unknown): string {
  return isErrorLike(error) ? error.message : String(error)
}

function traceOf(error: unknown): string {
  return isErrorLike(error) ? (error.stack ?? error.message) : String(error)
}

/** Errors of other realms (workers, tests) are no instances of our `Error`. */
function isErrorLike(value: unknown): value is { message: string; stack?: string } {
  return typeof value === 'object' && value !== null && 'message' in value
}
