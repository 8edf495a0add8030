import { existsSync } from 'node:fs'
import type { MessagePort } from 'node:worker_threads'

import { type FolderDriver, folderDriver } from '../driver/folder-driver.ts'
import type { FragmentSource } from '../object/object-locator.ts'
import { openObjectReader } from '../object/object-reader.ts'
import { beginObjectWrites, type ObjectWriteSession } from '../object/object-write-session.ts'
import { fragmentPath } from '../pack/storage-layout.ts'
import { ingestBatch } from './ingest-batch.ts'
import { placeBatch } from './place-batch.ts'
import {
  toPostedFailure,
  type WorkerAnswer,
  type WorkerRequest,
  type WorkerSetup,
} from './worker-messages.ts'

/**
 * Does what comes in over `port`, one request after the other, until `finish` or a failure. `abandon`
 * ends what is being done, too.
 */
export function serveWorker(port: MessagePort, setup: WorkerSetup): void {
  const { folder, packBelowBytes, writeOptions, placeOptions } = setup
  const driver = folderDriver(folder, { packBelowBytes })
  const reader = openObjectReader(driver, fragmentsThatExist(driver, setup.fragments))
  let session: ObjectWriteSession | undefined
  let isOver = false
  const stop = new AbortController()

  async function answer(request: WorkerRequest): Promise<WorkerAnswer> {
    switch (request.type) {
      case 'ingest': {
        session ??= beginObjectWrites(driver, reader, writeOptions)
        const files = await ingestBatch(session, request.paths, stop.signal)
        return { type: 'ingested', batch: request.batch, files }
      }
      case 'place': {
        const files = await placeBatch(reader, driver, request.placements, placeOptions)
        return { type: 'placed', batch: request.batch, files }
      }
      case 'finish':
        isOver = true
        return { type: 'finished', objects: await session?.handOver() }
      case 'abandon':
      default:
        isOver = true
        await session?.abandon()
        return { type: 'finished', objects: undefined }
    }
  }
  async function respond(request: WorkerRequest): Promise<void> {
    if (isOver) return
    try {
      port.postMessage(await answer(request))
    } catch (error) {
      isOver = true
      await session?.abandon()
      const failed: WorkerAnswer = { type: 'failed', failure: toPostedFailure(error) }
      port.postMessage(failed)
    }
    if (isOver) {
      reader.close()
      port.close()
    }
  }
  let last = Promise.resolve()
  port.on('message', (request: WorkerRequest) => {
    if (request.type === 'abandon') stop.abort()
    last = last.then(() => respond(request))
  })
}

/** A fragment that others merged meanwhile only makes a worker store again what is there. */
function fragmentsThatExist(driver: FolderDriver, names: readonly string[]): FragmentSource {
  let live = names
  return {
    current: () => live,
    async reload() {
      live = live.filter((name) => existsSync(driver.absolutePath(fragmentPath(name))))
      return live
    },
  }
}
