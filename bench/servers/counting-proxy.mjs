// A server between a tool and its storage: it counts what goes through, and may answer late, as over a network.
//
// node bench/servers/counting-proxy.mjs <port of the storage> <latency in ms>
//
// Prints its port. `GET /__count` answers what went through since it was asked last.
import http from 'node:http'
import { pipeline } from 'node:stream'

const [storagePort, latencyMs] = process.argv.slice(2).map(Number)
const COUNT = '/__count'
const agent = new http.Agent({ keepAlive: true, maxSockets: 256 })

let count = zero()

const server = http.createServer((request, response) => {
  if (request.url === COUNT) {
    response.end(JSON.stringify(count))
    count = zero()
    return
  }
  count.requests += 1
  count.methods[request.method] = (count.methods[request.method] ?? 0) + 1
  // The body waits too, as it would for a server far away.
  if (latencyMs > 0) setTimeout(() => passOn(request, response), latencyMs)
  else passOn(request, response)
})
server.keepAliveTimeout = 60_000
server.requestTimeout = 0
server.listen(0, '127.0.0.1', () => console.log(server.address().port))
// Whoever started it is gone.
process.stdin.resume().on('end', () => process.exit())

function passOn(request, response) {
  const { method, url } = request
  const onward = http.request({
    host: '127.0.0.1',
    port: storagePort,
    method,
    path: url,
    // The name that the client signed is kept; this server has said “continue” itself.
    headers: withoutExpect(request.rawHeaders),
    setHost: false,
    agent,
  })
  request.on('data', (bytes) => (count.sentBytes += bytes.length))
  onward.on('response', (answer) => {
    response.writeHead(answer.statusCode, answer.statusMessage, answer.rawHeaders)
    answer.on('data', (bytes) => (count.receivedBytes += bytes.length))
    pipeline(answer, response, () => {})
  })
  onward.on('error', () => response.destroy())
  response.on('close', () => onward.destroyed || response.writableFinished || onward.destroy())
  pipeline(request, onward, () => {})
}

function withoutExpect(raw) {
  const kept = []
  for (let at = 0; at < raw.length; at += 2)
    if (raw[at].toLowerCase() !== 'expect') kept.push(raw[at], raw[at + 1])
  return kept
}

function zero() {
  return { requests: 0, sentBytes: 0, receivedBytes: 0, methods: {} }
}
