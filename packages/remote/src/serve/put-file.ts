import fs from 'node:fs'
import type { IncomingMessage } from 'node:http'
import { createBlobHasher, giveWay } from '@dsv/store'
import {
  type Answer,
  etagOf,
  type Exchange,
  type FileContext,
  type FileTarget,
  matches,
  problem,
} from './exchange.ts'
import { type BodyLimits, receiveBytes, receiveFile } from './receive-body.ts'
import type { ReceivedFile } from './storage-rules.ts'

/** Answers `PUT`. */
export async function putFile(
  context: FileContext,
  exchange: Exchange,
  target: FileTarget,
): Promise<Answer> {
  const { rules, stall } = context
  const { headers } = exchange.request
  const encoding = headers['content-encoding'] ?? 'identity'
  if (encoding !== 'identity') return problem(415, 'Bodies are taken as they are only')
  if (headers['content-range'] !== undefined) return problem(400, 'Files are taken whole only')
  const limits = { maxBytes: rules.maxBytes(target.path), stall }
  return rules.isVersioned(target.path)
    ? putVersioned(context, exchange, { ...target, limits })
    : putOnce(context, exchange, { ...target, limits })
}

interface PutTarget extends FileTarget {
  readonly limits: BodyLimits
}

async function putVersioned(
  { rules }: FileContext,
  exchange: Exchange,
  { path, rights, limits }: PutTarget,
): Promise<Answer> {
  const { 'if-match': ifMatch, 'if-none-match': ifNoneMatch } = exchange.request.headers
  const [, expected] = /^"([^"]{1,200})"$/.exec(ifMatch ?? '') ?? []
  const isNew = ifMatch === undefined && ifNoneMatch === '*'
  if (!isNew && (expected === undefined || ifNoneMatch !== undefined)) {
    return problem(428, 'If-Match with one strong ETag, or If-None-Match: *, is required')
  }
  const bytes = await receiveBytes(begun(exchange), limits)
  const version = await whileWaiting(exchange, () =>
    rules.replaceIf(path, expected, { bytes, rights }),
  )
  return { status: isNew ? 201 : 204, headers: { etag: `"${version}"` } }
}

async function putOnce(
  { driver, rules }: FileContext,
  exchange: Exchange,
  { path, limits }: PutTarget,
): Promise<Answer> {
  const { 'if-match': ifMatch, 'if-none-match': ifNoneMatch } = exchange.request.headers
  const etag = etagOf(path)
  const isThere = (await driver.sizeOf(path)) !== undefined
  if (isThere && matches(ifNoneMatch, etag)) return problem(412, 'It is there already')
  if (ifMatch !== undefined && !(isThere && matches(ifMatch, etag))) {
    return problem(412, 'There is no such file')
  }
  const temporary = driver.temporaryFile()
  try {
    const file = await receiveFile(begun(exchange), temporary, limits)
    await whileWaiting(exchange, () => rules.check(path, file))
    // What lies there may be damaged; what came is sound.
    if (!isThere || !(await isSame(driver.absolutePath(path), file))) driver.adopt(temporary, path)
    await driver.flush()
  } finally {
    fs.rmSync(temporary, { force: true })
  }
  return { status: isThere ? 204 : 201, headers: { etag } }
}

/** A client that waits for leave to send its body gets it. */
function begun({ request, response }: Exchange): IncomingMessage {
  if (request.headers.expect?.toLowerCase() === '100-continue') response.writeContinue()
  return request
}

/** Checking a large change takes a while, in which the connection is idle with good reason. */
async function whileWaiting<Result>(
  { request }: Exchange,
  run: () => Promise<Result>,
): Promise<Result> {
  const { socket } = request
  const idleMs = socket.timeout ?? 0
  socket.setTimeout(0)
  try {
    return await run()
  } finally {
    socket.setTimeout(idleMs)
  }
}

async function isSame(existing: string, file: ReceivedFile): Promise<boolean> {
  const hasher = createBlobHasher()
  for await (const piece of fs.createReadStream(existing)) {
    if (Buffer.isBuffer(piece)) hasher.update(piece)
    await giveWay()
  }
  return hasher.digest() === file.hash
}
