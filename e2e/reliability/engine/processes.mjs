import { spawn } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { workspace } from './library.mjs'

const DSV = path.join(workspace, 'packages', 'cli', 'bin', 'dsv.js')

/** Starts the built dsv in `folder`. `killAfterMs` sends it SIGKILL. */
export function startDsv(folder, args, { env = {}, uid, gid, umask, killAfterMs } = {}) {
  const home = path.join(path.dirname(folder), 'home')
  fs.mkdirSync(home, { recursive: true })
  const command = umask === undefined ? [process.execPath, DSV] : ['sh', '-c']
  const words =
    umask === undefined
      ? [...command.slice(1), ...args]
      : ['-c', `umask ${umask}; exec "$@"`, 'sh', process.execPath, DSV, ...args]
  const child = spawn(command[0], words, {
    cwd: folder,
    env: { PATH: process.env.PATH, HOME: home, NO_COLOR: '1', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(uid !== undefined && { uid, gid }),
  })
  const timer =
    killAfterMs === undefined ? undefined : setTimeout(() => child.kill('SIGKILL'), killAfterMs)
  const [stdout, stderr] = [[], []]
  child.stdout.on('data', (bytes) => stdout.push(bytes))
  child.stderr.on('data', (bytes) => stderr.push(bytes))
  return new Promise((resolve) => {
    child.once('close', (exitCode, signal) => {
      clearTimeout(timer)
      const [out, err] = [stdout, stderr].map((pieces) => Buffer.concat(pieces).toString())
      const code = /code: (\w+)/.exec(err)?.[1]
      resolve({ args, exitCode, signal, stdout: out, stderr: err, code })
    })
  })
}

/** Runs dsv; a command that has to succeed is noted as a problem when it does not. */
export async function mustRun(folder, args, problems, options) {
  const ended = await startDsv(folder, args, options)
  if (ended.exitCode !== 0) problems.push(describe(ended))
  return ended
}

/** Says how a command ended. */
export function describe({ args, exitCode, signal, stderr }) {
  return `dsv ${args.join(' ')} ended with ${exitCode ?? signal}: ${stderr.trim().replaceAll('\n', ' | ')}`
}
