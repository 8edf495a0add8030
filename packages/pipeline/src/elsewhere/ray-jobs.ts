import { randomBytes } from 'node:crypto'
import { setTimeout } from 'node:timers/promises'
import { clusterUnreachable } from '../errors.ts'
import { endOfExit, type JobEnd, type JobRequest, type JobRunner } from './job-runner.ts'

/** What workers on Ray get. */
export interface RayOptions {
  /** Variables of their environment; Ray shows them to everybody. */
  readonly variables: Readonly<Record<string, string>>
  /** Where the cluster wants one. */
  readonly token: string | undefined
}

/** Jobs that wait for a machine cost nothing. */
const AT_ONCE = 16
const FIRST_POLL_MS = 200
const LONGEST_POLL_MS = 2000
/** How long the cluster may be silent. */
const SILENCE_MS = 60_000
const REQUEST_MS = 30_000
/** A log that is longer is not for people. */
const MAX_ANSWER_BYTES = 2 ** 26

/**
 * Runs workers as jobs of a Ray cluster, each on one of its processors, through its Jobs API
 * (https://docs.ray.io/en/latest/cluster/running-applications/job-submission/rest.html).
 *
 * @param address - `ray://host:8265`, or the URL of the dashboard
 * @returns Undefined where the address is none
 */
export function rayJobs(address: string, options: RayOptions): JobRunner | undefined {
  const base = baseOf(address)
  if (base === undefined) return undefined
  const cluster: Cluster = { base, address, options }
  return {
    name: address,
    atOnce: AT_ONCE,
    run: async (line, request) => runJob(cluster, line, request),
  }
}

interface Cluster {
  readonly base: string
  readonly address: string
  readonly options: RayOptions
}

function baseOf(address: string): string | undefined {
  const url = address.replace(/^ray:\/\//, 'http://')
  if (!/^https?:\/\/[^/\s@]/.test(url) || !URL.canParse(url)) return undefined
  const parsed = new URL(url)
  if (address.startsWith('ray:') && !/:\d+$/.test(parsed.host)) parsed.port = '8265'
  return `${parsed.origin}${parsed.pathname.replace(/\/$/, '')}/api/jobs/`
}

async function runJob(cluster: Cluster, line: string, request: JobRequest): Promise<JobEnd> {
  const { signal } = request
  const id = `dsv-${randomBytes(8).toString('hex')}`
  const { variables } = cluster.options
  try {
    await call(cluster, 'POST', '', {
      entrypoint: `exec ${line}`,
      submission_id: id,
      entrypoint_num_cpus: 1,
      runtime_env: { env_vars: variables },
    })
    return await untilEnd(cluster, id, request)
  } catch (error) {
    if (signal.aborted)
      // Nobody waits for it any more; that it cannot be stopped changes nothing of that.
      await call(cluster, 'POST', `${id}/stop`).catch(() => {})
    throw error
  }
}

async function untilEnd(
  cluster: Cluster,
  id: string,
  { signal, onOutput }: JobRequest,
): Promise<JobEnd> {
  let shown = 0
  let pauseMs = FIRST_POLL_MS
  let answeredAt = performance.now()
  const showLog = async (): Promise<void> => {
    const { logs } = await call(cluster, 'GET', `${id}/logs`)
    if (typeof logs !== 'string' || logs.length <= shown) return
    onOutput(Buffer.from(logs.slice(shown)))
    shown = logs.length
  }
  for (;;) {
    await setTimeout(pauseMs, undefined, { signal })
    pauseMs = Math.min(LONGEST_POLL_MS, pauseMs * 1.5)
    try {
      const job = await call(cluster, 'GET', id)
      answeredAt = performance.now()
      const end = endOf(job)
      // What a machine has printed that is dead, or cannot be reached, is not worth the result.
      if (job['status'] !== 'PENDING') await showLog().catch(() => {})
      if (end !== undefined) return end
    } catch (error) {
      signal.throwIfAborted()
      if (performance.now() - answeredAt > SILENCE_MS) throw error
    }
  }
}

function endOf({ status, message, driver_exit_code: code }: Answer): JobEnd | undefined {
  const reason = typeof message === 'string' ? (message.split('\n')[0] ?? '') : ''
  if (status === 'SUCCEEDED') return { type: 'done' }
  if (status === 'STOPPED') return { type: 'lost', reason: reason || 'the job was stopped' }
  if (status !== 'FAILED') return undefined
  const exitCode = typeof code === 'number' ? code : undefined
  return endOfExit(exitCode === 0 ? undefined : exitCode, reason || 'the job failed')
}

type Answer = Readonly<Record<string, unknown>>

async function call(
  { base, address, options: { token } }: Cluster,
  method: 'GET' | 'POST',
  inside: string,
  body?: unknown,
): Promise<Answer> {
  let answer: { readonly status: number; readonly text: string }
  try {
    answer = await send(new URL(base + inside), method, token, body)
  } catch (error) {
    throw clusterUnreachable(address, 'does not answer', error)
  }
  const { status, text } = answer
  if (status !== 200) throw clusterUnreachable(address, `answered ${status}: ${text.slice(0, 200)}`)
  const value = asJson(text)
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw clusterUnreachable(address, 'answered something that is not of the Jobs API of Ray')
  return Object.fromEntries(Object.entries(value))
}

function asJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** `fetch` of Node says that it is a browser, which Ray does not answer. Redirections are not followed. */
async function send(
  url: URL,
  method: string,
  token: string | undefined,
  body: unknown,
): Promise<{ readonly status: number; readonly text: string }> {
  const sent = body === undefined ? undefined : Buffer.from(JSON.stringify(body))
  const headers = {
    ...(sent !== undefined && {
      'content-type': 'application/json',
      'content-length': sent.length,
    }),
    ...(token !== undefined && { authorization: `Bearer ${token}` }),
  }
  const { request } =
    url.protocol === 'https:' ? await import('node:https') : await import('node:http')
  const options = { method, headers, signal: AbortSignal.timeout(REQUEST_MS) }
  return new Promise((resolve, reject) => {
    const sending = request(url, options, (response) => {
      readText(response).then((text) => resolve({ status: response.statusCode ?? 0, text }), reject)
    })
    sending.on('error', reject)
    sending.end(sent)
  })
}

async function readText(stream: AsyncIterable<Buffer>): Promise<string> {
  const pieces: Buffer[] = []
  let bytes = 0
  for await (const piece of stream) {
    bytes += piece.length
    if (bytes > MAX_ANSWER_BYTES) throw new Error(`More than ${MAX_ANSWER_BYTES} bytes`)
    pieces.push(piece)
  }
  return Buffer.concat(pieces).toString('utf8')
}
