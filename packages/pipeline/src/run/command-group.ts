import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync, realpathSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { ownerOf, type ProcessOwner, readOwner } from '@dsv/store'

const FILE = 'command.json'
/** How long a command may take to end by itself, and how long to look whether it has. */
const PATIENCE_MS = 3000
const LOOK_MS = 20

/** A process group that runs for a scratch folder. */
interface CommandGroup {
  /** The process that leads it; its number is that of the group. */
  readonly leader: ProcessOwner
  /** The scratch folder, which all of its processes find in `DSV_ROOT`. */
  readonly scratch: string
}

/** Writes beside a scratch folder which process group works in it, for whoever finds the folder left behind. */
export function noteGroup(scratch: string, group: number): void {
  const noted = { ...identityOf(group), scratch }
  writeFileSync(path.join(path.dirname(scratch), FILE), JSON.stringify(noted))
}

/**
 * Ends the process group that was noted in a folder, where it still lives and is surely that one: its leader runs since
 * the noted time, or one of its processes names the scratch folder. Whatever else bears that number now is left alone.
 *
 * @param folder - The folder that the scratch folder lies in
 * @returns the group, when there was one to end
 */
export async function endGroup(folder: string): Promise<number | undefined> {
  const noted = readGroup(folder)
  if (noted === undefined) return undefined
  const { pid } = noted.leader
  if (!isOwn(noted)) return undefined
  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    // Its number may be another's as soon as it has ended.
    for (let waitedMs = 0; waitedMs < PATIENCE_MS && isOwn(noted); waitedMs += LOOK_MS) {
      if (waitedMs === 0) signalGroup(pid, signal)
      await sleep(LOOK_MS)
    }
  }
  return pid
}

function readGroup(folder: string): CommandGroup | undefined {
  try {
    const value: unknown = JSON.parse(readFileSync(path.join(folder, FILE), 'utf8'))
    const leader = readOwner(value)
    if (leader === undefined || typeof value !== 'object' || value === null) return undefined
    const scratch = 'scratch' in value ? value.scratch : undefined
    if (!Number.isSafeInteger(leader.pid) || leader.pid <= 1) return undefined
    if (typeof scratch !== 'string') return undefined
    // In a copy of the repository this names the command of another one.
    const isHere = realpathSync(path.dirname(scratch)) === realpathSync(folder)
    return isHere ? { leader, scratch } : undefined
  } catch {
    // None was noted, or the run was killed while it wrote that.
    return undefined
  }
}

function isOwn({ leader, scratch }: CommandGroup): boolean {
  const now = identityOf(leader.pid)
  if (now.host !== leader.host || now.boot !== leader.boot) return false
  const members = membersOf(leader.pid)
  if (members?.length === 0) return false
  if (now.startTime !== '' && now.startTime === leader.startTime) return true
  return members?.some((pid) => hasEnvironment(pid, `DSV_ROOT=${scratch}`)) === true
}

function identityOf(pid: number): ProcessOwner {
  const owner = ownerOf(pid)
  return owner.startTime === '' ? { ...owner, startTime: startByPs(pid) } : owner
}

/** When a process was started, to the second, where there is no `/proc`; empty where it has ended. */
function startByPs(pid: number): string {
  if (isLinux()) return ''
  const env = { ...process.env, LC_ALL: 'C', TZ: 'UTC' }
  const found = spawnSync('ps', ['-o', 'lstart=', '-p', String(pid)], { env, encoding: 'utf8' })
  return found.status === 0 ? found.stdout.trim() : ''
}

/** The processes of a group that have not ended; undefined where the system does not tell. */
function membersOf(group: number): readonly number[] | undefined {
  if (!isLinux()) return undefined
  return readdirSync('/proc').flatMap((name) => {
    const stat = /^\d+$/.test(name) ? readProcess(name, 'stat') : undefined
    // Fields of `proc(5)` after the name: state, parent, group.
    const [state, , pgrp] = stat?.slice(stat.lastIndexOf(')') + 2).split(' ') ?? []
    return pgrp === String(group) && state !== 'Z' && state !== 'X' ? [Number(name)] : []
  })
}

function hasEnvironment(pid: number, entry: string): boolean {
  return readProcess(pid, 'environ')?.split('\0').includes(entry) === true
}

function readProcess(pid: number | string, file: string): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8')
  } catch {
    // It has ended, or is another user's.
    return undefined
  }
}

function isLinux(): boolean {
  return process.platform === 'linux'
}

function signalGroup(group: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-group, signal)
  } catch {
    // It has ended.
  }
}
