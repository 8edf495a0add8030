import { load, machineCpuSeconds } from '../measure/machine.mjs'
import { settle } from '../measure/settle.mjs'

/**
 * Collects what was measured. A step that failed, or whose result is wrong, is recorded as a failure
 * and has no time.
 */
export function createRecorder({ shape, scale, repeat, settleSeconds, results, skip }) {
  const add = (result) => {
    results.push({ shape, scale, repeat, ...result })
    console.error(line(result))
  }
  return {
    /**
     * Waits until the disk is quiet, runs `work`, and records it.
     *
     * A step whose name matches `skip` is left out.
     *
     * @param check - Returns what is wrong with the result, or nothing
     */
    async measure(tool, operation, work, check = () => undefined) {
      if (skip?.test(operation) === true) return undefined
      await settle(settleSeconds)
      const cpuBefore = machineCpuSeconds()
      const cost = await work()
      const othersCpuSeconds = machineCpuSeconds() - cpuBefore - (cost.cpuSeconds ?? 0)
      const problem = cost.missing ? 'missing' : await problemOf(cost, check)
      const context = { tool: tool.name, operation, load: load(), othersCpuSeconds }
      if (problem === undefined) add({ ...context, ok: true, ...figuresOf(cost) })
      else add({ ...context, ok: false, problem })
      return problem === undefined ? cost : undefined
    },
    /** Records that something could not be measured. */
    fail(tool, operation, problem) {
      add({ tool: tool.name, operation, ok: false, problem })
    },
    /** Records a figure that is not the cost of a command, such as a size. */
    note(tool, operation, figures) {
      add({ tool: tool.name, operation, ok: true, ...figures })
    },
  }
}

function figuresOf({ wallSeconds, cpuSeconds, rssBytes, readBytes, writtenBytes, ...cost }) {
  const { parts, processSeconds, requests, sentBytes, receivedBytes, methods } = cost
  return {
    wallSeconds,
    cpuSeconds,
    rssBytes,
    readBytes,
    writtenBytes,
    parts,
    processSeconds,
    requests,
    sentBytes,
    receivedBytes,
    methods,
  }
}

async function problemOf(cost, check) {
  if (cost.exitCode !== 0) {
    const said = `${cost.stderr}${cost.stdout}`.trim().split('\n').slice(-3).join(' | ')
    return `exit ${cost.exitCode}${cost.failed ? ` of ${cost.failed}` : ''}: ${said.slice(0, 300)}`
  }
  try {
    return await check(cost)
  } catch (error) {
    return `the check failed: ${error.message}`
  }
}

function line(result) {
  const { tool, operation, ok, problem, wallSeconds, rssBytes, writtenBytes, bytes, files } = result
  const name = `${tool.padEnd(9)} ${operation.padEnd(34)}`
  if (!ok) return `${name} ${problem === 'missing' ? 'command missing' : `FAILED ${problem}`}`
  if (wallSeconds === undefined)
    return `${name} ${mb(bytes)}${files === undefined ? '' : ` in ${files} files`}`
  return `${name} ${wallSeconds.toFixed(2)} s, peak ${mb(rssBytes)}, written ${mb(writtenBytes)}${traffic(result)}`
}

function traffic({ requests, sentBytes, receivedBytes }) {
  if (requests === undefined) return ''
  return `, ${requests} requests, sent ${mb(sentBytes)}, received ${mb(receivedBytes)}`
}

function mb(bytes) {
  return bytes === undefined ? '?' : `${(bytes / 1e6).toFixed(1)} MB`
}

/** Returns a problem when two values differ. */
export function expectEqual(what, actual, expected) {
  if (actual === expected) return undefined
  return `${what} is ${actual}, not ${expected}`
}

/** Returns a problem when two lists of paths differ, whatever their order. */
export function expectPaths(what, actual, expected) {
  const [a, b] = [new Set(actual), new Set(expected)]
  const missing = [...b].filter((each) => !a.has(each))
  const extra = [...a].filter((each) => !b.has(each))
  if (missing.length === 0 && extra.length === 0) return undefined
  return `${what}: ${missing.length} missing (${missing[0] ?? ''}), ${extra.length} too many (${extra[0] ?? ''})`
}
