import {
  closeSync,
  fsyncSync,
  openSync,
  readFileSync,
  statSync,
  unlinkSync,
  writeSync,
} from 'node:fs'
import path from 'node:path'
import {
  ownerState,
  type ProcessOwner,
  readOwner,
  systemErrorCode,
  thisOwner,
  toObjectId,
  type TreeRef,
} from '@dsv/store'
import { checkoutInterrupted, workingTreeBusy } from '../errors.ts'
import { REPOSITORY_FOLDER, type Repository } from '../repository/repository.ts'

/** A checkout that is going on, or that was killed half way. */
export interface CheckoutJournal {
  readonly from: TreeRef
  readonly to: TreeRef
  /** The number of moves that the published state counted before this one. */
  readonly serial: number
  /** Undefined when it is not known: the process was killed while it wrote the journal. */
  readonly owner: ProcessOwner | undefined
  readonly ageMs: number
}

/** Where the journal of a repository lies. */
function journalFile(repository: Repository): string {
  return path.join(repository.folder, REPOSITORY_FOLDER, 'local', 'checkout.json')
}

/**
 * Notes that the working tree is about to move, before the first file is touched. Returns the file to
 * hand to {@link endJournal}.
 *
 * @throws `DSV_WORKING_TREE_BUSY` while another process moves it, `DSV_CHECKOUT_INTERRUPTED` when one
 *   was killed and `dsv restore` has not been called since
 */
export function beginJournal(
  repository: Repository,
  move: Pick<CheckoutJournal, 'from' | 'to' | 'serial'>,
): string {
  const file = journalFile(repository)
  const journal = { ...move, ...thisOwner() }
  let descriptor: number
  try {
    descriptor = openSync(file, 'wx')
  } catch (error) {
    if (systemErrorCode(error) !== 'EEXIST') throw error
    const found = readJournal(repository)
    if (found !== undefined && isAlive(found))
      throw workingTreeBusy(found.owner?.pid ?? 0, found.owner?.host ?? '?')
    throw checkoutInterrupted()
  }
  try {
    writeSync(descriptor, JSON.stringify(journal))
    fsyncSync(descriptor)
  } catch (error) {
    unlinkSync(file)
    throw error
  } finally {
    closeSync(descriptor)
  }
  return file
}

/** Notes that the working tree has arrived, or is back where it was. */
export function endJournal(file: string): void {
  unlinkSync(file)
}

/** Returns the checkout that was killed half way, if there is one. */
export function interruptedCheckout(repository: Repository): CheckoutJournal | undefined {
  const journal = readJournal(repository)
  return journal === undefined || isAlive(journal) ? undefined : journal
}

/** Returns the checkout that a living process is at, if there is one. */
export function checkoutGoingOn(repository: Repository): CheckoutJournal | undefined {
  const journal = readJournal(repository)
  return journal !== undefined && isAlive(journal) ? journal : undefined
}

/** Forgets a checkout that was killed, once its effects are taken back. */
export function forgetJournal(repository: Repository): void {
  try {
    endJournal(journalFile(repository))
  } catch (error) {
    // Two processes may have taken it back at the same time.
    if (systemErrorCode(error) !== 'ENOENT') throw error
  }
}

function readJournal(repository: Repository): CheckoutJournal | undefined {
  const file = journalFile(repository)
  try {
    const ageMs = Date.now() - statSync(file).mtimeMs
    return parseJournal(readFileSync(file, 'utf8'), ageMs)
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return undefined
    throw error
  }
}

/** One that says nothing was cut off while it was written: no file was touched yet. */
function parseJournal(text: string, ageMs: number): CheckoutJournal {
  const nothing = { root: undefined, count: 0, sizeBytes: 0 }
  const unknown = { from: nothing, to: nothing, serial: 0, owner: undefined, ageMs }
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return unknown
  }
  if (!isMove(value)) return unknown
  const { from, to, serial } = value
  return { from: withId(from), to: withId(to), serial, owner: readOwner(value), ageMs }
}

function isMove(value: unknown): value is Pick<CheckoutJournal, 'from' | 'to' | 'serial'> {
  return (
    typeof value === 'object' &&
    value !== null &&
    'from' in value &&
    isTree(value.from) &&
    'to' in value &&
    isTree(value.to) &&
    'serial' in value &&
    typeof value.serial === 'number'
  )
}

function isTree(value: unknown): value is TreeRef {
  return (
    typeof value === 'object' &&
    value !== null &&
    'count' in value &&
    typeof value.count === 'number' &&
    'sizeBytes' in value &&
    typeof value.sizeBytes === 'number' &&
    (!('root' in value) || typeof value.root === 'string')
  )
}

function withId({ root, count, sizeBytes }: TreeRef): TreeRef {
  return { root: root === undefined ? undefined : toObjectId(root), count, sizeBytes }
}

/** A journal is written in one go; of another machine nobody can tell but by the time it takes. */
const UNREADABLE_MS = 5_000
const OTHER_HOST_MS = 3_600_000

function isAlive({ owner, ageMs }: CheckoutJournal): boolean {
  if (owner === undefined) return ageMs < UNREADABLE_MS
  const state = ownerState(owner)
  return state === 'running' || (state === 'elsewhere' && ageMs < OTHER_HOST_MS)
}
