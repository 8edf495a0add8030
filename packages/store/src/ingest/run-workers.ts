import { Worker } from 'node:worker_threads'

import {
  fromPostedFailure,
  type WorkerAnswer,
  type WorkerRequest,
  type WorkerSetup,
} from './worker-messages.ts'

/** A worker holds little for long: a small nursery keeps its heap from growing for nothing. */
const LIMITS = { maxYoungGenerationSizeMb: 4 }

/** Work for {@link runWorkers}. */
export interface WorkerRun {
  readonly url: URL
  readonly workers: number
  readonly setup: WorkerSetup
  /** Every request but the last of each worker, which is `finish`. */
  readonly requests: Iterator<WorkerRequest>
  readonly onAnswer: (answer: WorkerAnswer) => void
  readonly signal: AbortSignal | undefined
}

/**
 * Lets workers do all requests, each taking the next when it is done with one. All have ended when it
 * resolves or rejects.
 *
 * @throws what a worker throws, and the reason of `signal`
 */
export async function runWorkers(run: WorkerRun): Promise<void> {
  const stop = new AbortController()
  const signal = run.signal === undefined ? stop.signal : AbortSignal.any([run.signal, stop.signal])
  const results = await Promise.allSettled(
    Array.from({ length: run.workers }, async () => {
      try {
        await runWorker(run, signal)
      } catch (error) {
        stop.abort(error)
        throw error
      }
    }),
  )
  run.signal?.throwIfAborted()
  for (const result of results) if (result.status === 'rejected') throw stop.signal.reason
}

function runWorker(
  { url, setup, requests, onAnswer }: WorkerRun,
  signal: AbortSignal,
): Promise<void> {
  const worker = new Worker(url, { workerData: setup, resourceLimits: LIMITS })
  return new Promise((resolve, reject) => {
    let failure: unknown
    let isFinished = false
    function send(request: WorkerRequest): void {
      // A worker's port has no origin, unlike a window's.
      // oxlint-disable-next-line unicorn/require-post-message-target-origin
      worker.postMessage(request)
    }
    function sendNext(): void {
      // Once it is aborted the worker was told so.
      if (signal.aborted) return
      const next = requests.next()
      send(next.done === true ? { type: 'finish' } : next.value)
    }
    const abandon = (): void => send({ type: 'abandon' })
    signal.addEventListener('abort', abandon, { once: true })
    worker.on('message', (answer: WorkerAnswer) => {
      if (answer.type === 'failed') {
        failure ??= fromPostedFailure(answer.failure)
        return
      }
      try {
        onAnswer(answer)
      } catch (error) {
        failure ??= error
      }
      if (answer.type === 'finished') isFinished = true
      else sendNext()
    })
    worker.on('error', (error) => {
      failure ??= error
    })
    worker.on('exit', () => {
      signal.removeEventListener('abort', abandon)
      if (failure === undefined && !isFinished) failure = new Error('A worker ended too early.')
      if (failure === undefined) resolve()
      else reject(failure)
    })
    if (signal.aborted) abandon()
    else sendNext()
  })
}
