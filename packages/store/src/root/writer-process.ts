import { readFileSync, readlinkSync } from 'node:fs'
import { hostname } from 'node:os'
import { systemErrorCode } from '../dsv-error.ts'

/** What identifies a process well enough to tell later whether it still runs. */
export interface WriterProcess {
  readonly pid: number
  readonly host: string
  /** Differs after a restart of the machine, and between containers; empty where it is unknown. */
  readonly bootId: string
  /** Returns whether a process of this machine, boot and container runs. */
  readonly isRunning: (pid: number) => boolean
}

/** Returns the identity of this process. */
export function thisProcess(): WriterProcess {
  return { pid: process.pid, host: hostname(), bootId: readBootId(), isRunning }
}

/** Process ids mean something only within their namespace, so it is part of the boot's id. */
function readBootId(): string {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
    return `${boot} ${readlinkSync('/proc/self/ns/pid')}`
  } catch (error) {
    if (systemErrorCode(error) !== undefined) return ''
    throw error
  }
}

/** Signal 0 only asks; EPERM says that the process exists and is somebody else's. */
function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return systemErrorCode(error) === 'EPERM'
  }
}
