import { randomUUID } from 'node:crypto'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { describe, expect, it } from '@jest/globals'
import { openDriver, openDvcRegistry } from '@dsv/remote'
import { readFiles } from './read-files.ts'
import { writeRegistry } from './write-registry.ts'

/** Servers that `scripts/remotes.sh` has started, with a bucket `dsv-test`: `versitygw=http://…,moto=…`. */
const SERVERS = (process.env['DSV_TEST_S3_ENDPOINTS'] ?? '')
  .split(',')
  .filter((each) => each !== '')
  .map((each) => ({ name: each.split('=')[0] ?? '', endpoint: each.replace(/^[^=]*=/, '') }))

const describeWithServers = SERVERS.length === 0 ? describe.skip : describe

describeWithServers('openDvcRegistry with a remote on S3', () => {
  it.each(SERVERS)('reads with the keys in config.local: $name', async ({ endpoint }) => {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'dsv-dvc-s3-'))
    const address = `s3://dsv-test/dvc-${randomUUID()}`
    const registry = writeRegistry(path.join(folder, 'registry'))
    const large = Buffer.alloc(9 * 2 ** 20, 'large')
    const hash = registry.directory({ 'a/x': 'one', empty: '', large })
    const old = registry.directory({ 'a.txt': 'a\r\n' }, 2)
    const bucket = await openDriver(address, { base: folder, options: { endpoint } })
    for (const file of fs.readdirSync(registry.remote, { recursive: true, encoding: 'utf8' })) {
      const absolute = path.join(registry.remote, file)
      if (fs.statSync(absolute).isFile()) await bucket.write(file, fs.readFileSync(absolute))
    }
    await registry.commit({
      '.dvc/config': `[core]\nremote = r\n['remote "r"']\nurl = ${address}\nendpointurl = ${endpoint}\n`,
      'new.dvc': registry.out('new', hash),
      'old.dvc': registry.out('old', old, 2),
    })
    const keys = [
      `access_key_id = ${process.env['AWS_ACCESS_KEY_ID']}`,
      `secret_access_key = ${process.env['AWS_SECRET_ACCESS_KEY']}`,
    ]
    fs.mkdirSync(path.join(registry.folder, '.dvc'))
    const local = path.join(registry.folder, '.dvc', 'config.local')
    fs.writeFileSync(local, `['remote "r"']\n${keys.join('\n')}\n`)
    const env = { DVC_GLOBAL_CONFIG_DIR: '/nowhere', AWS_REGION: 'us-east-1' }
    const opened = await openDvcRegistry(registry.folder, { env })
    expect(await readFiles(opened, '')).toEqual({
      'new/a/x': 'one',
      'new/empty': '',
      'new/large': large.toString('latin1'),
      'old/a.txt': 'a\r\n',
    })
    fs.rmSync(folder, { recursive: true, force: true })
  })
})
