import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { openSandbox, type Sandbox } from './run-cli.ts'
import { commitStreet, writeImage, writeStreet } from './street-dataset.ts'

let sandbox: Sandbox
beforeEach(() => {
  sandbox = openSandbox()
})
afterEach(() => sandbox.close())

/** Moves the car, relabels the person, draws a van, moves an image to val, edits the plain file. */
function edit(): void {
  writeImage(sandbox, 'a', [
    ['lorry', [11, 21, 40, 50]],
    ['rider', [1, 1, 5, 9]],
    ['van', [50, 50, 60, 60]],
  ])
  writeImage(sandbox, 'b', [])
  sandbox.write('street/ImageSets/Main/train.txt', 'a\nb\n')
  sandbox.write('street/ImageSets/Main/val.txt', 'c\nd\n')
  sandbox.write('README.md', 'more streets\n')
}

const FULL = [
  'dataset street (voc)',
  '  + category rider',
  '  + category van',
  '  item train/a',
  '    + box van  [50 50 10 10]',
  '    ~ box lorry  moved IoU 0.74  [11 21 29 39] → [11 21 29 29]',
  '    ~ box walker  relabelled walker → rider',
  '  item train/b',
  '    - box kitten  [2 2 7 7]',
  '  ~ item val/c  moved train → val',
  'M  README.md',
  '',
].join('\n')

describe('dsv diff', () => {
  it('speaks of boxes, items and categories', async () => {
    await commitStreet(sandbox)
    edit()
    expect(await sandbox.dsv('diff')).toEqual({ exitCode: 0, out: FULL, note: '' })
  })

  it('shows the same of the stage, and of two commits', async () => {
    await commitStreet(sandbox)
    edit()
    await sandbox.dsv('add', '-A')
    expect((await sandbox.dsv('diff', '--staged')).out).toBe(FULL)
    expect((await sandbox.dsv('diff')).out).toBe('')
    await sandbox.dsv('commit', '-m', 'edits')
    expect((await sandbox.dsv('diff', 'HEAD~1', 'HEAD')).out).toBe(FULL)
    expect((await sandbox.dsv('diff', 'HEAD~1..')).out).toBe(FULL)
    expect((await sandbox.dsv('show')).out).toBe(
      `commit <id> (HEAD, main)\nAuthor: ada <ada@test>\nDate:   2023-11-14 22:13:27 +0000\n\n    edits\n\n${FULL}`,
    )
  })

  it('sums up with --stat', async () => {
    await commitStreet(sandbox)
    edit()
    expect((await sandbox.dsv('diff', '--stat')).out).toBe(
      [
        'dataset street (voc)',
        '  1 item moved train → val, 1 box added, 1 box removed, 1 box moved, 1 annotation relabelled walker → rider',
        '  2 categories added',
        '  category  added  removed  changed  moved  relabelled',
        '  kitten        0        1        0      0           0',
        '  lorry         0        0        1      1           0',
        '  rider         0        0        1      0           1',
        '  van           1        0        0      0           0',
        '  subset  items changed  items moved  annotations added  annotations removed  annotations changed',
        '  train               2            0                  1                    1                    2',
        '  val                 1            1                  0                    0                    0',
        'M  README.md  +5 bytes',
        '',
      ].join('\n'),
    )
  })

  it('names only what changed with --name-only', async () => {
    await commitStreet(sandbox)
    edit()
    expect((await sandbox.dsv('diff', '--name-only')).out).toBe(
      [
        'M  street: schema',
        'M  street: train/a',
        'M  street: train/b',
        'R  street: train/c → val/c',
        'M  README.md',
        '',
      ].join('\n'),
    )
  })

  it('keeps only what matches a query, before or after', async () => {
    await commitStreet(sandbox)
    edit()
    expect((await sandbox.dsv('diff', '--where', 'category = "walker"')).out).toBe(
      [
        'dataset street (voc)',
        '  item train/a',
        '    ~ box walker  relabelled walker → rider',
        '',
      ].join('\n'),
    )
    expect((await sandbox.dsv('diff', '--where', 'subset = "val"')).out).toBe(
      'dataset street (voc)\n  ~ item val/c  moved train → val\n',
    )
  })

  it('shows where a query makes no sense', async () => {
    await commitStreet(sandbox)
    expect(await sandbox.dsv('diff', '--where', 'categry = "x"')).toMatchObject({
      exitCode: 1,
      out: '',
      note: expect.stringContaining('    categry = "x"\n    ^'),
    })
  })

  it('keeps to paths', async () => {
    await commitStreet(sandbox)
    edit()
    expect((await sandbox.dsv('diff', '--', 'README.md')).out).toBe('M  README.md\n')
    expect((await sandbox.dsv('diff', 'README.md')).out).toBe('M  README.md\n')
  })

  it('exits with 1 on differences only when asked to', async () => {
    await commitStreet(sandbox)
    expect((await sandbox.dsv('diff', '--exit-code')).exitCode).toBe(0)
    edit()
    expect((await sandbox.dsv('diff')).exitCode).toBe(0)
    expect((await sandbox.dsv('diff', '--exit-code')).exitCode).toBe(1)
    expect(await sandbox.dsv('diff', '--quiet')).toEqual({ exitCode: 1, out: '', note: '' })
  })

  it('sums up a dataset that is new, also before the first commit', async () => {
    writeStreet(sandbox)
    await sandbox.dsv('init')
    await sandbox.dsv('add', 'street')
    expect((await sandbox.dsv('diff', '--staged')).out).toMatch(
      /^new dataset street \(voc\)\n {2}4 items added, 4 boxes added\n/u,
    )
  })

  it('prints JSON with items, sums and files', async () => {
    await commitStreet(sandbox)
    edit()
    expect(await sandbox.json('diff')).toMatchObject({
      datasets: [
        {
          path: 'street',
          change: 'changed',
          formats: { from: 'voc', to: 'voc' },
          schema: { categories: { added: [{ name: 'rider' }, { name: 'van' }] } },
          items: [
            {
              from: { subset: 'train', id: 'a' },
              layers: { ground_truth: { added: [{ category: 'van' }], removed: [] } },
            },
            { from: { id: 'b' }, layers: { ground_truth: { removed: [{ category: 'kitten' }] } } },
            { from: { subset: 'train', id: 'c' }, to: { subset: 'val', id: 'c' } },
          ],
          summary: { annotations: { added: 1, removed: 1, changed: 2, moved: 1, relabelled: 1 } },
        },
      ],
      files: expect.arrayContaining([expect.objectContaining({ path: 'README.md' })]),
    })
    expect(await sandbox.json('diff', '--stat')).toMatchObject({ datasets: [{ items: [] }] })
  })

  it('colours only where it may', async () => {
    await commitStreet(sandbox)
    edit()
    const { out } = await sandbox.dsvWith({ useColor: true }, 'diff')
    expect(out).toContain('\u001B[32m+ box van')
    await sandbox.dsv('config', 'core.color', 'never')
    expect((await sandbox.dsvWith({ useColor: true }, 'diff')).out).toBe(FULL)
  })

  it('exits with 2 on options that exclude each other', async () => {
    expect(await sandbox.dsv('diff', '--stat', '--name-only')).toMatchObject({ exitCode: 2 })
  })
})
