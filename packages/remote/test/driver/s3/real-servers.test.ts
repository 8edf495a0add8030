import { randomBytes, randomUUID } from 'node:crypto'
import { describe, expect, it } from '@jest/globals'
import { probeConditionalWrites } from '@dsv/remote'
import type { StorageDriver } from '@dsv/store'
import { connectS3, type S3Connection } from '../../../src/driver/s3/s3-connection.ts'
import { parseS3Address } from '../../../src/driver/s3/parse-s3-address.ts'
import { s3Driver } from '../../../src/driver/s3/s3-driver.ts'
import { testStorageDriver } from '../../../../store/test/driver/storage-driver-contract.ts'

/**
 * Servers that `scripts/remotes.sh` has started: `versitygw=http://127.0.0.1:7070,moto=…`. Each has a bucket
 * `dsv-test`, and takes the keys in the environment.
 */
const SERVERS = (process.env['DSV_TEST_S3_ENDPOINTS'] ?? '')
  .split(',')
  .filter((each) => each !== '')
  .map((each) => ({ name: each.split('=')[0] ?? '', endpoint: each.replace(/^[^=]*=/, '') }))

const MIB = 1024 * 1024

const newAddress = (): string => `s3://dsv-test/${randomUUID()}`

async function connect(address: string, endpoint: string): Promise<S3Connection> {
  return connectS3(parseS3Address(address, { endpoint }), {})
}

/** Begins an upload in parts of 8 MiB and sends some, as a process that is killed then. */
async function beginUpload(
  connection: S3Connection,
  key: string,
  parts: ReadonlyMap<number, Uint8Array>,
): Promise<void> {
  const { sdk, address } = connection
  const place = { Bucket: address.bucket, Key: key }
  await connection.request(async ({ client, options }) => {
    const created = await client.send(new sdk.CreateMultipartUploadCommand(place), options)
    for (const [number, part] of parts) {
      const input = { ...place, UploadId: created.UploadId, PartNumber: number, Body: part }
      await client.send(new sdk.UploadPartCommand(input), options)
    }
  })
}

async function countUploads(connection: S3Connection, key: string): Promise<number> {
  const { sdk, address } = connection
  const { Uploads: uploads = [] } = await connection.request(({ client, options }) =>
    client.send(
      new sdk.ListMultipartUploadsCommand({ Bucket: address.bucket, Prefix: key }),
      options,
    ),
  )
  return uploads.length
}

const describeNone = SERVERS.length === 0 ? describe.skip : describe
describeNone('s3Driver with servers of others', () => {
  it('runs with those in DSV_TEST_S3_ENDPOINTS, which scripts/remotes.sh starts', () => {
    expect(SERVERS).not.toEqual([])
  })
})

for (const { name, endpoint } of SERVERS) {
  const open = (address: string, hasChecksums = false): Promise<StorageDriver> =>
    s3Driver(address, { endpoint }, { hasChecksums, inPartsFromBytes: 16 * MIB })

  testStorageDriver(`s3Driver with ${name}`, () => open(newAddress()))

  describe(`s3Driver with ${name}`, () => {
    it('heeds conditions', async () => {
      await expect(probeConditionalWrites(await open(newAddress()))).resolves.toBeUndefined()
    })

    it.each([
      ['', false],
      [' with the checksums of AWS', true],
    ])('uploads in parts%s, and continues what was begun', async (_, hasChecksums) => {
      const address = newAddress()
      const driver = await open(address, hasChecksums)
      const connection = await connect(address, endpoint)
      const key = `${connection.address.prefix}objects/pack/a.pack`
      const bytes = randomBytes(18 * MIB)
      const parts = new Map([
        [1, bytes.subarray(0, 8 * MIB)],
        [2, randomBytes(8 * MIB)],
      ])
      await beginUpload(connection, key, parts)
      await beginUpload(connection, key, new Map())
      await driver.write('objects/pack/a.pack', bytes)
      expect((await driver.read('objects/pack/a.pack')).length).toBe(bytes.length)
      expect(bytes.equals(await driver.read('objects/pack/a.pack'))).toBe(true)
      expect(await countUploads(connection, key)).toBe(0)
      await driver.write('objects/pack/a.pack', bytes)
      await driver.write('root', bytes.subarray(0, 1000))
      expect((await driver.readRange('root', -10, 10)).length).toBe(10)
    })

    it('says that there is no such bucket', async () => {
      const driver = await open(`s3://dsv-${randomUUID()}`)
      const missing = { code: 'DSV_REMOTE_BUCKET_NOT_FOUND' }
      await expect(driver.readVersioned('root')).rejects.toMatchObject(missing)
      await expect(driver.write('root', randomBytes(1))).rejects.toMatchObject(missing)
    })
  })
}
