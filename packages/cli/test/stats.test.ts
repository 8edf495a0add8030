import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { openSandbox, type Sandbox } from './run-cli.ts'
import { commitStreet, writeImage } from './street-dataset.ts'

let sandbox: Sandbox
beforeEach(async () => {
  sandbox = openSandbox()
  await commitStreet(sandbox)
})
afterEach(() => sandbox.close())

const STREET = [
  '4 items, 1 without annotations',
  '4 annotations in ground_truth',
  '4 images, 4 different',
  'Subsets',
  '  subset  items  unannotated  annotations  differs (bits)',
  '  train       3            1            3           0.021',
  '  val         1            0            1           0.311',
  'Images',
  '  bytes   mean 11 bytes, 11 bytes to 11 bytes',
  '  4 of unknown size',
  'Annotations',
  '  types  box 4',
  '  objects per item  mean 1, median 1, half 0 to 1, all 0 to 2',
  '  area  mean 359.25, median 49, half 32 to 225, all 32 to 1131',
  '  small 3, medium 1, large 0 (limits 32² and 96²)',
  'Categories',
].join('\n')

describe('dsv stats', () => {
  it('describes the stage', async () => {
    const { exitCode, out, note } = await sandbox.dsv('stats')
    expect({ exitCode, note }).toEqual({ exitCode: 0, note: '' })
    expect(out).toContain(STREET)
  })

  it('takes revisions and paths as diff does, and prints everything as JSON', async () => {
    writeImage(sandbox, 'b', [])
    await sandbox.dsv('add', 'street')
    await sandbox.dsv('commit', '-m', 'fewer')
    const count = { annotations: { count: 3 } }
    expect(await sandbox.json('stats')).toMatchObject(count)
    expect(await sandbox.json('stats', 'street')).toMatchObject(count)
    expect(await sandbox.json('stats', 'HEAD~1')).toMatchObject({ annotations: { count: 4 } })
    const both = { from: { annotations: { count: 4 } }, to: count }
    expect(await sandbox.json('stats', 'HEAD~1..HEAD', 'street')).toMatchObject(both)
    expect(await sandbox.json('stats', '--compare', 'HEAD~1')).toMatchObject(both)
    const { out } = await sandbox.dsv('stats', 'HEAD~1', 'HEAD')
    expect(out).toContain('kitten      count       1      0          -1\n')
    expect(out).not.toContain('lorry')
    expect((await sandbox.dsv('stats', 'HEAD', 'HEAD')).out).toBe('No figure differs.\n')
  })

  it('counts what the user asks for', async () => {
    const { out } = await sandbox.dsv(
      'stats',
      '--where',
      'subset = "train"',
      '--count',
      'big=area > 100',
      '--count',
      'category = "kitten"',
      '--group-by',
      'count()',
    )
    expect(out).toContain(
      [
        'Counts',
        '  name                 items  annotations',
        '  big                      1            1',
        '  category = "kitten"      1            1',
        'count() (by item)',
        '  value  count   share',
        '  0          1  33.3 %',
      ].join('\n'),
    )
  })

  it('writes a page, over an earlier one, but over nothing else', async () => {
    const { note } = await sandbox.dsv('stats', '--html', 'page.html')
    expect(note).toBe('Wrote page.html\n')
    const page = sandbox.read('page.html')
    expect(page).toContain('<h1>Statistics of the stage</h1>')
    expect((await sandbox.dsv('stats', '--html', 'page.html', 'HEAD')).exitCode).toBe(0)
    expect(sandbox.read('page.html')).toContain('<h1>Statistics of HEAD</h1>')
    const refused = await sandbox.dsv('stats', '--html', 'README.md')
    expect(refused.exitCode).toBe(2)
    expect(refused.note).toContain('error: There is something else already at README.md\n')
    expect(sandbox.read('README.md')).toBe('streets\n')
  })

  it('says which images it cannot read, and what names nothing', async () => {
    const { out } = await sandbox.dsv('stats', '--pixels')
    expect(out).toContain('  4 images could not be read: JPEGImages/a.jpg, ')
    const { note } = await sandbox.dsv('stats', '--subset', 'test', '--where', 'category = "cat"')
    expect(note).toBe('warning: There is no subset "test"\nwarning: There is no category "cat"\n')
    expect((await sandbox.dsv('stats', '--layer', 'x')).note).toBe(
      'warning: Nothing is in layer x; there is ground_truth\n',
    )
    expect(await sandbox.dsv('stats', '--count', 'area <')).toMatchObject({ exitCode: 1, out: '' })
  })

  it('cannot compare three versions', async () => {
    const { exitCode, note } = await sandbox.dsv('stats', 'HEAD', 'HEAD', '--compare', 'HEAD')
    expect({ exitCode, note }).toMatchObject({
      exitCode: 2,
      note: expect.stringContaining('`--compare` goes with one revision.'),
    })
  })
})
