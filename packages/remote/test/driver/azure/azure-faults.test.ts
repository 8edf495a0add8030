import http from 'node:http'
import type { AddressInfo } from 'node:net'

import { afterEach, describe, expect, it } from '@jest/globals'
import type { StorageDriver } from '@dsv/store'

import { azureDriver } from '../../../src/driver/azure/azure-driver.ts'

const SIGNATURE = 'c2VjcmV0LXNpZ25hdHVyZQ'
const servers: http.Server[] = []

afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections()
    server.close()
  }
})

type Answer = (request: http.IncomingMessage, response: http.ServerResponse, count: number) => void

/** A server that answers as it is told; returns its address and the requests it got. */
async function serve(
  answer: Answer,
): Promise<{ readonly endpoint: string; readonly log: string[] }> {
  const log: string[] = []
  const server = http.createServer((request, response) => {
    log.push(`${request.method} ${request.url}`)
    request.resume()
    request.on('end', () => answer(request, response, log.length))
  })
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return { endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, log }
}

async function open(endpoint: string): Promise<StorageDriver> {
  return azureDriver(
    'azure://account/container/x',
    { endpoint },
    {
      env: { AZURE_STORAGE_SAS_TOKEN: `?sv=2024-01-01&sig=${SIGNATURE}` },
      retries: { attempts: 4, firstWaitMs: 1 },
      stall: { windowMs: 300 },
    },
  )
}

function fail(response: http.ServerResponse, status: number, code: string): void {
  response.writeHead(status, { 'x-ms-error-code': code, 'x-ms-request-id': 'request-1' })
  response.end(`<?xml version="1.0"?><Error><Code>${code}</Code><Message>no</Message></Error>`)
}

function give(
  response: http.ServerResponse,
  text: string,
  headers: http.OutgoingHttpHeaders = {},
): void {
  response.writeHead(headers['content-range'] === undefined ? 200 : 206, {
    'content-length': text.length,
    etag: '"1"',
    'last-modified': new Date(0).toUTCString(),
    ...headers,
  })
  response.end(text)
}

describe('azureDriver with a server that fails', () => {
  it('comes back to one that is busy', async () => {
    const { endpoint, log } = await serve((_, response, count) =>
      count < 3 ? fail(response, 503, 'ServerBusy') : give(response, 'one'),
    )
    expect(Buffer.from(await (await open(endpoint)).read('a')).toString()).toBe('one')
    expect(log).toHaveLength(3)
  })

  it('reads again what broke off', async () => {
    const { endpoint } = await serve((_, response, count) => {
      if (count > 1) return give(response, '0123456789')
      response.writeHead(200, { 'content-length': 10, etag: '"1"' })
      response.write('01234', () => response.destroy())
    })
    expect(Buffer.from(await (await open(endpoint)).read('a')).toString()).toBe('0123456789')
  })

  it('gives up an answer that does not go on, and asks again', async () => {
    const { endpoint } = await serve((_, response, count) => {
      if (count > 1) return give(response, '0123456789')
      response.writeHead(200, { 'content-length': 10, etag: '"1"' })
      response.write('01234')
    })
    expect(Buffer.from(await (await open(endpoint)).read('a')).toString()).toBe('0123456789')
  })

  it('takes its part of a whole file', async () => {
    const { endpoint } = await serve((_, response) => give(response, '0123456789'))
    const driver = await open(endpoint)
    expect(Buffer.from(await driver.readRange('a', 2, 3)).toString()).toBe('234')
  })

  it('refuses another part than it asked for', async () => {
    const { endpoint } = await serve((_, response) =>
      give(response, '012', { 'content-range': 'bytes 0-2/10' }),
    )
    await expect((await open(endpoint)).readRange('a', 2, 3)).rejects.toMatchObject({
      code: 'DSV_STORAGE_FAILED',
    })
  })

  it('follows nobody to another host', async () => {
    const other = await serve((_, response) => give(response, 'stolen'))
    const { endpoint } = await serve((_, response) => {
      response.writeHead(307, { location: `${other.endpoint}/container/x/a` })
      response.end()
    })
    await expect((await open(endpoint)).read('a')).rejects.toMatchObject({
      code: 'DSV_STORAGE_FAILED',
    })
    expect(other.log).toEqual([])
  })

  it('refuses a listing of other files, and one without end', async () => {
    const page = (name: string, next: string): string =>
      `<?xml version="1.0"?><EnumerationResults><Blobs><Blob><Name>${name}</Name><Properties>` +
      `<Last-Modified>${new Date(0).toUTCString()}</Last-Modified><Etag>1</Etag>` +
      `<Content-Length>1</Content-Length><BlobType>BlockBlob</BlobType></Properties></Blob></Blobs>` +
      `<NextMarker>${next}</NextMarker></EnumerationResults>`
    for (const [name, next] of [
      ['y/a', ''],
      ['x/a', 'again'],
    ] as const) {
      const { endpoint } = await serve((_, response) =>
        give(response, page(name, next), { 'content-type': 'application/xml' }),
      )
      const driver = await open(endpoint)
      const all = async (): Promise<void> => {
        for await (const { path } of driver.list('')) expect(path).toBe('a')
      }
      await expect(all()).rejects.toMatchObject({ code: 'DSV_STORAGE_FAILED' })
    }
  })

  it('reads no answer without end', async () => {
    const { endpoint } = await serve((_, response) => {
      response.writeHead(404, { 'content-type': 'application/xml' })
      const more = (): void => {
        while (!response.destroyed && response.write(Buffer.alloc(1 << 20, ' ')));
        if (!response.destroyed) response.once('drain', more)
      }
      more()
    })
    await expect((await open(endpoint)).read('a')).rejects.toMatchObject({
      message: expect.stringContaining('longer than'),
    })
  })

  it('does not repeat a swap whose answer was lost', async () => {
    const { endpoint, log } = await serve((request) => request.socket.destroy())
    const swap = (await open(endpoint)).replaceIf('root', '"1"', Buffer.from('two'))
    await expect(swap).rejects.toMatchObject({ code: 'DSV_STORAGE_FAILED' })
    expect(log).toHaveLength(1)
  })

  it('accepts no swap without a version', async () => {
    const { endpoint } = await serve((_, response) => {
      response.writeHead(201)
      response.end()
    })
    const swap = (await open(endpoint)).replaceIf('root', undefined, Buffer.from('one'))
    await expect(swap).rejects.toMatchObject({ code: 'DSV_STORAGE_FAILED' })
  })

  it('says what the server said, with the number of the request and without the token', async () => {
    const { endpoint, log } = await serve((_, response) =>
      fail(response, 403, 'AuthorizationPermissionMismatch'),
    )
    const refused: unknown = await (await open(endpoint)).read('a').catch((error: unknown) => error)
    expect(refused).toMatchObject({
      code: 'DSV_STORAGE_DENIED',
      message: expect.stringMatching(/azure:\/\/account\/container\/x\/a.*request-1/),
    })
    const { cause } = refused as Error
    expect(`${String(refused)} ${JSON.stringify(refused)} ${String(cause)}`).not.toContain(
      SIGNATURE,
    )
    expect(JSON.stringify(cause)).not.toContain(SIGNATURE)
    expect(log[0]).toContain(SIGNATURE)
  })
})
