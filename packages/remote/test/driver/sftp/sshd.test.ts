import { randomBytes, randomUUID } from 'node:crypto'
import fs from 'node:fs'
import path from 'node:path'

import { afterEach, describe, expect, it } from '@jest/globals'
import { hashBlob, isDsvError } from '@dsv/store'

import { testStorageDriver } from '../../../../store/test/driver/storage-driver-contract.ts'
import { type SftpDriver, sftpDriver } from '../../../src/driver/sftp/sftp-driver.ts'

/**
 * The address of a folder behind the sshd that `scripts/remotes.sh` has started, and a home folder with a
 * key and known_hosts for it.
 */
const ADDRESS = process.env['DSV_TEST_SFTP']
const HOME = process.env['DSV_TEST_SFTP_HOME']
const describeSshd = ADDRESS === undefined || HOME === undefined ? describe.skip : describe

const opened: SftpDriver[] = []

function open(address = `${ADDRESS}/${randomUUID()}`): SftpDriver {
  const driver = sftpDriver(
    address,
    { base: '/', options: { 'ssh-config': 'none' }, env: { HOME } },
    { lock: { staleMs: 500, waitMs: 20_000 } },
  )
  opened.push(driver)
  return driver
}

afterEach(async () => {
  await Promise.all(opened.splice(0).map((driver) => driver.close()))
})

describeSshd('sftpDriver with OpenSSH', () => {
  testStorageDriver('sftpDriver', async () => open())

  it('reads and writes megabytes', async () => {
    const driver = open()
    const bytes = randomBytes(20_000_001)
    await driver.write('objects/pack/a', bytes)
    await driver.flush()
    expect(hashBlob(await driver.read('objects/pack/a'))).toBe(hashBlob(bytes))
    const range = await driver.readRange('objects/pack/a', -10_000_000, 5000)
    expect(hashBlob(range)).toBe(hashBlob(bytes.subarray(10_000_001, 10_005_001)))
  })

  it('loses no update of writers on several connections', async () => {
    const address = `${ADDRESS}/${randomUUID()}`
    const increment = async (driver: SftpDriver, times: number): Promise<void> => {
      for (let done = 0; done < times;) {
        const found = await driver.readVersioned('root')
        const next = Number(Buffer.from(found?.bytes ?? []).toString()) + 1
        try {
          await driver.replaceIf('root', found?.version, Buffer.from(String(next)))
          done += 1
        } catch (error) {
          if (!isDsvError(error, 'DSV_STORAGE_CONFLICT')) throw error
        }
      }
    }
    await Promise.all([1, 2, 3, 4].map(() => increment(open(address), 10)))
    expect(Buffer.from(await open(address).read('root')).toString()).toBe('40')
  })

  it('takes away a lock that was left behind', async () => {
    const address = `${ADDRESS}/${randomUUID()}`
    const lock = path.join(new URL(address).pathname, 'root.lock')
    fs.mkdirSync(lock, { recursive: true })
    fs.writeFileSync(path.join(lock, 'nonce'), '')
    await open(address).replaceIf('root', undefined, Buffer.from('one'))
    expect(fs.existsSync(lock)).toBe(false)
  })

  it('says what it may not do', async () => {
    const { host, username } = new URL(ADDRESS ?? '')
    const driver = open(`sftp://${username}@${host}/proc/dsv`)
    await expect(driver.write('a', Buffer.from('a'))).rejects.toMatchObject({
      code: expect.stringMatching(/^DSV_STORAGE_/),
    })
  })
})
