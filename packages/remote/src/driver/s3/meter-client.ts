import { Readable, Transform } from 'node:stream'
import type { S3Client } from '@aws-sdk/client-s3'
import type { StallWatch } from '../shared/stall.ts'
import { BrokenOff, ConnectionFailed, WrongAnswer } from './s3-errors.ts'

/** How one request is measured. */
export interface RequestMeter {
  readonly watch: StallWatch
  /** Whether a good answer is a file, whose reader bounds it. */
  readonly isFile: boolean
}

/** A page of a listing has 1,000 keys of 1,024 bytes, each escaped to three times as much. */
const ANSWER_BYTES = 16 * 1024 * 1024
const SLICE_BYTES = 64 * 1024

/**
 * Makes a client count what goes over the wire for the watch of each request, and bounds what the SDK
 * would otherwise read without end. The meter of a request is found by its abort signal.
 */
export function meterClient(client: S3Client, meters: WeakMap<object, RequestMeter>): void {
  const handler = client.config.requestHandler
  const handle = handler.handle.bind(handler)
  handler.handle = async (request, options) => {
    const signal = options && 'abortSignal' in options ? options.abortSignal : undefined
    const meter = signal && meters.get(signal)
    if (meter === undefined) return handle(request, options)
    const { watch } = meter
    const sent: unknown = request.body
    if (sent instanceof Uint8Array) {
      if (sent.length <= SLICE_BYTES) watch.moved(sent.length)
      else request.body = Readable.from(countedSlices(sent, watch), { objectMode: false })
    }
    const answer = await handle(request, options).catch((error: unknown) => {
      throw new ConnectionFailed(error)
    })
    const received: unknown = answer.response.body
    if (received instanceof Readable) {
      const isFile = meter.isFile && answer.response.statusCode < 300
      answer.response.body = countedBody(received, watch, isFile ? Infinity : ANSWER_BYTES)
    }
    return answer
  }
}

function* countedSlices(bytes: Uint8Array, watch: StallWatch): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += SLICE_BYTES) {
    const slice = bytes.subarray(at, at + SLICE_BYTES)
    watch.moved(slice.length)
    yield slice
  }
}

function countedBody(body: Readable, watch: StallWatch, atMost: number): Readable {
  let received = 0
  const counted = new Transform({
    transform(chunk: Uint8Array, _encoding, done) {
      received += chunk.length
      watch.moved(chunk.length)
      if (received > atMost) done(new WrongAnswer(`the answer is longer than ${atMost} bytes`))
      else done(null, chunk)
    },
  })
  // The SDK leaves some answers unread.
  counted.on('error', () => {})
  body.pipe(counted)
  body.on('error', (error) => counted.destroy(new ConnectionFailed(error)))
  body.once('close', () => {
    if (!body.readableEnded) counted.destroy(new BrokenOff('the connection was closed'))
  })
  const stop = (): void => void counted.destroy(new Error('The request was given up'))
  watch.signal.addEventListener('abort', stop, { once: true })
  counted.once('close', () => {
    watch.signal.removeEventListener('abort', stop)
    body.destroy()
  })
  return counted
}
