import { spawn, spawnSync } from 'node:child_process'
import fs from 'node:fs'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import path from 'node:path'

/** Whether Git is there to answer; nothing but the server of these tests needs it. */
export const hasGit: boolean = spawnSync('git', ['--version']).status === 0

/** A server of repositories (`/<name>.git`) and of plain files (`/files/…`) below one folder. */
export interface GitServer {
  readonly url: string
  /** `METHOD path`, then the header `authorization` when there was one. */
  readonly seen: readonly string[]
  /** Answers before anything else; returns whether it did. */
  answer: (request: IncomingMessage, response: ServerResponse) => boolean
  /** Settings of Git, `name=value`. */
  settings: readonly string[]
  close(): Promise<void>
}

export async function serveGit(folder: string): Promise<GitServer> {
  const seen: string[] = []
  const server = createServer((request, response) => {
    const { authorization = '' } = request.headers
    seen.push(`${request.method} ${request.url} ${authorization}`.trim())
    if (served.answer(request, response)) return
    const { pathname } = new URL(request.url ?? '', 'http://host')
    if (pathname.startsWith('/files/')) sendFile(path.join(folder, pathname), request, response)
    else sendGit(folder, pathname, served.settings, request, response)
  })
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const served: GitServer = {
    url: `http://127.0.0.1:${port}`,
    seen,
    answer: () => false,
    settings: [],
    close: () => closeServer(server),
  }
  return served
}

function closeServer(server: Server): Promise<void> {
  server.closeAllConnections()
  return new Promise((resolve) => void server.close(() => resolve()))
}

function sendGit(
  folder: string,
  pathname: string,
  settings: readonly string[],
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const [, name = '', action = ''] =
    /^\/([\w.-]+)\/(info\/refs|git-upload-pack)$/.exec(pathname) ?? []
  const gitdir = path.join(folder, name)
  if (name === '' || !fs.existsSync(gitdir)) {
    response.writeHead(404).end('nothing here')
    return
  }
  const isListing = action === 'info/refs'
  const kind = isListing ? 'advertisement' : 'result'
  response.setHeader('content-type', `application/x-git-upload-pack-${kind}`)
  if (isListing) response.write('001e# service=git-upload-pack\n0000')
  const options = settings.flatMap((setting) => ['-c', setting])
  const mode = isListing ? ['--advertise-refs'] : []
  const child = spawn('git', [...options, 'upload-pack', '--stateless-rpc', ...mode, gitdir])
  child.stdout.pipe(response)
  request.pipe(child.stdin)
}

function sendFile(file: string, request: IncomingMessage, response: ServerResponse): void {
  if (!fs.existsSync(file)) {
    response.writeHead(404).end()
    return
  }
  const bytes = fs.readFileSync(file)
  const [, from = '0', to = ''] = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '') ?? []
  const part = bytes.subarray(Number(from), to === '' ? undefined : Number(to) + 1)
  if (request.headers.range !== undefined) {
    response.statusCode = 206
    const last = Number(from) + part.length - 1
    response.setHeader('content-range', `bytes ${from}-${last}/${bytes.length}`)
  }
  response.setHeader('content-length', part.length)
  response.end(part)
}
