import { randomUUID } from 'node:crypto'
import path from 'node:path'
import { beforeAll, describe, expect, it } from '@jest/globals'
import { connectAzure } from '../../packages/remote/src/driver/azure/azure-connection.ts'
import { parseAzureAddress } from '../../packages/remote/src/driver/azure/parse-azure-address.ts'
import { testTwoPeople } from './two-people.ts'

/*
 * What `scripts/remotes.sh` has started and exported: S3 servers as `name=endpoint,…` with a bucket
 * `dsv-test`; the address of a folder behind sshd, and a home folder with keys for it; the connection
 * string of Azurite.
 */
const {
  DSV_TEST_S3_ENDPOINTS: s3 = '',
  DSV_TEST_SFTP: sftp,
  DSV_TEST_SFTP_HOME: sftpHome,
  DSV_TEST_AZURE: azure,
  AWS_ACCESS_KEY_ID: accessKey = '',
  AWS_SECRET_ACCESS_KEY: secretKey = '',
} = process.env

const s3Servers = s3.split(',').filter((each) => each !== '')
const isAny = s3Servers.length > 0 || sftp !== undefined || azure !== undefined

const describeAny = isAny ? describe : describe.skip
describeAny('sharing over servers of others', () => {
  it('has servers, which scripts/remotes.sh starts', () => {
    expect(isAny).toBe(true)
  })

  for (const each of s3Servers) {
    const [name = ''] = each.split('=')
    testTwoPeople(`S3 (${name})`, async () => ({
      url: `s3://dsv-test/${randomUUID()}`,
      options: ['--option', `endpoint=${each.slice(name.length + 1)}`],
      env: {
        AWS_ACCESS_KEY_ID: accessKey,
        AWS_SECRET_ACCESS_KEY: secretKey,
        AWS_EC2_METADATA_DISABLED: 'true',
      },
    }))
  }

  if (sftp !== undefined && sftpHome !== undefined) {
    testTwoPeople('SFTP (OpenSSH)', async () => {
      const inHome = (name: string): string => path.join(sftpHome, '.ssh', name)
      const options = {
        'ssh-config': 'none',
        'identity-file': inHome('id_ed25519'),
        'known-hosts': inHome('known_hosts'),
      }
      return {
        url: `${sftp}/${randomUUID()}`,
        options: Object.entries(options).flatMap(([name, value]) => [
          '--option',
          `${name}=${value}`,
        ]),
      }
    })
  }

  if (azure !== undefined) {
    const account = /AccountName=(\w+)/.exec(azure)?.[1] ?? ''
    const env = { AZURE_STORAGE_CONNECTION_STRING: azure }
    beforeAll(async () => {
      const address = parseAzureAddress(`azure://${account}/dsv-test`, {})
      const { container } = await connectAzure(address, { env })
      await container.createIfNotExists()
    })
    testTwoPeople('Azure (Azurite)', async () => ({
      url: `azure://${account}/dsv-test/${randomUUID()}`,
      env,
    }))
  }
})
