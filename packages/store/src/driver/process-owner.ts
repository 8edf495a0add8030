import fs from 'node:fs'
import os from 'node:os'

import { systemErrorCode } from '../dsv-error.ts'

/** A process that holds something. `startTime` tells it from a later one with the same number. */
export interface ProcessOwner {
  readonly pid: number
  readonly host: string
  /** Differs after a restart of the machine; empty where the system has no such thing. */
  readonly boot: string
  /** In ticks since boot; empty where it is unknown. */
  readonly startTime: string
}

/** Returns this process. */
export function thisOwner(): ProcessOwner {
  return ownerOf(process.pid)
}

/** Returns what tells a process of this machine from all others; without a start time where it has ended. */
export function ownerOf(pid: number): ProcessOwner {
  return { pid, host: os.hostname(), boot: bootId(), startTime: startTimeOf(pid) ?? '' }
}

/** Returns whether a process still runs; one of another machine cannot be asked. */
export function ownerState(owner: ProcessOwner): 'running' | 'gone' | 'elsewhere' {
  if (owner.host !== os.hostname()) return 'elsewhere'
  if (owner.boot !== '' && owner.boot !== bootId()) return 'gone'
  if (!isRunning(owner.pid)) return 'gone'
  const startTime = startTimeOf(owner.pid)
  const isLater = owner.startTime !== '' && startTime !== undefined && owner.startTime !== startTime
  return isLater ? 'gone' : 'running'
}

/** Returns the owner that a parsed file names, or undefined when it names none. */
export function readOwner(value: unknown): ProcessOwner | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  if (!('pid' in value) || !('host' in value) || !('boot' in value)) return undefined
  const { pid, host, boot } = value
  if (typeof pid !== 'number' || typeof host !== 'string' || typeof boot !== 'string') {
    return undefined
  }
  const startTime = 'startTime' in value ? value.startTime : undefined
  return { pid, host, boot, startTime: typeof startTime === 'string' ? startTime : '' }
}

function isRunning(pid: number): boolean {
  if (!Number.isSafeInteger(pid) || pid <= 0) return false
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return systemErrorCode(error) === 'EPERM'
  }
}

/** The identity of this boot, or nothing where the system has none. */
function bootId(): string {
  return readSystemText('/proc/sys/kernel/random/boot_id')?.trim() ?? ''
}

/** When a process was started, in ticks since boot: field 22 of `proc(5)` stat. */
function startTimeOf(pid: number): string | undefined {
  const text = readSystemText(`/proc/${pid}/stat`)
  return text?.slice(text.lastIndexOf(')') + 2).split(' ')[19]
}

function readSystemText(file: string): string | undefined {
  try {
    return fs.readFileSync(file, 'utf8')
  } catch {
    // Only Linux has these files; elsewhere the checks that need them are left out.
    return undefined
  }
}
