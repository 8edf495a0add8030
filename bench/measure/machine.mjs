import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import os from 'node:os'

/** Returns what a reader needs to judge figures: processor, memory, system, file system. */
export function machine(folder) {
  const [cpu] = os.cpus()
  return {
    cpu: cpu?.model.trim() ?? 'unknown',
    cores: os.cpus().length,
    memoryGb: Math.round(os.totalmem() / 1e9),
    system: `${os.type()} ${os.release()}`,
    fileSystem: fileSystem(folder),
    node: process.version,
    loadAtStart: os.loadavg()[0],
  }
}

/** Returns the mean number of processes that wanted to run in the last minute. */
export function load() {
  return os.loadavg()[0]
}

function fileSystem(folder) {
  try {
    return execFileSync('stat', ['-f', '-c', '%T', folder], { encoding: 'utf8' }).trim()
  } catch {
    return 'unknown'
  }
}

/** Returns the processor time that everything on the machine used since it started, in seconds. */
export function machineCpuSeconds() {
  try {
    const [user, nice, system] = readFileSync('/proc/stat', 'utf8')
      .split(/\s+/u)
      .slice(1)
      .map(Number)
    return (user + nice + system) / 100
  } catch {
    return Number.NaN
  }
}
