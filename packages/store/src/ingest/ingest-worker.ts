import { parentPort, workerData } from 'node:worker_threads'

import { serveWorker } from './serve-worker.ts'
import type { WorkerSetup } from './worker-messages.ts'

/** The script of a worker: what it does is in {@link serveWorker}. */
if (parentPort !== null) {
  const setup: WorkerSetup = workerData
  serveWorker(parentPort, setup)
}
