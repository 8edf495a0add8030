import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { openSandbox, type Sandbox } from './run-cli.ts'

const MAP = 'image={pic}.jpg,label={what},bbox=[{a},{b},{c},{d}]'
let sandbox: Sandbox

beforeEach(() => {
  sandbox = openSandbox()
  sandbox.write('data/t.csv', 'pic,what,a,b,c,d\nx,cat,1,2,3,4\ny,dog,5,6,7,8\n')
  for (const name of ['x', 'y']) sandbox.write(`data/${name}.jpg`, `pixels of ${name}`)
})

afterEach(() => sandbox.close())

describe('--map', () => {
  it('tells `dsv add` what columns mean, and is remembered', async () => {
    await sandbox.dsv('init')
    expect(await sandbox.dsv('add', 'data', '--map', MAP)).toMatchObject({ exitCode: 0, note: '' })
    await sandbox.dsv('commit', '-m', 'first')
    sandbox.write('data/t.csv', 'pic,what,a,b,c,d\nx,cat,1,2,3,4\ny,dog,5,6,7,9\ny,cat,0,0,1,1\n')
    const { out } = await sandbox.dsv('diff')
    expect(out).toContain('y')
    await sandbox.dsv('commit', '-am', 'second')
    expect(await sandbox.dsv('status')).toMatchObject({ exitCode: 0 })
    expect((await sandbox.dsv('ls', 'data', '--json')).out).toContain('"y"')
    expect(await sandbox.dsv('checkout', 'HEAD', '--format', 'coco', '-o', 'out')).toMatchObject({
      exitCode: 0,
    })
  })

  it('is for `dsv convert` and `dsv detect` too', async () => {
    const { out } = await sandbox.dsv('convert', 'data', 'out', '--map', MAP, '--to', 'coco')
    expect(out).toBe('Wrote 2 items to out as coco (read as csv).\n')
    const answers = await sandbox.json('detect', 'data', '--map', MAP)
    expect(answers).toContainEqual(expect.objectContaining({ format: 'csv', confidence: 0.9 }))
    expect((await sandbox.dsv('detect', 'data', '--map', 'image={no}')).exitCode).toBe(1)
  })

  it('is refused where it is wrong or means nothing', async () => {
    await sandbox.dsv('init')
    const wrong = await sandbox.dsv('add', 'data', '--map', 'label={what}')
    expect(wrong).toMatchObject({ exitCode: 1 })
    expect(wrong.note).toContain('does not say which column names the image')
    const other = await sandbox.dsv('add', 'data', '--format', 'coco', '--map', MAP)
    expect(other.note).toContain('The format coco takes no column map.')
    expect((await sandbox.dsv('add', 'data', '--map', MAP, '--plain')).exitCode).toBe(2)
  })
})
