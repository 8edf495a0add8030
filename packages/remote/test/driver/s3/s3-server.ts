import { createHash } from 'node:crypto'
import http from 'node:http'
import type { AddressInfo } from 'node:net'

/** A request as a test sees it. */
export interface SeenRequest {
  /** `PUT`, `HEAD`, …, or what a query makes of it: `LIST`, `CREATE`, `PART`, `COMPLETE`, `ABORT`, `PARTS`, `UPLOADS`. */
  readonly operation: string
  readonly key: string
  readonly query: URLSearchParams
  readonly headers: http.IncomingHttpHeaders
}

/** What goes wrong with a request. */
export type Fault =
  | {
      readonly type: 'error'
      readonly status: number
      readonly code: string
      readonly headers?: http.OutgoingHttpHeaders
      readonly body?: string
    }
  /** Carries the request out, but breaks the connection or keeps silent instead of answering. */
  | { readonly type: 'lost' | 'silent' }
  /** Sends only so many bytes of the answer and then breaks the connection, or stops moving. */
  | {
      readonly type: 'truncated' | 'stalled'
      readonly bytes: number
      readonly answer?: (usual: Answer) => Answer
    }
  /** Answers in another way. */
  | { readonly type: 'answer'; readonly answer: (usual: Answer) => Answer }

/** What is sent back. */
export interface Answer {
  readonly status: number
  readonly headers?: http.OutgoingHttpHeaders
  readonly body?: Uint8Array | string
}

interface StoredFile {
  readonly bytes: Buffer
  readonly etag: string
  readonly modifiedMs: number
}

interface Upload {
  readonly key: string
  readonly id: string
  readonly startedMs: number
  readonly parts: Map<number, StoredFile>
}

/** A bucket `bucket` over HTTP, whose inside tests may look at and change. */
export interface S3Server {
  readonly url: string
  readonly files: Map<string, StoredFile>
  readonly uploads: Map<string, Upload>
  /** Operations and keys in the order they came: `PUT a/b`. */
  readonly log: string[]
  /** Called for every request; what it returns goes wrong. */
  fault: (request: SeenRequest) => Fault | undefined
  /** Like gateways that do not know `If-Match` and `If-None-Match`. */
  ignoresConditions: boolean
  pageSize: number
  /** How far its clock is from ours; requests signed 15 minutes from it are refused. */
  clockOffsetMs: number
  put(key: string, bytes: Uint8Array): void
  /** Leaves an unfinished upload behind, with parts by their numbers. */
  beginUpload(key: string, parts: Readonly<Record<number, Uint8Array>>): Upload
  stop(): Promise<void>
}

class Refused extends Error {
  readonly status: number
  readonly code: string
  constructor(status: number, code: string) {
    super(code)
    this.status = status
    this.code = code
  }
}

/** Starts a server of S3's protocol on a free port of this machine: one bucket, in memory. */
export async function startS3Server(): Promise<S3Server> {
  const listener = http.createServer((request, response) => {
    void serve(server, request, response)
  })
  await new Promise<void>((resolve) => void listener.listen(0, '127.0.0.1', resolve))
  const server: S3Server = {
    url: `http://127.0.0.1:${(listener.address() as AddressInfo).port}`,
    files: new Map(),
    uploads: new Map(),
    log: [],
    fault: () => undefined,
    ignoresConditions: false,
    pageSize: 1000,
    clockOffsetMs: 0,
    put: (key, bytes) => void server.files.set(key, stored(Buffer.from(bytes))),
    beginUpload(key, parts) {
      const files = Object.entries(parts).map(
        ([number, part]) => [Number(number), stored(Buffer.from(part))] as const,
      )
      const id = `upload-${server.uploads.size}`
      const upload = { key, id, startedMs: Date.now(), parts: new Map(files) }
      server.uploads.set(id, upload)
      return upload
    },
    async stop() {
      listener.closeAllConnections()
      await new Promise((resolve) => void listener.close(resolve))
    },
  }
  return server
}

function stored(bytes: Buffer): StoredFile {
  return { bytes, etag: `"${md5(bytes).toString('hex')}"`, modifiedMs: Date.now() }
}

const md5 = (bytes: Uint8Array): Buffer => createHash('md5').update(bytes).digest()

async function serve(
  server: S3Server,
  request: http.IncomingMessage,
  response: http.ServerResponse,
): Promise<void> {
  const chunks: Buffer[] = []
  try {
    for await (const chunk of request) chunks.push(chunk as Buffer)
  } catch {
    // The client has gone; nothing is carried out.
    return
  }
  const seen = seenRequest(request)
  server.log.push(`${seen.operation} ${seen.key}`)
  const fault = server.fault(seen)
  if (fault?.type === 'error') {
    const { status, code, headers = {}, body } = fault
    return send(server, response, { ...errorAnswer(status, code), headers, ...(body && { body }) })
  }
  const usual = answerTo(server, seen, Buffer.concat(chunks))
  const answer = (fault && 'answer' in fault ? fault.answer?.(usual) : undefined) ?? usual
  if (fault?.type === 'silent') return
  if (fault?.type === 'lost') return void response.destroy()
  if (fault?.type === 'truncated' || fault?.type === 'stalled') {
    const body = Buffer.from(answer.body ?? '')
    response.writeHead(answer.status, { ...answer.headers, 'content-length': body.length })
    response.write(body.subarray(0, fault.bytes), () => {
      if (fault.type === 'truncated') response.destroy()
    })
    return
  }
  return send(server, response, seen.operation === 'HEAD' ? { ...answer, body: '' } : answer)
}

function send(server: S3Server, response: http.ServerResponse, answer: Answer): void {
  const body = Buffer.from(answer.body ?? '')
  const headers = {
    date: new Date(Date.now() + server.clockOffsetMs).toUTCString(),
    'x-amz-request-id': 'REQUEST1',
    'content-length': body.length,
    ...answer.headers,
  }
  response.statusCode = answer.status
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) response.setHeader(name, value)
  }
  response.end(body)
}

function errorAnswer(status: number, code: string): Answer {
  const body = `<Error><Code>${code}</Code><Message>${code} happened</Message></Error>`
  return { status, body }
}

function seenRequest(request: http.IncomingMessage): SeenRequest {
  const url = new URL(request.url ?? '/', 'http://host')
  const key = decodeURIComponent(url.pathname.replace(/^\/[^/]*\/?/, ''))
  const { searchParams: query } = url
  return {
    operation: operationOf(request.method ?? '', query),
    key,
    query,
    headers: request.headers,
  }
}

function operationOf(method: string, query: URLSearchParams): string {
  if (query.has('list-type')) return 'LIST'
  if (query.has('uploads')) return method === 'GET' ? 'UPLOADS' : 'CREATE'
  if (!query.has('uploadId')) return method
  return { PUT: 'PART', POST: 'COMPLETE', DELETE: 'ABORT', GET: 'PARTS' }[method] ?? method
}

function answerTo(server: S3Server, request: SeenRequest, body: Buffer): Answer {
  try {
    checkClock(server, request)
    const run = OPERATIONS[request.operation]
    if (run === undefined) throw new Refused(405, 'MethodNotAllowed')
    return run(server, request, body)
  } catch (error) {
    if (error instanceof Refused) return errorAnswer(error.status, error.code)
    throw error
  }
}

function checkClock(server: S3Server, { headers }: SeenRequest): void {
  const text = String(headers['x-amz-date'] ?? '')
  const iso = text.replace(/^(....)(..)(..T..)(..)(..Z)$/, '$1-$2-$3:$4:$5')
  if (Math.abs(Date.parse(iso) - Date.now() - server.clockOffsetMs) > 15 * 60_000) {
    throw new Refused(403, 'RequestTimeTooSkewed')
  }
}

function checkConditions(server: S3Server, { key, headers }: SeenRequest): void {
  if (server.ignoresConditions) return
  const there = server.files.get(key)
  if (headers['if-none-match'] === '*' && there) throw new Refused(412, 'PreconditionFailed')
  const wanted = headers['if-match']
  if (wanted === undefined) return
  if (there === undefined) throw new Refused(404, 'NoSuchKey')
  if (there.etag !== wanted) throw new Refused(412, 'PreconditionFailed')
}

function checkDigest({ headers }: SeenRequest, body: Buffer): void {
  const wanted = headers['content-md5']
  if (wanted !== undefined && wanted !== md5(body).toString('base64')) {
    throw new Refused(400, 'BadDigest')
  }
}

function uploadOf(server: S3Server, { query }: SeenRequest): Upload {
  const upload = server.uploads.get(query.get('uploadId') ?? '')
  if (upload === undefined) throw new Refused(404, 'NoSuchUpload')
  return upload
}

const OPERATIONS: Record<string, (server: S3Server, request: SeenRequest, body: Buffer) => Answer> =
  {
    GET: readFile,
    HEAD: readFile,
    PUT(server, request, body) {
      checkDigest(request, body)
      checkConditions(server, request)
      const file = stored(body)
      server.files.set(request.key, file)
      return { status: 200, headers: { etag: file.etag } }
    },
    DELETE(server, { key }) {
      server.files.delete(key)
      return { status: 204 }
    },
    LIST: listFiles,
    CREATE(server, { key }) {
      const id = `upload-${server.log.length}`
      server.uploads.set(id, { key, id, startedMs: Date.now(), parts: new Map() })
      return xml('InitiateMultipartUploadResult', `<UploadId>${id}</UploadId>`)
    },
    PART(server, request, body) {
      checkDigest(request, body)
      const file = stored(body)
      uploadOf(server, request).parts.set(Number(request.query.get('partNumber')), file)
      return { status: 200, headers: { etag: file.etag } }
    },
    PARTS(server, request) {
      const parts = [...uploadOf(server, request).parts].toSorted(([a], [b]) => a - b)
      const after = Number(request.query.get('part-number-marker') ?? 0)
      const page = parts.filter(([number]) => number > after).slice(0, server.pageSize)
      const last = page.at(-1)?.[0] ?? after
      const isTruncated = last < (parts.at(-1)?.[0] ?? 0)
      const shown = page.map(
        ([number, { etag, bytes }]) =>
          `<Part><PartNumber>${number}</PartNumber><ETag>${etag}</ETag><Size>${bytes.length}</Size></Part>`,
      )
      const marks = `<IsTruncated>${isTruncated}</IsTruncated><NextPartNumberMarker>${last}</NextPartNumberMarker>`
      return xml('ListPartsResult', marks + shown.join(''))
    },
    COMPLETE(server, request, body) {
      const upload = uploadOf(server, request)
      checkConditions(server, request)
      const text = body.toString().replaceAll('&quot;', '"')
      const parts = [...text.matchAll(/<Part>.*?<\/Part>/gs)].map(([part]) => {
        const file = upload.parts.get(Number(/<PartNumber>(\d+)</.exec(part)?.[1]))
        if (file === undefined || !part.includes(file.etag)) throw new Refused(400, 'InvalidPart')
        return file.bytes
      })
      const digest = md5(Buffer.concat(parts.map(md5))).toString('hex')
      const etag = `"${digest}-${parts.length}"`
      server.files.set(upload.key, { ...stored(Buffer.concat(parts)), etag })
      server.uploads.delete(upload.id)
      return xml('CompleteMultipartUploadResult', `<ETag>${etag}</ETag>`)
    },
    ABORT(server, request) {
      server.uploads.delete(uploadOf(server, request).id)
      return { status: 204 }
    },
    UPLOADS(server, { query }) {
      const prefix = query.get('prefix') ?? ''
      const shown = [...server.uploads.values()]
        .filter(({ key }) => key.startsWith(prefix))
        .map(
          ({ key, id, startedMs }) =>
            `<Upload><Key>${key}</Key><UploadId>${id}</UploadId><Initiated>${new Date(startedMs).toISOString()}</Initiated></Upload>`,
        )
      return xml('ListMultipartUploadsResult', shown.join(''))
    },
  }

function readFile(server: S3Server, request: SeenRequest): Answer {
  const file = server.files.get(request.key)
  if (file === undefined) throw new Refused(404, 'NoSuchKey')
  checkConditions(server, request)
  const { bytes, etag, modifiedMs } = file
  const headers = { etag, 'last-modified': new Date(modifiedMs).toUTCString() }
  const range = /^bytes=(\d*)-(\d*)$/.exec(request.headers.range ?? '')
  if (request.operation === 'HEAD')
    return { status: 200, headers: { ...headers, 'content-length': bytes.length } }
  if (range === null) return { status: 200, headers, body: bytes }
  const [, first = '', last = ''] = range
  const from = first === '' ? Math.max(0, bytes.length - Number(last)) : Number(first)
  const to =
    first === '' || last === '' ? bytes.length - 1 : Math.min(Number(last), bytes.length - 1)
  if (from >= bytes.length) throw new Refused(416, 'InvalidRange')
  const contentRange = `bytes ${from}-${to}/${bytes.length}`
  return {
    status: 206,
    headers: { ...headers, 'content-range': contentRange },
    body: bytes.subarray(from, to + 1),
  }
}

function listFiles(server: S3Server, { query }: SeenRequest): Answer {
  const prefix = query.get('prefix') ?? ''
  const after = query.get('continuation-token') ?? ''
  const keys = [...server.files.keys()].filter((key) => key.startsWith(prefix) && key > after)
  const page = keys.toSorted().slice(0, server.pageSize)
  const isTruncated = page.length < keys.length
  const shown = page.map((key) => {
    const file = server.files.get(key)
    const modified = new Date(file?.modifiedMs ?? 0).toISOString()
    return `<Contents><Key>${encodeURIComponent(key)}</Key><LastModified>${modified}</LastModified><Size>${file?.bytes.length}</Size></Contents>`
  })
  const token = isTruncated ? `<NextContinuationToken>${page.at(-1)}</NextContinuationToken>` : ''
  const marks = `<EncodingType>url</EncodingType><IsTruncated>${isTruncated}</IsTruncated>${token}`
  return xml('ListBucketResult', marks + shown.join(''))
}

function xml(root: string, content: string): Answer {
  const body = `<?xml version="1.0" encoding="UTF-8"?>\n<${root}>${content}</${root}>`
  return { status: 200, headers: { 'content-type': 'application/xml' }, body }
}
