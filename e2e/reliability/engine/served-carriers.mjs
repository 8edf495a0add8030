import { randomUUID } from 'node:crypto'
import fs from 'node:fs'
import path from 'node:path'
import { startCuttingProxy } from './cutting-proxy.mjs'
import { fillStorage } from './transfer-faults.mjs'

/** What is tried again is tried at once. */
const RETRIES = { wait: async () => {} }

/** Starts a bucket behind connections that break; see `transferFault` for what a carrier is. */
export async function bucketCarrier(library, retries = RETRIES) {
  const server = await library.startS3Server()
  const proxy = await startCuttingProxy(server.url)
  const env = { AWS_ACCESS_KEY_ID: 'key', AWS_SECRET_ACCESS_KEY: 'secret' }
  const open = (address, endpoint, more) =>
    library.s3Driver(address, { endpoint }, { env, ...more })
  const carrier = async (image) => {
    const address = `s3://bucket/${randomUUID()}`
    const storage = await open(address, server.url, {})
    await fillStorage(storage, image)
    const faulty = async (fault) =>
      behind(proxy, fault, await open(address, proxy.url, { retries }))
    return { storage, faulty, end: async () => storage.close?.() }
  }
  const stop = async () => {
    await proxy.stop()
    await server.stop()
  }
  return { carrier, stop }
}

/** Starts `dsv serve` for each case, behind connections that break. */
export async function serverCarrier(library, scratch, retries = RETRIES) {
  const folder = path.join(scratch, 'served')
  const carrier = async (image) => {
    fs.rmSync(folder, { recursive: true, force: true })
    fs.mkdirSync(folder, { recursive: true })
    const storage = library.folderDriver(folder)
    await fillStorage(storage, image)
    const tokens = library.defaultTokenFile(folder)
    const token = library.addToken(tokens, { name: 'tester', rights: 'admin', createdMs: 0 })
    const server = await library.serveRepository({ folder, graceMs: 100 })
    const proxy = await startCuttingProxy(server.url)
    const env = { DSV_TOKEN: token }
    const faulty = async (fault) =>
      behind(proxy, fault, library.httpDriver(proxy.url, { base: '/', env, retries }))
    const end = async () => {
      await proxy.stop()
      await server.close()
    }
    return { storage, faulty, end }
  }
  return { carrier, stop: async () => {} }
}

function behind(proxy, { fault, at, lasts }, driver) {
  Object.assign(proxy, { fault: { kind: fault, at, lasts }, requests: 0, hit: undefined })
  return { driver, faulty: proxy }
}
