import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll } from '@jest/globals'
import { s3Driver } from '../../../src/driver/s3/s3-driver.ts'
import { testStorageDriver } from '../../../../store/test/driver/storage-driver-contract.ts'
import { type S3Server, startS3Server } from './s3-server.ts'

let server: S3Server
beforeAll(async () => {
  server = await startS3Server()
})
afterAll(() => server.stop())

const env = { AWS_ACCESS_KEY_ID: 'key', AWS_SECRET_ACCESS_KEY: 'secret' }

testStorageDriver('s3Driver', () =>
  s3Driver(`s3://bucket/${randomUUID()}`, { endpoint: server.url }, { env }),
)

testStorageDriver('s3Driver without a prefix, in small parts and pages', async () => {
  server.files.clear()
  server.pageSize = 3
  const context = { env, inPartsFromBytes: 10, partBytes: 7 }
  return s3Driver('s3://bucket', { endpoint: server.url }, context)
})
