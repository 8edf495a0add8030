import http from 'node:http'

/** What a connection can do wrong with one request; `when` says with which. */
export const connectionFaults = {
  'cut before the request': { isBorne: true, when: () => true },
  'cut in the request': { isBorne: true, when: ({ method }) => method === 'PUT' },
  'cut before the answer': { isBorne: true, when: () => true },
  'cut in the answer': { isBorne: true, when: ({ method }) => method === 'GET' },
  'busy, come again': { isBorne: true, when: () => true, status: 503 },
  'a condition that does not hold': { isBorne: false, when: isConditional, status: 412 },
}

function isConditional({ method, headers }) {
  return method === 'PUT' && headers['if-match'] !== undefined
}

/** Starts a server that hands everything on to another one, but for the requests of `fault`. */
export async function startCuttingProxy(target) {
  const proxy = { url: '', fault: undefined, requests: 0, hit: undefined, bytesUp: 0 }
  const server = http.createServer((request, response) => {
    const { socket } = request
    void answer(request, response).catch(() => socket.destroy())
  })
  const agent = new http.Agent({ keepAlive: true })

  async function answer(request, response) {
    const { socket } = request
    const kind = wrongWith(request)
    if (kind !== undefined) proxy.hit ??= `${request.method} ${request.url}`
    if (kind === 'cut before the request') return socket.destroy()
    const body = await bodyOf(request, kind === 'cut in the request')
    if (kind === 'cut in the request') return socket.destroy()
    proxy.bytesUp += body.length
    const { status } = connectionFaults[kind] ?? {}
    if (status !== undefined) {
      response.writeHead(status, { 'retry-after': '0', 'dsv-protocol': '1' }).end()
      return
    }
    const reply = await send(request, body)
    if (kind === 'cut before the answer') return socket.destroy()
    response.writeHead(reply.status, reply.headers)
    if (kind !== 'cut in the answer') return response.end(reply.body)
    response.write(reply.body.subarray(0, reply.body.length >> 1), () => socket.destroy())
  }
  function wrongWith(request) {
    if (proxy.fault === undefined || !connectionFaults[proxy.fault.kind].when(request))
      return undefined
    const number = proxy.requests
    proxy.requests += 1
    const { kind, at, lasts } = proxy.fault
    return (lasts ? number >= at : number === at) ? kind : undefined
  }
  function send(request, body) {
    const { method, url, headers } = request
    const { expect: _, ...rest } = headers
    return new Promise((resolve, reject) => {
      const to = new URL(target)
      const options = { agent, host: to.hostname, port: to.port, method, path: url, headers: rest }
      const out = http.request(options, (reply) => {
        const { statusCode: status } = reply
        const answered = (bytes) => ({ status, headers: reply.headers, body: bytes })
        void bodyOf(reply, false).then((bytes) => resolve(answered(bytes)), reject)
      })
      out.once('error', reject)
      out.end(body)
    })
  }
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  proxy.url = `http://127.0.0.1:${server.address().port}`
  proxy.stop = async () => {
    agent.destroy()
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
  return proxy
}

async function bodyOf(request, isCut) {
  const pieces = []
  for await (const piece of request) {
    pieces.push(piece)
    if (isCut) break
  }
  return Buffer.concat(pieces)
}
