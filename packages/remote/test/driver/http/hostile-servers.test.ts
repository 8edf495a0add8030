import type { IncomingMessage, ServerResponse } from 'node:http'
import { afterEach, describe, expect, it } from '@jest/globals'
import type { StorageDriver } from '@dsv/store'
import { httpDriver, type HttpDriverOptions } from '@dsv/remote'
import { closeServers } from '../../serve/open-storage.ts'
import { tinyServer } from './tiny-server.ts'

afterEach(closeServers)

const SERVER = { 'dsv-protocol': '1' }
const FAILED = { code: 'DSV_STORAGE_FAILED' }

function open(url: string, options: Partial<HttpDriverOptions> = {}): StorageDriver {
  return httpDriver(url, {
    base: '/',
    env: {},
    retries: { attempts: 3, firstWaitMs: 1 },
    stall: { windowMs: 300 },
    ...options,
  })
}

/** Opens a server that always answers so. */
async function answering(
  answer: (response: ServerResponse, request: IncomingMessage) => void,
  options: Partial<HttpDriverOptions> = {},
): Promise<StorageDriver> {
  return open((await tinyServer((request, response) => answer(response, request))).url, options)
}

describe('httpDriver with a server that lies', () => {
  it('does not read for ever', async () => {
    const driver = await answering(
      (response) => {
        response.writeHead(200)
        const more = (): void => {
          while (!response.destroyed && response.write(Buffer.alloc(10_000)));
        }
        response.on('drain', more)
        more()
      },
      { maxFileBytes: 100_000 },
    )
    await expect(driver.read('a')).rejects.toMatchObject(FAILED)
    await expect(driver.readVersioned('root')).rejects.toMatchObject(FAILED)
    await expect(driver.readRange('a', -10, 10)).rejects.toMatchObject(FAILED)
    expect(await driver.readRange('a', 5, 10)).toHaveLength(10)
  })

  it.each([
    ['another start', 'bytes 1-10/100', 10],
    ['another end', 'bytes 0-8/100', 9],
    ['more than the file', 'bytes 0-9/5', 10],
    ['no size', 'bytes 0-9/*', 10],
    ['nonsense', 'bytes 0-9', 10],
    ['nothing', undefined, 10],
    ['more bytes', 'bytes 0-9/100', 11],
    ['fewer bytes', 'bytes 0-9/100', 9],
  ])('takes no range with %s', async (_name, header, length) => {
    const driver = await answering((response) => {
      response.writeHead(206, header === undefined ? {} : { 'content-range': header })
      response.end(Buffer.alloc(length))
    })
    await expect(driver.readRange('a', 0, 10)).rejects.toMatchObject(FAILED)
    await expect(driver.readRange('a', -10, 10)).rejects.toMatchObject(FAILED)
  })

  it('does not believe that a range is empty', async () => {
    const driver = await answering((response) => {
      response.writeHead(416, { 'content-range': 'bytes */100' }).end()
    })
    await expect(driver.readRange('a', 0, 10)).rejects.toMatchObject(FAILED)
    expect(await driver.readRange('a', 100, 10)).toHaveLength(0)
  })

  it('takes no answer that is cut off', async () => {
    const driver = await answering((response) => {
      response.writeHead(200, { 'content-length': 100 })
      response.write(Buffer.alloc(50))
      setTimeout(() => response.destroy(), 10)
    })
    await expect(driver.read('a')).rejects.toMatchObject(FAILED)
    const chunked = await answering((response) => {
      response.write(Buffer.alloc(50))
      setTimeout(() => response.destroy(), 10)
    })
    await expect(chunked.read('a')).rejects.toMatchObject(FAILED)
  })

  it('takes no answer that is longer than it says', async () => {
    const driver = await answering((response) => {
      response.socket?.end('HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabcdef')
    })
    expect(Buffer.from(await driver.read('a')).toString()).toBe('abc')
    const nonsense = await answering((response) => {
      response.socket?.end('HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd')
    })
    await expect(nonsense.read('a')).rejects.toMatchObject(FAILED)
  })

  it('asks for no compression and takes none', async () => {
    let accepted: string | undefined
    const driver = await answering((response, request) => {
      accepted = request.headers['accept-encoding']
      response.writeHead(200, { 'content-encoding': 'gzip', 'content-length': 20 })
      response.end(Buffer.alloc(20))
    })
    await expect(driver.read('a')).rejects.toMatchObject(FAILED)
    await expect(driver.readRange('a', 0, 5)).rejects.toMatchObject(FAILED)
    await expect(driver.sizeOf('a')).rejects.toMatchObject(FAILED)
    expect(accepted).toBe('identity')
  })

  it('waits for nobody who sends nothing', async () => {
    const stalled = { code: 'DSV_REMOTE_STALLED' }
    const silent = await answering(() => {}, { retries: { attempts: 1 } })
    await expect(silent.read('a')).rejects.toMatchObject(stalled)
    const slow = await answering(
      (response) => {
        const timer = setInterval(() => response.write('x'), 20)
        response.once('close', () => clearInterval(timer))
      },
      { retries: { attempts: 1 } },
    )
    await expect(slow.read('a')).rejects.toMatchObject(stalled)
  })

  it('swaps nothing without a strong ETag', async () => {
    for (const etag of [undefined, 'W/"x"', 'x', '"a"b"']) {
      const driver = await answering((response) => {
        response.writeHead(200, { ...SERVER, ...(etag !== undefined && { etag }) }).end()
      })
      await expect(driver.readVersioned('root')).rejects.toMatchObject(FAILED)
      const bytes = Buffer.from('x')
      await expect(driver.replaceIf('root', undefined, bytes)).rejects.toMatchObject(FAILED)
    }
  })

  it.each([
    ['no JSON', 'x'],
    ['null', null],
    ['another form', { entries: {} }],
    ['a path that leaves', { entries: [entry('a/../../x')] }],
    ['a path elsewhere', { entries: [entry('b')] }],
    ['an absolute path', { entries: [entry('/a')] }],
    ['another order', { entries: [entry('a/b'), entry('a/a')] }],
    ['one path twice', { entries: [entry('a/b'), entry('a/b')] }],
    ['a size below zero', { entries: [{ ...entry('a/b'), sizeBytes: -1 }] }],
    ['no time', { entries: [{ path: 'a/b', sizeBytes: 1 }] }],
    ['more behind nothing', { entries: [], isCut: true }],
    ['the same page again and again', { entries: [entry('a/b')], isCut: true }],
  ])('takes no listing with %s', async (_name, listing) => {
    const driver = await answering((response) => {
      response.writeHead(200, SERVER)
      response.end(listing === 'x' ? listing : JSON.stringify(listing))
    })
    const list = async (): Promise<void> => {
      for await (const { path } of driver.list('a')) expect(path).toBe('a/b')
    }
    await expect(list()).rejects.toMatchObject(FAILED)
  })
})

function entry(path: string) {
  return { path, sizeBytes: 1, modifiedMs: 0 }
}

describe('httpDriver that is redirected', () => {
  const withToken = { env: { DSV_TOKEN: 'secret' } }
  const redirect = (location: string) => (_request: unknown, response: ServerResponse) =>
    void response.writeHead(302, { location }).end()

  it('takes its token nowhere else', async () => {
    const other = await tinyServer((_request, response) => void response.end('stolen'))
    const server = await tinyServer(redirect(`${other.url}root`))
    await expect(open(server.url, withToken).read('root')).rejects.toMatchObject(FAILED)
    expect(other.asked).toEqual([])
    expect(server.tokens).toEqual(['Bearer secret'])
  })

  it('goes elsewhere without one', async () => {
    const other = await tinyServer((_request, response) => void response.end('data'))
    const server = await tinyServer(redirect(`${other.url}x`))
    expect(Buffer.from(await open(server.url).read('root')).toString()).toBe('data')
    expect(other.tokens).toEqual([undefined])
  })

  it('stays on its server with it', async () => {
    const server = await tinyServer((request, response) => {
      if (request.url === '/moved/root') response.end('data')
      else response.writeHead(308, { location: '/moved/root' }).end()
    })
    expect(Buffer.from(await open(server.url, withToken).read('root')).toString()).toBe('data')
    expect(server.tokens).toEqual(['Bearer secret', 'Bearer secret'])
  })

  it.each(['/root', 'file:///etc/passwd', 'ftp://127.0.0.1/', 'http://', ''])(
    'does not follow for ever, nor to %j',
    async (location) => {
      const server = await tinyServer(redirect(location))
      await expect(open(server.url).read('root')).rejects.toMatchObject(FAILED)
      expect(server.asked.length).toBeLessThan(20)
    },
  )

  it('does not take what it writes elsewhere', async () => {
    const other = await tinyServer((_request, response) => void response.writeHead(201).end())
    const server = await tinyServer((request, response) => {
      if (request.method === 'HEAD') response.writeHead(200, SERVER).end()
      else response.writeHead(307, { location: other.url }).end()
    })
    const driver = open(server.url)
    await expect(driver.write('a', Buffer.from('x'))).rejects.toMatchObject(FAILED)
    await expect(driver.delete('a')).rejects.toMatchObject(FAILED)
    expect(other.asked).toEqual([])
  })
})

describe('httpDriver with a server that is busy', () => {
  it('comes again', async () => {
    let count = 0
    const driver = await answering((response) => {
      count += 1
      if (count < 3) response.writeHead(503, { 'retry-after': '0' }).end()
      else response.end('done')
    })
    expect(Buffer.from(await driver.read('a')).toString()).toBe('done')
  })

  it('names its request when it gives up', async () => {
    const driver = await answering((response) => {
      response.writeHead(500, { 'x-request-id': 'r-17' }).end('secrets of the server')
    })
    await expect(driver.read('a')).rejects.toMatchObject({
      ...FAILED,
      message: expect.stringMatching(/500 \(request r-17\)$/),
    })
  })

  it('finds out whether a swap was done whose answer got lost', async () => {
    let stored: Buffer = Buffer.from('one')
    const tag = (): string => `"${stored.toString()}"`
    let isLost = true
    const server = await tinyServer((request, response) => {
      response.setHeader('dsv-protocol', '1')
      if (request.method !== 'PUT') return void response.setHeader('etag', tag()).end(stored)
      if (request.headers['if-match'] !== tag()) return void response.writeHead(412).end()
      stored = Buffer.from('two')
      if (!isLost) return void response.setHeader('etag', tag()).end()
      isLost = false
      response.destroy()
    })
    const driver = open(server.url)
    const version = await driver.replaceIf('root', '"one"', Buffer.from('two'))
    expect(version).toBe('"two"')
    const conflict = { code: 'DSV_STORAGE_CONFLICT' }
    await expect(driver.replaceIf('root', '"one"', Buffer.from('x'))).rejects.toMatchObject(
      conflict,
    )
    await expect(driver.replaceIf('root', '"one"', stored)).rejects.toMatchObject(conflict)
  })

  it('says what a server refuses, in one line', async () => {
    const driver = await answering((response, request) => {
      const said = { 'content-type': 'application/json', ...SERVER }
      if (request.method === 'HEAD') response.writeHead(200, said).end()
      else response.writeHead(409, said).end(JSON.stringify({ message: 'no\n\u001b[31mway' }))
    })
    await expect(driver.write('a', Buffer.from('x'))).rejects.toMatchObject({
      code: 'DSV_REMOTE_REFUSED',
      details: { reason: 'no  [31mway' },
    })
  })
})
