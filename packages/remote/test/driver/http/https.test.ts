import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import https from 'node:https'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import { afterEach, describe, expect, it } from '@jest/globals'
import { httpDriver } from '@dsv/remote'
import { closeServers, remember, temporaryFolder } from '../../serve/open-storage.ts'

afterEach(closeServers)

/** Makes a certificate that nobody trusts; undefined where openssl is not installed. */
function selfSigned(): { key: Buffer; cert: Buffer } | undefined {
  const folder = temporaryFolder('tls')
  const [key, cert] = [path.join(folder, 'key.pem'), path.join(folder, 'cert.pem')]
  const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=IP:127.0.0.1']
  const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']
  try {
    execFileSync(
      'openssl',
      ['req', '-x509', ...kind, ...subject, '-days', '1', '-keyout', key, '-out', cert],
      { stdio: 'ignore' },
    )
    return { key: readFileSync(key), cert: readFileSync(cert) }
  } catch {
    return undefined
  }
}

const certificate = selfSigned()

const describeWithTls = certificate === undefined ? describe.skip : describe

describeWithTls('httpDriver over TLS', () => {
  it('sends nothing to a server whose certificate it does not trust', async () => {
    const asked: unknown[] = []
    const server = https.createServer(certificate ?? {}, (request, response) => {
      asked.push(request.headers)
      response.end('data')
    })
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    const url = `https://127.0.0.1:${port}/`
    remember({ url, close: async () => void server.close() })
    const driver = httpDriver(url, { base: '/', env: { DSV_TOKEN: 'secret' } })
    await expect(driver.read('root')).rejects.toMatchObject({
      code: 'DSV_STORAGE_FAILED',
      message: expect.stringMatching(/self-signed/),
    })
    expect(asked).toEqual([])
  })
})
