import { open } from 'node:fs/promises'
import type { IncomingMessage } from 'node:http'
import { createBlobHasher } from '@dsv/store'
import { withStallWatch } from '../driver/shared/stall.ts'
import type { StallOptions } from '../driver/shared/stall.ts'
import type { ReceivedFile } from './storage-rules.ts'

/** Bounds on what a client sends. */
export interface BodyLimits {
  readonly maxBytes: number
  readonly stall: StallOptions
}

/** Is thrown when a body is larger than it may be. */
export class BodyTooLarge extends Error {}

/** Is thrown when a body ends before it is complete. */
export class BodyCutOff extends Error {}

/** Reads a body into memory. @throws {@link BodyTooLarge}, {@link BodyCutOff}, `DSV_REMOTE_STALLED` */
export async function receiveBytes(request: IncomingMessage, limits: BodyLimits): Promise<Buffer> {
  const pieces: Buffer[] = []
  await receive(request, limits, async (piece) => void pieces.push(piece))
  return Buffer.concat(pieces)
}

/**
 * Writes a body to a new file, flushed, and hashes it meanwhile.
 *
 * @throws {@link BodyTooLarge}, {@link BodyCutOff}, `DSV_REMOTE_STALLED`
 */
export async function receiveFile(
  request: IncomingMessage,
  temporary: string,
  limits: BodyLimits,
): Promise<ReceivedFile> {
  const hasher = createBlobHasher()
  let sizeBytes = 0
  const file = await open(temporary, 'wx')
  try {
    await receive(request, limits, async (piece) => {
      hasher.update(piece)
      sizeBytes += piece.length
      await file.writeFile(piece)
    })
    await file.sync()
  } finally {
    await file.close()
  }
  return { temporary, sizeBytes, hash: hasher.digest() }
}

async function receive(
  request: IncomingMessage,
  { maxBytes, stall }: BodyLimits,
  take: (piece: Buffer) => Promise<void>,
): Promise<void> {
  if (Number(request.headers['content-length'] ?? 0) > maxBytes) throw new BodyTooLarge()
  await withStallWatch('The client', stall, async ({ signal, moved }) => {
    const stop = (): void => void request.destroy(new BodyCutOff())
    signal.addEventListener('abort', stop, { once: true })
    let sizeBytes = 0
    try {
      // Leaving the loop must not close the connection: the answer is still to be sent.
      const pieces: AsyncIterable<Buffer> = request.iterator({ destroyOnReturn: false })
      for await (const piece of pieces) {
        moved(piece.length)
        sizeBytes += piece.length
        if (sizeBytes > maxBytes) throw new BodyTooLarge()
        await take(piece)
      }
    } catch (error) {
      throw error instanceof BodyTooLarge ? error : cutOff(request, error)
    } finally {
      signal.removeEventListener('abort', stop)
    }
    if (!request.complete) throw new BodyCutOff()
  })
}

/** What the connection says when it breaks matters to nobody; a full disk does. */
function cutOff(request: IncomingMessage, error: unknown): unknown {
  return request.complete || !request.destroyed ? error : new BodyCutOff()
}
