import { spawn } from 'node:child_process'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A Git host on this machine. */
export interface GitHttpServer {
  readonly url: string
  /** `METHOD path authorization`, in order. */
  readonly seen: string[]
  close(): Promise<void>
}

/** Serves the bare repositories in a folder with `git http-backend`, for reading and writing. */
export async function startGitHttpServer(folder: string): Promise<GitHttpServer> {
  const seen: string[] = []
  const server = createServer((request, response) => {
    const { pathname, search } = new URL(request.url ?? '', 'http://host')
    seen.push(`${request.method} ${pathname} ${request.headers.authorization ?? ''}`.trim())
    const child = spawn('git', ['http-backend'], {
      env: {
        PATH: process.env['PATH'],
        GIT_PROJECT_ROOT: folder,
        GIT_HTTP_EXPORT_ALL: '1',
        GIT_CONFIG_COUNT: '2',
        GIT_CONFIG_KEY_0: 'http.receivepack',
        GIT_CONFIG_VALUE_0: 'true',
        GIT_CONFIG_KEY_1: 'receive.autogc',
        GIT_CONFIG_VALUE_1: 'false',
        PATH_INFO: pathname,
        QUERY_STRING: search.slice(1),
        REQUEST_METHOD: request.method,
        CONTENT_TYPE: request.headers['content-type'] ?? '',
        CONTENT_LENGTH: request.headers['content-length'] ?? '',
      },
    })
    const chunks: Buffer[] = []
    child.stdin.on('error', () => {})
    child.stdout.on('data', (chunk: Buffer) => void chunks.push(chunk))
    child.on('close', () => {
      const output = Buffer.concat(chunks)
      const at = output.indexOf('\r\n\r\n')
      const headers = output.subarray(0, at).toString().split('\r\n')
      for (const header of headers) {
        const [name = '', value = ''] = header.split(': ')
        if (name === 'Status') response.statusCode = Number.parseInt(value, 10)
        else if (name !== '') response.setHeader(name, value)
      }
      response.end(output.subarray(at + 4))
    })
    request.pipe(child.stdin)
  })
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `git+http://127.0.0.1:${port}`,
    seen,
    close: async () => {
      server.closeAllConnections()
      await new Promise<void>((resolve) => void server.close(() => resolve()))
    },
  }
}
