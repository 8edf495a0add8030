import { randomBytes, randomUUID } from 'node:crypto'

import { beforeAll, describe, expect, it } from '@jest/globals'
import { hashBlob, type StorageDriver } from '@dsv/store'
import type { ContainerClient } from '@azure/storage-blob'

import { connectAzure } from '../../../src/driver/azure/azure-connection.ts'
import { azureDriver } from '../../../src/driver/azure/azure-driver.ts'
import { parseAzureAddress } from '../../../src/driver/azure/parse-azure-address.ts'
import { testStorageDriver } from '../../../../store/test/driver/storage-driver-contract.ts'

/** `AccountName=…;AccountKey=…;BlobEndpoint=…` of the emulator that `scripts/remotes.sh` has started. */
const CONNECTION = process.env['DSV_TEST_AZURE']
const describeAzurite = CONNECTION === undefined ? describe.skip : describe

const env = { AZURE_STORAGE_CONNECTION_STRING: CONNECTION }
const account = /AccountName=(\w+)/.exec(CONNECTION ?? '')?.[1] ?? 'none'
const KIB = 1024

function newAddress(): string {
  return `azure://${account}/dsv-test/${randomUUID()}`
}

async function open(address = newAddress()): Promise<StorageDriver> {
  return azureDriver(address, {}, { env, inBlocksAboveBytes: 256 * KIB, blockBytes: 64 * KIB })
}

async function containerOf(name: string): Promise<ContainerClient> {
  const { container } = await connectAzure(parseAzureAddress(`azure://${account}/${name}`, {}), {
    env,
  })
  return container
}

describeAzurite('azureDriver with Azurite', () => {
  beforeAll(async () => {
    await (await containerOf('dsv-test')).createIfNotExists()
  })

  testStorageDriver('azureDriver', open)

  it('writes large files in blocks', async () => {
    const driver = await open()
    const bytes = randomBytes(1_000_001)
    await driver.write('objects/pack/a', bytes)
    expect(hashBlob(await driver.read('objects/pack/a'))).toBe(hashBlob(bytes))
    const range = await driver.readRange('objects/pack/a', -500_000, 1000)
    expect(hashBlob(range)).toBe(hashBlob(bytes.subarray(500_001, 501_001)))
    await driver.write('objects/pack/a', bytes)
  })

  it('continues an upload that was killed', async () => {
    const address = newAddress()
    const bytes = randomBytes(300 * KIB)
    const signal = AbortSignal.timeout(60_000)
    const name = `${address.split('/').at(-1)}/a`
    const blob = (await containerOf('dsv-test')).getBlockBlobClient(name)
    const label = `000000-${hashBlob(bytes.subarray(0, 64 * KIB)).slice(0, 32)}`
    const id = Buffer.from(label).toString('base64')
    // Other bytes than its id says, to see that it is not sent again.
    const sent = Buffer.alloc(64 * KIB, 'x')
    await blob.stageBlock(id, sent, sent.length, { abortSignal: signal })
    const other = Buffer.from(label.replace(/./, '9')).toString('base64')
    await blob.stageBlock(other, bytes.subarray(0, 10), 10, { abortSignal: signal })
    const driver = await open(address)
    await driver.write('a', bytes)
    const expected = Buffer.concat([sent, bytes.subarray(64 * KIB)])
    expect(hashBlob(await driver.read('a'))).toBe(hashBlob(expected))
  })

  it('lets two uploads of the same bytes through', async () => {
    const address = newAddress()
    const bytes = randomBytes(700 * KIB)
    const drivers = await Promise.all([open(address), open(address), open(address)])
    await Promise.all(drivers.map((driver) => driver.write('a', bytes)))
    expect(hashBlob(await (await open(address)).read('a'))).toBe(hashBlob(bytes))
  })

  it('puts a damaged file right', async () => {
    const driver = await open()
    await driver.write('a', Buffer.from('half'))
    await driver.write('a', Buffer.from('whole file'))
    expect(Buffer.from(await driver.read('a')).toString()).toBe('whole file')
  })

  it('says that a container is missing', async () => {
    const driver = await open(`azure://${account}/dsv-missing/x`)
    const missing = { code: 'DSV_REMOTE_BUCKET_NOT_FOUND' }
    await expect(driver.read('a')).rejects.toMatchObject(missing)
    await expect(driver.sizeOf('a')).rejects.toMatchObject(missing)
    await expect(driver.write('a', Buffer.from('a'))).rejects.toMatchObject(missing)
    await expect(driver.replaceIf('a', undefined, Buffer.from('a'))).rejects.toMatchObject(missing)
  })

  it('says that a key is wrong', async () => {
    const key = randomBytes(32).toString('base64')
    const wrong = CONNECTION?.replace(/AccountKey=[^;]*/, `AccountKey=${key}`)
    const driver = await azureDriver(
      newAddress(),
      {},
      { env: { AZURE_STORAGE_CONNECTION_STRING: wrong } },
    )
    const refused = await driver.read('a').catch((error: unknown) => error)
    expect(refused).toMatchObject({ code: expect.stringMatching(/REJECTED|DENIED/) })
    expect(String(refused)).not.toContain(key)
  })

  it('reads what is public without credentials, and asks for them where it is not', async () => {
    const container = await containerOf(`public-${randomUUID()}`)
    await container.create({ access: 'container' })
    await container.getBlockBlobClient('x/a').upload('one', 3)
    const endpoint = new URL(container.url).href.split('/').slice(0, -1).join('/')
    const options = { endpoint, unsigned: 'true' }
    const name = container.containerName
    const driver = await azureDriver(`azure://${account}/${name}/x`, options, { env })
    expect(Buffer.from(await driver.read('a')).toString()).toBe('one')
    expect(await driver.sizeOf('b')).toBeUndefined()
    const closed = await azureDriver(newAddress(), options, { env })
    await expect(closed.read('a')).rejects.toMatchObject({ code: 'DSV_REMOTE_CREDENTIALS_MISSING' })
  })
})
