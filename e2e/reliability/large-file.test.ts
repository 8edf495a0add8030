import { appendFileSync, readdirSync, truncateSync } from 'node:fs'
import { expect, it } from '@jest/globals'
import { openSandbox, type Sandbox } from '../sandbox.ts'

const FILE = 'data/annotations/instances_train.json'
const RECORDS = 3000

/** Writes COCO JSON that is so large that a worker stores it while it is read. */
function writeLarge({ at, write }: Sandbox, end: string): void {
  const images = [{ id: 1, file_name: 'a.jpg', width: 10, height: 10 }]
  const categories = [{ id: 1, name: 'car' }]
  write(FILE, `{"images":${JSON.stringify(images)},"categories":${JSON.stringify(categories)},`)
  const records = Array.from({ length: RECORDS }, (_, id) => {
    const record = { id, image_id: 1, category_id: 1, bbox: [id % 7, 1, 2, 3], area: 6, iscrowd: 0 }
    // White space is stored like anything else, and quickly read.
    return JSON.stringify(record) + ' '.repeat(24 * 1024)
  })
  appendFileSync(at(FILE), `"annotations":[${records.join(',')}]${end}`)
}

it('reads a large annotation file while a worker stores it', async () => {
  using sandbox = openSandbox()
  await sandbox.dsv('init')
  writeLarge(sandbox, '}')
  const added: { datasets: unknown } = JSON.parse(
    await sandbox.dsv('add', 'data', '--format', 'coco', '--json'),
  )
  expect(added.datasets).toMatchObject([{ items: 1, problems: [] }])
  await sandbox.dsv('commit', '-m', 'first')
  await sandbox.dsv('fsck')
  await sandbox.dsv('checkout', 'HEAD', '--output', '../other')
  expect(sandbox.read(`../other/${FILE}`)).toBe(sandbox.read(FILE))

  truncateSync(sandbox.at(FILE), 0)
  writeLarge(sandbox, ',"info":{}}')
  const diff: { datasets: unknown } = JSON.parse(await sandbox.dsv('diff', '--json'))
  expect(diff.datasets).toMatchObject([{ path: 'data' }])
}, 60_000)

it('leaves nothing when the large file cannot be read', async () => {
  using sandbox = openSandbox()
  await sandbox.dsv('init')
  writeLarge(sandbox, ', nonsense')
  const { exitCode, stderr } = await sandbox.run(['add', 'data', '--format', 'coco'])
  expect([exitCode, stderr]).toEqual([1, expect.stringContaining('instances_train.json')])
  expect(readdirSync(sandbox.at('.dsv/local/tmp'))).toEqual([])
  const { staged }: { staged: unknown } = JSON.parse(await sandbox.dsv('status', '--json'))
  expect(staged).toMatchObject({ files: [], datasets: [] })
}, 60_000)
