import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { XMLParser, XMLValidator } from 'fast-xml-parser'
import sharp from 'sharp'
import { openSandbox, type Sandbox } from './run-cli.ts'

const HOSTILE = 'ca\u0000t]]> & <b>"\u001B[31m'

const jpeg = await sharp({ create: { width: 100, height: 80, channels: 3, background: 'red' } })
  .jpeg()
  .toBuffer()
const other = await sharp({ create: { width: 100, height: 80, channels: 3, background: 'blue' } })
  .jpeg()
  .toBuffer()

let sandbox: Sandbox
beforeEach(async () => {
  sandbox = openSandbox()
  await sandbox.dsv('init')
})
afterEach(() => sandbox.close())

function writeBytes(file: string, bytes: Uint8Array): void {
  mkdirSync(path.dirname(path.join(sandbox.folder, file)), { recursive: true })
  writeFileSync(path.join(sandbox.folder, file), bytes)
}

/** Two images with one box each; the first box reaches as far as it is told. */
async function addPets(width: number, name = 'cat'): Promise<void> {
  writeBytes('pets/images/train/a.jpg', jpeg)
  writeBytes('pets/images/val/b.jpg', other)
  const annotations = (file: string, bbox: readonly number[], id: number): string =>
    JSON.stringify({
      images: [{ id, file_name: file, width: 100, height: 80 }],
      annotations: [{ id, image_id: id, category_id: 1, bbox, area: 1, iscrowd: 0 }],
      categories: [{ id: 1, name }],
    })
  sandbox.write(
    'pets/annotations/instances_train.json',
    annotations('a.jpg', [10, 10, width, 20], 1),
  )
  sandbox.write('pets/annotations/instances_val.json', annotations('b.jpg', [10, 10, 20, 20], 2))
  await sandbox.dsv('add', 'pets')
}

const REPORT = [
  'pets (coco): 2 items, 2 annotations',
  '  error outside-image (1): A shape reaches out of its image.',
  '    train/a: box "cat" reaches 30 pixels out of the image of 100 × 80',
  '1 error',
  '',
].join('\n')

describe('dsv check', () => {
  it('says what is wrong where, and exits with 1 for what it is told', async () => {
    await addPets(120)
    const run = await sandbox.dsv('check')
    expect(run).toEqual({
      exitCode: 1,
      out: REPORT,
      note: 'Not run, for they read pixels (--pixels): image-broken, image-size-mismatch, subset-near-leak\n',
    })
    expect((await sandbox.dsv('check', '--fail-on', 'never')).exitCode).toBe(0)
    expect((await sandbox.dsv('check', '--skip', 'outside-image')).exitCode).toBe(0)
    await sandbox.dsv('config', 'check.outside-image', 'warning')
    expect((await sandbox.dsv('check')).exitCode).toBe(0)
    expect((await sandbox.dsv('check', '--fail-on', 'warning')).exitCode).toBe(1)
    await sandbox.dsv('config', 'check.outside-image.tolerance', '30')
    expect((await sandbox.dsv('check')).out).toBe(
      'pets (coco): 2 items, 2 annotations: nothing found\nNo findings\n',
    )
  })

  it('looks at a version, at some items, at one layer, for a task', async () => {
    await addPets(120)
    await sandbox.dsv('commit', '-m', 'wide')
    await addPets(20)
    expect((await sandbox.dsv('check')).exitCode).toBe(0)
    expect((await sandbox.dsv('check', 'pets', '--rev', 'HEAD')).out).toBe(REPORT)
    const only = ['check', '--rev', 'HEAD', '--only', 'outside-image']
    expect((await sandbox.dsv(...only, '--where', 'subset = "val"')).exitCode).toBe(0)
    expect((await sandbox.dsv(...only, '--subset', 'train')).exitCode).toBe(1)
    expect(await sandbox.dsv(...only, '--layer', 'predictions/x')).toMatchObject({
      exitCode: 0,
      note: 'warning: pets has no annotations in the layer "predictions/x"\n',
    })
    expect((await sandbox.dsv(...only, '--task', 'segmentation')).exitCode).toBe(0)
    expect((await sandbox.dsv(...only, '--task', 'detection')).exitCode).toBe(1)
  })

  it('decodes images when asked to', async () => {
    await addPets(20)
    writeBytes('pets/images/val/b.jpg', other.subarray(0, other.length - 20))
    await sandbox.dsv('add', '-u')
    expect((await sandbox.dsv('check')).exitCode).toBe(0)
    expect((await sandbox.dsv('check', '--pixels')).out).toContain('  error image-broken (1): ')
    await sandbox.dsv('config', 'check.pixels', 'true')
    expect((await sandbox.dsv('check')).exitCode).toBe(1)
  })

  it('writes JUnit and SARIF that hold whatever a dataset says', async () => {
    await addPets(120, HOSTILE)
    await sandbox.dsv('check', '--junit', 'out.xml', '--sarif', 'out.sarif')
    const xml = sandbox.read('out.xml')
    expect(XMLValidator.validate(xml)).toBe(true)
    expect(xml).toContain(String.raw`ca\u0000t]]&gt; &amp; &lt;b&gt;`)
    const { testsuites } = new XMLParser({ ignoreAttributes: false }).parse(xml)
    expect(testsuites).toMatchObject({ '@_failures': '1', testsuite: { '@_name': 'pets' } })
    const sarif: unknown = JSON.parse(sandbox.read('out.sarif'))
    expect(sarif).toMatchObject({
      version: '2.1.0',
      runs: [
        {
          tool: { driver: { name: 'dsv' } },
          results: [
            {
              ruleId: 'outside-image',
              level: 'error',
              locations: [
                {
                  physicalLocation: {
                    artifactLocation: { uri: 'pets/annotations/instances_train.json' },
                  },
                },
              ],
            },
          ],
        },
      ],
    })
    // Again: a report takes the place of an earlier one, and of nothing else.
    expect((await sandbox.dsv('check', '--junit', 'out.xml')).exitCode).toBe(1)
    sandbox.write('notes.txt', 'mine')
    expect(await sandbox.dsv('check', '--sarif', 'notes.txt')).toMatchObject({ exitCode: 2 })
    expect(sandbox.read('notes.txt')).toBe('mine')
  })

  it('is repaired by what it prints', async () => {
    await addPets(120)
    const { out } = await sandbox.dsv('check', '--json')
    // The sandbox hides ids, and `correct` goes by them.
    expect(JSON.parse(out)).toMatchObject({ summary: { errors: 1, warnings: 0, infos: 0 } })
    sandbox.write('check.json', out)
    expect(await sandbox.dsv('transform', 'correct', '--findings', 'check.json')).toMatchObject({
      exitCode: 1,
      note: expect.stringContaining('is about another version of the dataset'),
    })
    sandbox.write(
      'check.json',
      JSON.stringify(await sandbox.json('check', '--fail-on', 'never', '--pixels')),
    )
    const run = await sandbox.dsv('transform', 'correct', 'pets', '--findings', 'check.json')
    expect(run).toMatchObject({
      exitCode: 0,
      out: 'Staged pets: 2 items in coco\n',
      note: expect.stringContaining('1 × outside-image: clips the shape and its box'),
    })
    expect((await sandbox.dsv('check')).exitCode).toBe(0)
    await sandbox.dsv('undo')
    expect((await sandbox.dsv('transform', 'correct')).out).toBe(run.out)
    expect((await sandbox.dsv('check')).exitCode).toBe(0)
  })

  it('refuses what makes no sense', async () => {
    await addPets(20)
    const misused = [
      ['--task', 'x'],
      ['--limit', '-1'],
      ['--fail-on', 'x'],
      ['--list', '--sarif', 'x'],
    ]
    for (const words of misused)
      expect(await sandbox.dsv('check', ...words)).toMatchObject({ exitCode: 2, out: '' })
    expect(await sandbox.dsv('check', '--only', 'outside-imag')).toMatchObject({
      exitCode: 1,
      note: expect.stringContaining('Do you mean outside-image?'),
    })
    expect(await sandbox.dsv('config', 'check.outside-imag', 'off')).toMatchObject({ exitCode: 1 })
    expect(await sandbox.dsv('config', 'check.outside-image', 'bad')).toMatchObject({ exitCode: 1 })
    expect((await sandbox.dsv('check', 'nothing')).note).toContain('DSV_DATASET_UNKNOWN')
    expect((await sandbox.dsv('check', '--list')).out).toMatch(
      /^dataset-empty +warning +The dataset/u,
    )
  })
})

describe('dsv commit', () => {
  it('refuses errors in what changed, when the settings say so', async () => {
    await sandbox.dsv('config', 'commit.check', 'true')
    await addPets(120)
    const refused = await sandbox.dsv('commit', '-m', 'wide')
    expect(refused).toMatchObject({ exitCode: 1, out: '' })
    expect(refused.note).toContain('    train/a: box "cat" reaches 30 pixels out of the image')
    expect(refused.note).toContain('code: DSV_CHECK_FAILED')
    expect((await sandbox.dsv('log')).exitCode).not.toBe(0)
    expect((await sandbox.dsv('commit', '-m', 'wide', '--no-check')).exitCode).toBe(0)
    // What did not change is not checked again.
    sandbox.write('README.md', 'pets')
    await sandbox.dsv('add', 'README.md')
    expect((await sandbox.dsv('commit', '-m', 'readme')).exitCode).toBe(0)
    await addPets(110)
    expect((await sandbox.dsv('commit', '-am', 'still wide')).exitCode).toBe(1)
    await addPets(20)
    expect((await sandbox.dsv('commit', '-am', 'narrow')).exitCode).toBe(0)
    await sandbox.dsv('config', 'commit.check', 'false')
    await addPets(120)
    expect((await sandbox.dsv('commit', '-am', 'wide', '--check')).exitCode).toBe(1)
    expect((await sandbox.dsv('commit', '-m', 'x', '--check', '--no-check')).exitCode).toBe(2)
  })
})
