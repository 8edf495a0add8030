import { closeSync, fsyncSync, openSync, readFileSync, unlinkSync, writeSync } from 'node:fs'
import path from 'node:path'
import { systemErrorCode, toObjectId, type TreeRef } from '@dsv/store'
import { checkoutInterrupted, workingTreeBusy } from '../errors.ts'
import { REPOSITORY_FOLDER, type Repository } from '../repository/repository.ts'

/** A checkout that is going on, or that was killed half way. */
export interface CheckoutJournal {
  readonly from: TreeRef
  readonly to: TreeRef
  /** The number of moves that the published state counted before this one. */
  readonly serial: number
  readonly pid: number
  readonly host: string
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
  const journal = { ...move, pid: process.pid, host: repository.environment.host }
  let descriptor: number
  try {
    descriptor = openSync(file, 'wx')
  } catch (error) {
    if (systemErrorCode(error) !== 'EEXIST') throw error
    const owner = readJournal(repository)
    if (owner !== undefined && isAlive(owner, repository.environment.host))
      throw workingTreeBusy(owner.pid, owner.host)
    throw checkoutInterrupted()
  }
  writeSync(descriptor, JSON.stringify(journal))
  fsyncSync(descriptor)
  closeSync(descriptor)
  return file
}

/** Notes that the working tree has arrived, or is back where it was. */
export function endJournal(file: string): void {
  unlinkSync(file)
}

/** Returns the checkout that was killed half way, if there is one. */
export function interruptedCheckout(repository: Repository): CheckoutJournal | undefined {
  const journal = readJournal(repository)
  return journal === undefined || isAlive(journal, repository.environment.host)
    ? undefined
    : journal
}

/** Forgets a checkout that was killed, once its effects are taken back. */
export function forgetJournal(repository: Repository): void {
  endJournal(journalFile(repository))
}

function readJournal(repository: Repository): CheckoutJournal | undefined {
  let text: string
  try {
    text = readFileSync(journalFile(repository), 'utf8')
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return undefined
    throw error
  }
  const nothing = { root: undefined, count: 0, sizeBytes: 0 }
  const unknown = { from: nothing, to: nothing, serial: 0, pid: 0, host: '' }
  try {
    const value: unknown = JSON.parse(text)
    return isJournal(value) ? withIds(value) : unknown
  } catch {
    // Killed while writing it: no file of the working tree was touched yet.
    return unknown
  }
}

function isJournal(value: unknown): value is CheckoutJournal {
  return (
    typeof value === 'object' &&
    value !== null &&
    'from' in value &&
    isTree(value.from) &&
    'to' in value &&
    isTree(value.to) &&
    'serial' in value &&
    typeof value.serial === 'number' &&
    'pid' in value &&
    typeof value.pid === 'number' &&
    'host' in value &&
    typeof value.host === 'string'
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

function withIds(journal: CheckoutJournal): CheckoutJournal {
  return { ...journal, from: withId(journal.from), to: withId(journal.to) }
}

function withId({ root, count, sizeBytes }: TreeRef): TreeRef {
  return { root: root === undefined ? undefined : toObjectId(root), count, sizeBytes }
}

function isAlive({ pid, host }: CheckoutJournal, thisHost: string): boolean {
  if (pid === 0) return false
  if (host !== thisHost) return true
  if (pid === process.pid) return true
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return systemErrorCode(error) === 'EPERM'
  }
}
