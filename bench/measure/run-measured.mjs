import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'

const TIME = '/usr/bin/time'

/** Output beyond this is cut: views are for people, and a wrong command must not fill the memory. */
const OUTPUT_LIMIT = 64 << 20

/**
 * Runs a command and returns what it cost: wall, user and system time, peak memory of its largest
 * process, bytes it wrote to files (from getrusage: what reached the page cache, in blocks of 512;
 * files that were deleted again count too). Without GNU time only the wall clock is known.
 */
export async function runMeasured(argv, { cwd, env = {}, timeoutMs = 1_800_000 }) {
  const scratch = mkdtempSync(path.join(os.tmpdir(), 'dsv-measure-'))
  const report = path.join(scratch, 'time')
  const hasTime = existsSync(TIME)
  const words = hasTime ? [TIME, '-q', '-o', report, '-f', '%U %S %M %I %O', ...argv] : argv
  try {
    const startMs = performance.now()
    const ended = await run(words, { cwd, env: { ...process.env, ...env }, timeoutMs })
    const wallSeconds = (performance.now() - startMs) / 1000
    const usage = hasTime ? readUsage(report) : {}
    return { ...ended, wallSeconds, ...usage }
  } finally {
    rmSync(scratch, { recursive: true, force: true })
  }
}

function readUsage(report) {
  const line = existsSync(report) ? readFileSync(report, 'utf8').trim().split('\n').at(-1) : ''
  const [user, system, kilobytes, blocksIn, blocksOut] = line.split(' ').map(Number)
  if (blocksOut === undefined) return {}
  return {
    cpuSeconds: user + system,
    rssBytes: kilobytes * 1024,
    readBytes: blocksIn * 512,
    writtenBytes: blocksOut * 512,
  }
}

function run([program, ...args], { cwd, env, timeoutMs }) {
  return new Promise((resolve) => {
    const child = spawn(program, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] })
    const out = collect(child.stdout)
    const err = collect(child.stderr)
    const timer = setTimeout(() => child.kill('SIGKILL'), timeoutMs)
    child.on('error', (error) => {
      clearTimeout(timer)
      resolve({ exitCode: 127, stdout: '', stderr: String(error) })
    })
    child.on('close', (code, signal) => {
      clearTimeout(timer)
      resolve({ exitCode: code ?? 128, signal, stdout: out(), stderr: err() })
    })
  })
}

function collect(stream) {
  const pieces = []
  let size = 0
  stream.on('data', (piece) => {
    if (size > OUTPUT_LIMIT) return
    pieces.push(piece)
    size += piece.length
  })
  return () => Buffer.concat(pieces).toString('utf8')
}
