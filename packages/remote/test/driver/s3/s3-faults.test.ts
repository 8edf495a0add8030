import { randomBytes, randomUUID } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import { openDriver, probeConditionalWrites } from '@dsv/remote'
import type { StorageDriver } from '@dsv/store'
import { connectS3, type S3Context } from '../../../src/driver/s3/s3-connection.ts'
import { parseS3Address } from '../../../src/driver/s3/parse-s3-address.ts'
import { s3Driver } from '../../../src/driver/s3/s3-driver.ts'
import { type Answer, type Fault, type S3Server, startS3Server } from './s3-server.ts'

const env = { AWS_ACCESS_KEY_ID: 'AKEY', AWS_SECRET_ACCESS_KEY: 'very-secret' }
const QUICK: S3Context = {
  env,
  retries: { attempts: 4, firstWaitMs: 1, longestWaitMs: 2 },
  inPartsFromBytes: 100,
  partBytes: 40,
}
/** Notices soon that a server stands still, though a busy machine may look like one. */
const IMPATIENT: S3Context = { ...QUICK, stall: { windowMs: 300, bytesPerSecond: 10 } }
const KEY = 'repo/objects/pack/a.pack'
const PATH = 'objects/pack/a.pack'

let server: S3Server
let driver: StorageDriver
// One server for each test: what one test gave up may still arrive.
beforeEach(async () => {
  server = await startS3Server()
  driver = await open()
})
afterEach(() => server.stop())

function open(
  context: S3Context = QUICK,
  options: Record<string, string> = {},
): Promise<StorageDriver> {
  return s3Driver('s3://bucket/repo', { endpoint: server.url, ...options }, context)
}

/** Lets the first `times` requests of an operation go wrong. */
function failFirst(operation: string, fault: Fault, times = 1): void {
  let left = times
  server.fault = (request) => {
    if (request.operation !== operation || left === 0) return undefined
    left -= 1
    return fault
  }
}

const failAlways = (operation: string, fault: Fault): void => failFirst(operation, fault, Infinity)
const refuse = (status: number, code: string, headers = {}): Fault & { type: 'error' } => ({
  type: 'error',
  status,
  code,
  headers,
})
const answer = (change: (usual: Answer) => Answer): Fault => ({ type: 'answer', answer: change })
const operations = (): string[] => server.log.map((line) => line.split(' ')[0] ?? '')
const held = (key = KEY): string | undefined => server.files.get(key)?.bytes.toString()
const bytes = (text: string): Buffer => Buffer.from(text)

async function listed(prefix: string): Promise<string[]> {
  const paths: string[] = []
  for await (const each of driver.list(prefix)) paths.push(each.path)
  return paths
}

describe('s3Driver with a server that is busy or far away', () => {
  it.each([
    ['SlowDown', refuse(503, 'SlowDown')],
    ['an internal error', refuse(500, 'InternalError')],
    ['too many requests', refuse(429, 'TooManyRequests')],
    ['a proxy that answers in HTML', { ...refuse(502, ''), body: '<html>Bad gateway' }],
    ['a lost answer', { type: 'lost' }],
  ] satisfies [string, Fault][])('writes again after %s', async (_, fault) => {
    failFirst('PUT', fault)
    await driver.write(PATH, bytes('text'))
    expect(held()).toBe('text')
    // The lost one was carried out: it is found there, and is as long as it should be.
    expect(operations()).toEqual(fault.type === 'lost' ? ['PUT', 'PUT', 'HEAD'] : ['PUT', 'PUT'])
  })

  it('gives up in the end, and says what the server said', async () => {
    failAlways('PUT', refuse(503, 'SlowDown'))
    await expect(driver.write(PATH, bytes('text'))).rejects.toMatchObject({
      code: 'DSV_STORAGE_FAILED',
      message: expect.stringMatching(/s3:\/\/bucket\/repo\/objects.*SlowDown.*503.*REQUEST1|503/),
    })
    expect(operations()).toEqual(['PUT', 'PUT', 'PUT', 'PUT'])
  })

  it('sends fewer requests at once after SlowDown', async () => {
    const connection = await connectS3(
      parseS3Address('s3://bucket/repo', { endpoint: server.url }),
      QUICK,
    )
    failFirst('HEAD', refuse(503, ''))
    expect(await connection.head('none')).toBeUndefined()
    expect(connection.limit.atOnce).toBe(2)
  })

  it('continues a large file where it broke off', async () => {
    const content = randomBytes(600_000)
    server.put(KEY, content)
    const ranges: (string | undefined)[] = []
    let left = 1
    server.fault = ({ headers }) => {
      ranges.push(headers.range)
      left -= 1
      return left === 0 ? { type: 'truncated', bytes: 400_000 } : undefined
    }
    expect(content.equals(await driver.read(PATH))).toBe(true)
    expect(ranges).toEqual([undefined, expect.stringMatching(/^bytes=\d{6}-599999$/)])
  })

  it('begins again when the file changed meanwhile', async () => {
    const content = randomBytes(600_000)
    server.put(KEY, randomBytes(600_000))
    failFirst('GET', { type: 'truncated', bytes: 400_000 })
    const reading = driver.read(PATH)
    const usual = server.fault
    server.fault = (request) => {
      const fault = usual(request)
      if (fault === undefined) server.put(KEY, content)
      return fault
    }
    expect(content.equals(await reading)).toBe(true)
  })

  it.each(['truncated', 'stalled'] as const)(
    'reads a small file again that was %s',
    async (type) => {
      driver = await open(IMPATIENT)
      server.put(KEY, bytes('0123456789'))
      failFirst('GET', { type, bytes: 4 })
      expect(Buffer.from(await driver.read(PATH)).toString()).toBe('0123456789')
      failFirst('GET', { type, bytes: 2 })
      expect(Buffer.from(await driver.readRange(PATH, 3, 4)).toString()).toBe('3456')
      failFirst('LIST', { type, bytes: 60 })
      expect(await listed('')).toEqual([PATH])
    },
  )

  it('says that a server stands still', async () => {
    driver = await open({ ...IMPATIENT, retries: { ...QUICK.retries, attempts: 2 } })
    server.put(KEY, bytes('0123456789'))
    failAlways('GET', { type: 'stalled', bytes: 4 })
    const stalled = { code: 'DSV_REMOTE_STALLED', details: { location: 's3://bucket/repo' } }
    await expect(driver.read(PATH)).rejects.toMatchObject(stalled)
  })

  it('finds nobody there, and says so soon', async () => {
    const gone = await startS3Server()
    const nobody = await s3Driver('s3://bucket', { endpoint: gone.url }, QUICK)
    await gone.stop()
    await expect(nobody.read(PATH)).rejects.toMatchObject({
      code: 'DSV_STORAGE_FAILED',
      message: expect.stringContaining('ECONNREFUSED'),
    })
  })
})

describe('s3Driver writing what is there already', () => {
  it('leaves a file of the same size alone', async () => {
    server.put(KEY, bytes('text'))
    const before = server.files.get(KEY)
    await driver.write(PATH, bytes('text'))
    expect(server.files.get(KEY)).toBe(before)
    expect(operations()).toEqual(['PUT', 'HEAD'])
  })

  it('replaces one of another size, which is damaged', async () => {
    server.put(KEY, bytes('te'))
    await driver.write(PATH, bytes('text'))
    expect(held()).toBe('text')
  })

  it('writes after a conflict with somebody who then did not', async () => {
    failFirst('PUT', refuse(409, 'ConditionalRequestConflict'))
    await driver.write(PATH, bytes('text'))
    expect(held()).toBe('text')
    failAlways('PUT', refuse(409, 'ConditionalRequestConflict'))
    const conflict = { code: 'DSV_STORAGE_CONFLICT' }
    await expect(driver.write('b', bytes('text'))).rejects.toMatchObject(conflict)
  })

  it('does not go by listings, which may be old', async () => {
    await driver.write(PATH, bytes('text'))
    failAlways(
      'LIST',
      answer((usual) => ({ ...usual, body: '<ListBucketResult/>' })),
    )
    expect(await listed('')).toEqual([])
    expect(await driver.sizeOf(PATH)).toBe(4)
    expect(Buffer.from(await driver.read(PATH)).toString()).toBe('text')
  })
})

describe('s3Driver replacing a file', () => {
  it.each([
    [412, 'PreconditionFailed'],
    [409, 'ConditionalRequestConflict'],
    [404, 'NoSuchKey'],
  ])('takes %i as a conflict', async (status, code) => {
    const version = await driver.replaceIf('root', undefined, bytes('one'))
    failAlways('PUT', refuse(status, code))
    const conflict = { code: 'DSV_STORAGE_CONFLICT' }
    await expect(driver.replaceIf('root', version, bytes('two'))).rejects.toMatchObject(conflict)
  })

  it('repeats what was surely not carried out', async () => {
    failFirst('PUT', refuse(503, 'SlowDown'), 2)
    await driver.replaceIf('root', undefined, bytes('one'))
    expect(operations()).toEqual(['PUT', 'PUT', 'PUT'])
  })

  it.each([{ type: 'lost' }, { type: 'silent' }] satisfies Fault[])(
    'leaves it to the caller when it is not known (%j)',
    async (fault) => {
      driver = await open(IMPATIENT)
      failFirst('PUT', fault)
      const unknown = { code: expect.stringMatching(/^DSV_(STORAGE_FAILED|REMOTE_STALLED)$/) }
      await expect(driver.replaceIf('root', undefined, bytes('one'))).rejects.toMatchObject(unknown)
      expect(operations()).toEqual(['PUT'])
      expect(held('repo/root')).toBe('one')
    },
  )

  it('is refused by the probe when the server ignores conditions', async () => {
    server.ignoresConditions = true
    const unsafe = { code: 'DSV_REMOTE_UNSAFE' }
    await expect(probeConditionalWrites(driver)).rejects.toMatchObject(unsafe)
    expect(server.files.size).toBe(0)
    server.ignoresConditions = false
    await probeConditionalWrites(driver)
    expect(server.files.size).toBe(0)
  })

  it('wants an ETag', async () => {
    server.put('repo/root', bytes('one'))
    server.fault = () => answer((usual) => ({ ...usual, headers: {} }))
    const failed = { code: 'DSV_STORAGE_FAILED', message: expect.stringContaining('ETag') }
    await expect(driver.readVersioned('root')).rejects.toMatchObject(failed)
    await expect(driver.replaceIf('new', undefined, bytes('x'))).rejects.toMatchObject(failed)
  })
})

describe('s3Driver uploading in parts', () => {
  const content = randomBytes(210)

  const partOf = (number: number): Buffer => content.subarray((number - 1) * 40, number * 40)
  const count = (operation: string): number =>
    operations().filter((each) => each === operation).length

  it('makes the file of all parts', async () => {
    await driver.write(PATH, content)
    expect(server.files.get(KEY)?.bytes.equals(content)).toBe(true)
    expect(operations()).toEqual([
      'HEAD',
      'UPLOADS',
      'CREATE',
      ...Array.from({ length: 6 }, () => 'PART'),
      'COMPLETE',
    ])
    server.log.length = 0
    await driver.write(PATH, content)
    expect(operations()).toEqual(['HEAD'])
  })

  it('leaves what it sent when the connection breaks, and continues it', async () => {
    failAlways('PART', { type: 'lost' })
    await expect(driver.write(PATH, content)).rejects.toMatchObject({ code: 'DSV_STORAGE_FAILED' })
    server.fault = () => undefined
    expect(server.uploads.size).toBe(1)
    await driver.write(PATH, content)
    expect(count('CREATE')).toBe(1)
    expect(server.files.get(KEY)?.bytes.equals(content)).toBe(true)
  })

  it('sends only the parts that are missing', async () => {
    server.beginUpload(KEY, { 1: partOf(1), 3: partOf(3), 6: partOf(6) })
    server.pageSize = 2
    await driver.write(PATH, content)
    expect(operations()).toEqual([
      'HEAD',
      'UPLOADS',
      'PARTS',
      'PARTS',
      'PART',
      'PART',
      'PART',
      'COMPLETE',
    ])
    expect(server.files.get(KEY)?.bytes.equals(content)).toBe(true)
    expect(server.uploads.size).toBe(0)
  })

  it('sends parts again that are not what they should be', async () => {
    server.beginUpload(KEY, { 1: partOf(2), 2: partOf(2), 3: partOf(3).subarray(1), 9: partOf(1) })
    await driver.write(PATH, content)
    expect(count('PART')).toBe(5)
    expect(server.files.get(KEY)?.bytes.equals(content)).toBe(true)
  })

  it('continues the newest of unfinished uploads, and removes the others of this file', async () => {
    server.uploads.set('older', { ...server.beginUpload(KEY, {}), id: 'older', startedMs: 0 })
    server.uploads.set('other', { ...server.beginUpload(`${KEY}2`, {}), id: 'other' })
    await driver.write(PATH, content)
    expect(count('CREATE')).toBe(0)
    expect([...server.uploads.values()].map(({ key }) => key)).not.toContain(KEY)
    expect(server.uploads.has('other')).toBe(true)
  })

  it('begins again when what it continues does not fit', async () => {
    server.beginUpload(KEY, { 1: partOf(1) })
    failFirst('COMPLETE', refuse(400, 'InvalidRequest'))
    await driver.write(PATH, content)
    expect(count('PART')).toBe(5 + 6)
    expect(server.files.get(KEY)?.bytes.equals(content)).toBe(true)
    expect(server.uploads.size).toBe(0)
  })

  it('begins again when somebody has aborted its upload', async () => {
    failFirst('COMPLETE', refuse(404, 'NoSuchUpload'))
    await driver.write(PATH, content)
    expect(count('CREATE')).toBe(2)
    expect(server.files.get(KEY)?.bytes.equals(content)).toBe(true)
  })

  it('is content when its answer got lost, or somebody else was faster', async () => {
    failFirst('COMPLETE', { type: 'lost' })
    await driver.write(PATH, content)
    expect(server.files.get(KEY)?.bytes.equals(content)).toBe(true)
    server.files.clear()
    server.fault = ({ operation }) => {
      if (operation === 'COMPLETE') server.put(KEY, content)
      return undefined
    }
    await driver.write(PATH, content)
    expect(server.uploads.size).toBe(0)
  })

  it('works without the right to list uploads', async () => {
    failAlways('UPLOADS', refuse(403, 'AccessDenied'))
    await driver.write(PATH, content)
    expect(server.files.get(KEY)?.bytes.equals(content)).toBe(true)
  })

  it('removes its upload when it can never succeed', async () => {
    failAlways('PART', refuse(403, 'AccessDenied'))
    const denied = { code: 'DSV_STORAGE_DENIED' }
    await expect(driver.write(PATH, content)).rejects.toMatchObject(denied)
    expect(server.uploads.size).toBe(0)
  })

  it('sends a part again that arrived damaged', async () => {
    failFirst('PART', refuse(400, 'BadDigest'))
    await driver.write(PATH, content)
    expect(server.files.get(KEY)?.bytes.equals(content)).toBe(true)
  })
})

describe('s3Driver with a server that lies', () => {
  const failed = { code: 'DSV_STORAGE_FAILED' }

  it('takes no range but the one it asked for', async () => {
    server.put(KEY, bytes('0123456789'))
    failAlways(
      'GET',
      answer(({ status }) => ({ status: status === 206 ? 200 : status, body: '0123456789' })),
    )
    await expect(driver.readRange(PATH, 3, 4)).rejects.toMatchObject(failed)
    // The whole file begins with what was asked for.
    expect(Buffer.from(await driver.readRange(PATH, 0, 4)).toString()).toBe('0123')
    failAlways(
      'GET',
      answer((usual) => ({ ...usual, headers: { 'content-range': 'bytes 2-5/10' } })),
    )
    await expect(driver.readRange(PATH, 3, 4)).rejects.toMatchObject(failed)
  })

  it('reads no more than it asked for', async () => {
    server.put(KEY, bytes('x'.repeat(10_000)))
    failAlways(
      'GET',
      answer((usual) => ({ ...usual, status: 200, headers: {}, body: 'y'.repeat(5_000_000) })),
    )
    expect((await driver.readRange(PATH, 0, 10)).length).toBe(10)
  })

  it('refuses a file of unknown length', async () => {
    server.put(KEY, bytes('0123456789'))
    const headers = { 'content-length': undefined, 'transfer-encoding': 'chunked' }
    failAlways(
      'GET',
      answer((usual) => ({ ...usual, headers })),
    )
    await expect(driver.read(PATH)).rejects.toMatchObject(failed)
  })

  it('refuses a file that is larger than any', async () => {
    server.put(KEY, bytes('0123456789'))
    failAlways(
      'GET',
      answer((usual) => ({ ...usual, headers: { 'content-length': 2 ** 40 } })),
    )
    await expect(driver.read(PATH)).rejects.toMatchObject({
      ...failed,
      message: expect.stringContaining('1099511627776 bytes'),
    })
  })

  const page = (content: string): Fault =>
    answer(() => ({ status: 200, body: `<ListBucketResult>${content}</ListBucketResult>` }))
  const file = (key: string, size = '1', modified = '2026-01-01T00:00:00Z'): string =>
    `<Contents><Key>${key}</Key><Size>${size}</Size><LastModified>${modified}</LastModified></Contents>`

  it.each([
    ['other keys', file('elsewhere/a')],
    ['keys in no order', file('repo/b') + file('repo/a')],
    ['a key twice', file('repo/a') + file('repo/a')],
    ['no size', '<Contents><Key>repo/a</Key></Contents>'],
    ['a size below nothing', file('repo/a', '-1')],
    ['no end', '<IsTruncated>true</IsTruncated>'],
    ['a circle', '<IsTruncated>true</IsTruncated><NextContinuationToken>x</NextContinuationToken>'],
    ['a key that is not encoded', `<EncodingType>url</EncodingType>${file('repo/%zz')}`],
  ])('refuses a listing with %s', async (_, content) => {
    failAlways('LIST', page(content))
    await expect(listed('')).rejects.toMatchObject(failed)
  })

  it('knows the order of a server, which is that of UTF-8', async () => {
    failAlways('LIST', page(file('repo/\uffee') + file('repo/\u{1f600}')))
    expect(await listed('')).toEqual(['\uffee', '\u{1f600}'])
  })

  it('passes over keys that no repository has', async () => {
    failAlways(
      'LIST',
      page(['', '../a', 'a/', 'a//b', 'b'].map((key) => file(`repo/${key}`)).join('')),
    )
    expect(await listed('')).toEqual(['b'])
  })

  it('stops a listing without end, and one that is no XML', async () => {
    failAlways(
      'LIST',
      answer(() => ({ status: 200, body: Buffer.alloc(17 * 1024 * 1024, 'x') })),
    )
    await expect(listed('')).rejects.toMatchObject({
      ...failed,
      message: expect.stringContaining('longer than'),
    })
    failAlways(
      'LIST',
      answer(() => ({ status: 200, body: '<html>hello' })),
    )
    await expect(listed('')).rejects.toMatchObject(failed)
  })

  it('stops an error without end', async () => {
    failAlways('GET', { ...refuse(403, ''), body: 'x'.repeat(17 * 1024 * 1024) })
    await expect(driver.read(PATH)).rejects.toMatchObject({
      code: 'DSV_STORAGE_DENIED',
      message: expect.stringContaining('longer than'),
    })
  })

  it('follows no redirect', async () => {
    const other = await startS3Server()
    failAlways('GET', refuse(307, 'TemporaryRedirect', { location: `${other.url}/bucket/x` }))
    await expect(driver.read(PATH)).rejects.toMatchObject({ code: 'DSV_REMOTE_REGION_WRONG' })
    expect(other.log).toEqual([])
    await other.stop()
  })
})

describe('s3Driver refused', () => {
  it.each([
    ['DSV_REMOTE_BUCKET_NOT_FOUND', refuse(404, 'NoSuchBucket')],
    ['DSV_REMOTE_REGION_WRONG', refuse(301, 'PermanentRedirect')],
    ['DSV_REMOTE_REGION_WRONG', refuse(400, 'AuthorizationHeaderMalformed')],
    ['DSV_REMOTE_CREDENTIALS_REJECTED', refuse(403, 'InvalidAccessKeyId')],
    ['DSV_REMOTE_CREDENTIALS_REJECTED', refuse(403, 'SignatureDoesNotMatch')],
    ['DSV_REMOTE_CREDENTIALS_REJECTED', refuse(400, 'ExpiredToken')],
    ['DSV_REMOTE_CLOCK_SKEWED', refuse(403, 'RequestTimeTooSkewed')],
    ['DSV_STORAGE_DENIED', refuse(403, 'AccessDenied')],
    ['DSV_STORAGE_FULL', refuse(507, 'InsufficientStorage')],
    ['DSV_STORAGE_FAILED', refuse(400, 'SomethingElse')],
  ])('says %s', async (code, fault) => {
    server.fault = () => fault
    for (const run of [
      () => driver.read(PATH),
      () => driver.write(PATH, bytes('x')),
      () => driver.replaceIf('root', undefined, bytes('x')),
      () => listed(''),
    ]) {
      const error: unknown = await run().catch((thrown: unknown) => thrown)
      expect(error).toMatchObject({ code, message: expect.stringContaining('s3://bucket') })
      expect(JSON.stringify(error) + String(error)).not.toContain('very-secret')
    }
  })

  it('names the region that a bucket is in, also after HEAD', async () => {
    server.fault = () => refuse(400, 'BadRequest', { 'x-amz-bucket-region': 'eu-north-1' })
    const region = { code: 'DSV_REMOTE_REGION_WRONG', details: { region: 'eu-north-1' } }
    await expect(driver.sizeOf(PATH)).rejects.toMatchObject(region)
  })

  it('signs by the clock of the server when its own is wrong', async () => {
    server.clockOffsetMs = 3_600_000
    server.put(KEY, bytes('text'))
    expect(Buffer.from(await driver.read(PATH)).toString()).toBe('text')
    expect(await driver.sizeOf(PATH)).toBe(4)
    expect(operations()).toEqual(['GET', 'GET', 'HEAD'])
  })

  describe('with other credentials', () => {
    let folder: string
    const saved = { ...process.env }
    beforeAll(async () => {
      folder = await mkdtemp(path.join(os.tmpdir(), 'dsv-s3-'))
      const profile = '[other]\naws_access_key_id = OTHERKEY\naws_secret_access_key = very-secret\n'
      await writeFile(path.join(folder, 'credentials'), profile)
      process.env['AWS_SHARED_CREDENTIALS_FILE'] = path.join(folder, 'credentials')
      process.env['AWS_CONFIG_FILE'] = path.join(folder, 'config')
      process.env['AWS_EC2_METADATA_DISABLED'] = 'true'
      for (const name of Object.keys(env)) delete process.env[name]
    })
    afterAll(async () => {
      for (const name of [
        'AWS_SHARED_CREDENTIALS_FILE',
        'AWS_CONFIG_FILE',
        'AWS_EC2_METADATA_DISABLED',
      ]) {
        if (saved[name] === undefined) delete process.env[name]
        else process.env[name] = saved[name]
      }
      Object.assign(process.env, saved)
      await rm(folder, { recursive: true })
    })

    /** What the requests of `run` carry as their signature. */
    async function signatures(run: () => Promise<unknown>): Promise<(string | undefined)[]> {
      const seen: (string | undefined)[] = []
      server.fault = ({ headers }) => {
        seen.push(headers.authorization)
        return undefined
      }
      await run()
      return seen
    }

    it('takes those of a profile', async () => {
      const other = await open(QUICK, { profile: 'other', region: 'eu-north-1' })
      const [signature] = await signatures(() => other.sizeOf(PATH))
      expect(signature).toMatch(/Credential=OTHERKEY\/\d+\/eu-north-1\//)
    })

    it('says that there are none', async () => {
      const missing = { code: 'DSV_REMOTE_CREDENTIALS_MISSING' }
      const none = await open({ ...QUICK, env: {} })
      await expect(none.read(PATH)).rejects.toMatchObject(missing)
      const unknown = await open(QUICK, { profile: 'unknown' })
      await expect(unknown.read(PATH)).rejects.toMatchObject(missing)
      expect(server.log).toEqual([])
    })

    it('sends none to a public bucket', async () => {
      const open1 = await open({ ...QUICK, env: {} }, { unsigned: 'true' })
      server.clockOffsetMs = 0
      server.put(KEY, bytes('text'))
      expect(await signatures(() => open1.read(PATH))).toEqual([undefined])
    })

    it('says that no region is known', async () => {
      const aws = await s3Driver('s3://bucket', {}, { ...QUICK, env })
      const region = { code: 'DSV_REMOTE_REGION_WRONG' }
      await expect(aws.read(PATH)).rejects.toMatchObject(region)
    })
  })
})

describe('s3Driver by its cost', () => {
  it('sends one request for each call', async () => {
    const version = await driver.replaceIf('root', undefined, bytes('one'))
    await driver.replaceIf('root', version, bytes('two'))
    await driver.readVersioned('root')
    await driver.write(PATH, bytes('text'))
    await driver.read(PATH)
    await driver.readRange(PATH, -2, 2)
    await driver.sizeOf(PATH)
    await listed('objects/')
    await driver.delete(PATH)
    await driver.flush()
    expect(operations()).toEqual([
      'PUT',
      'PUT',
      'GET',
      'PUT',
      'GET',
      'GET',
      'HEAD',
      'LIST',
      'DELETE',
    ])
  })

  it('finds its server in the environment', async () => {
    const context = { env: { ...env, AWS_ENDPOINT_URL_S3: server.url, AWS_REGION: 'eu-north-1' } }
    await (await s3Driver('s3://bucket', {}, context)).write('a', bytes('text'))
    expect(held('a')).toBe('text')
  })

  it('is opened by its address', async () => {
    const opened = await openDriver(`S3://bucket/${randomUUID()}/`, {
      base: '.',
      options: { endpoint: server.url },
      env,
    })
    await opened.write('a', bytes('text'))
    expect(Buffer.from(await opened.read('a')).toString()).toBe('text')
    expect(opened.packBelowBytes).toBe(16 * 1024 * 1024)
  })
})
