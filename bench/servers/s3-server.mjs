import { execFileSync, spawn } from 'node:child_process'
import { existsSync, mkdirSync, renameSync } from 'node:fs'
import net from 'node:net'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

const VERSITYGW = 'v1.8.0'
const PROXY = fileURLToPath(new URL('counting-proxy.mjs', import.meta.url))

/** What a client of {@link startS3} has in its environment. */
export const S3_KEYS = {
  AWS_ACCESS_KEY_ID: 'dsv-bench',
  AWS_SECRET_ACCESS_KEY: 'dsv-bench-secret',
  AWS_REGION: 'us-east-1',
  AWS_DEFAULT_REGION: 'us-east-1',
  AWS_EC2_METADATA_DISABLED: 'true',
}

/** Returns the S3 server's program, built below `folder` unless it is there; needs Go. */
export function installS3Server(folder) {
  const program = path.join(folder, `versitygw-${VERSITYGW}`)
  if (existsSync(program)) return program
  console.error(`building versitygw ${VERSITYGW} …`)
  const bin = path.join(folder, 'go-bin')
  const source = `github.com/versity/versitygw/cmd/versitygw@${VERSITYGW}`
  execFileSync('go', ['install', source], { stdio: 'inherit', env: { ...process.env, GOBIN: bin } })
  renameSync(path.join(bin, 'versitygw'), program)
  return program
}

/**
 * Starts an S3 server whose bucket `bench` is a folder, and before it a proxy that counts and adds a
 * latency to every request.
 */
export async function startS3(program, folder, latencyMs) {
  mkdirSync(path.join(folder, 'bench'), { recursive: true })
  const port = await freePort()
  const server = spawn(program, ['--port', `127.0.0.1:${port}`, '--quiet', 'posix', folder], {
    env: {
      ...process.env,
      ROOT_ACCESS_KEY: S3_KEYS.AWS_ACCESS_KEY_ID,
      ROOT_SECRET_KEY: S3_KEYS.AWS_SECRET_ACCESS_KEY,
    },
    stdio: 'ignore',
  })
  await listens(server, port)
  const proxy = spawn(process.execPath, [PROXY, String(port), String(latencyMs)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const proxyPort = await firstLine(proxy)
  const url = `http://127.0.0.1:${proxyPort}`
  return {
    endpoint: url,
    /** What went through since the last call. */
    count: async () => (await fetch(`${url}/__count`)).json(),
    stop() {
      proxy.kill()
      server.kill()
    },
  }
}

async function freePort() {
  const server = net.createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const { port } = server.address()
  await new Promise((resolve) => server.close(resolve))
  return port
}

async function listens(server, port) {
  for (let tries = 0; tries < 150; tries++) {
    if (server.exitCode !== null) throw new Error('the S3 server ended at once')
    if (await connects(port)) return
    await sleep(100)
  }
  throw new Error('the S3 server does not listen')
}

function connects(port) {
  return new Promise((resolve) => {
    const socket = net.connect(port, '127.0.0.1')
    socket.once('connect', () => resolve(true))
    socket.once('error', () => resolve(false))
    socket.once('close', () => socket.destroy())
    socket.once('connect', () => socket.end())
  })
}

function firstLine(child) {
  return new Promise((resolve, reject) => {
    child.stdout.once('data', (bytes) => resolve(String(bytes).trim()))
    child.once('exit', () => reject(new Error('the proxy ended at once')))
  })
}
