import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { STEPS } from '@dsv/steps'
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { openSandbox, type Sandbox } from './run-cli.ts'
import { commitStreet } from './street-dataset.ts'

let sandbox: Sandbox

beforeEach(async () => {
  sandbox = openSandbox()
  await commitStreet(sandbox)
})

afterEach(() => sandbox.close())

/** Files of a folder by path, with their text. */
function filesIn(folder: string): Readonly<Record<string, string>> {
  const root = path.join(sandbox.folder, folder)
  if (!existsSync(root)) return {}
  const names = readdirSync(root, { recursive: true, withFileTypes: true })
  return Object.fromEntries(
    names
      .filter((each) => each.isFile())
      .map((each) => path.join(each.parentPath, each.name))
      .toSorted()
      .map((file) => [path.relative(root, file), readFileSync(file, 'latin1')]),
  )
}

describe('dsv transform', () => {
  it('lists all steps', async () => {
    const { out } = await sandbox.dsv('transform')
    for (const { name, summary } of STEPS)
      expect(out).toMatch(new RegExp(`${name} +${summary}`, 'u'))
    expect(await sandbox.json('transform')).toEqual(
      STEPS.map(({ name, summary, inputs, options }) => ({ name, summary, inputs, options })),
    )
    const { note } = await sandbox.dsv('transform', 'fliter')
    expect(note).toContain('There is no step "fliter"\n  hint: Did you mean filter?')
    const missing = await sandbox.dsv('transform', 'correct', '--findings', 'nope.json')
    expect(missing.note).toContain('code: DSV_FILE_NOT_FOUND')
  })

  it('writes everything anew where most items change', async () => {
    const ids = Array.from({ length: 2400 }, (_, index) => index + 1)
    const file = 'many/annotations/instances_train.json'
    const coco = (chosen: readonly number[]) => ({
      images: chosen.map((id) => ({ id, file_name: `${id}.png`, width: 40, height: 30 })),
      annotations: chosen.map((id) => ({
        id,
        image_id: id,
        category_id: 1 + (id % 2),
        iscrowd: 0,
        bbox: [id % 30, 2, 8, 6],
        area: 48,
      })),
    })
    const categories = ['cat', 'dog'].map((name, index) => ({ id: index + 1, name }))
    sandbox.write(file, JSON.stringify({ ...coco(ids), categories }))
    await sandbox.dsv('add', 'many')
    const [before] = Object.keys(filesIn('many'))
    expect(before).toBe('annotations/instances_train.json')
    const made = await sandbox.dsv(
      'transform',
      'filter',
      'many/annotations',
      '--where',
      'category = "cat"',
    )
    expect(made.out).toBe('Staged many/annotations: 1,200 items in coco\n')
    const { images, annotations } = JSON.parse(sandbox.read(file))
    const byId = (a: { id: number }, b: { id: number }): number => a.id - b.id
    expect({
      images: images.toSorted(byId),
      annotations: annotations.toSorted(byId),
    }).toMatchObject(coco(ids.filter((id) => id % 2 === 0)))
    expect((await sandbox.dsv('status')).out).not.toContain('modified')
    await sandbox.dsv('undo')
    expect(JSON.parse(sandbox.read(file))).toEqual({ ...coco(ids), categories })
  })

  it('stages what a step makes, writes it, and takes it back', async () => {
    const before = filesIn('street')
    const where = 'category = "lorry"'
    const made = await sandbox.dsv('transform', 'filter', 'street', '--where', where)
    expect(made).toEqual({ exitCode: 0, out: 'Staged street: 2 items in voc\n', note: '' })
    expect(Object.keys(filesIn('street/JPEGImages'))).toEqual(['a.jpg', 'd.jpg'])
    expect(sandbox.read('street/Annotations/a.xml')).not.toContain('walker')
    expect((await sandbox.dsv('diff', '--staged')).out).toContain('street')
    const again = await sandbox.dsv('transform', 'filter', 'street', '--where', where)
    expect(again.out).toBe('Nothing changed in street.\n')
    await sandbox.dsv('undo')
    await sandbox.dsv('undo')
    expect(filesIn('street')).toEqual(before)
    expect((await sandbox.dsv('status')).out).toContain('Nothing to commit')
  })

  it('refuses to write over local changes, and changes nothing then', async () => {
    sandbox.write('street/Annotations/b.xml', sandbox.read('street/Annotations/b.xml').trim())
    const before = filesIn('street')
    const refused = await sandbox.dsv('transform', 'reindex', 'street')
    expect(refused.exitCode).toBe(1)
    expect(refused.note).toContain('DSV_CHECKOUT_WOULD_OVERWRITE')
    expect(filesIn('street')).toEqual(before)
  })

  it('makes a new dataset of any version, in any format', async () => {
    await sandbox.dsv('transform', 'filter', '--where', 'subset = "val"')
    await sandbox.dsv('commit', '-m', 'val alone')
    const options = ['--rev', 'HEAD~1', '--into', 'cars', '--format', 'coco', '--where', 'true']
    expect(await sandbox.json('transform', 'filter', 'street', ...options)).toMatchObject({
      path: 'cars',
      format: 'coco',
      items: 4,
      isUnchanged: false,
      notes: [],
    })
    expect(Object.keys(filesIn('cars'))).toContain('annotations/instances_train.json')
    expect(Object.keys(filesIn('street/JPEGImages'))).toEqual(['d.jpg'])
  })

  it('writes to a folder instead, and leaves stage and working tree alone', async () => {
    const before = [
      filesIn('street'),
      (await sandbox.dsv('status')).out,
      (await sandbox.dsv('op', 'log')).out,
    ]
    const step = [
      'transform',
      'remap-categories',
      'street',
      '--to',
      'lorry=truck',
      '--to',
      'walker=',
    ]
    const made = await sandbox.dsv(...step, '-o', '../trucks')
    expect(made).toMatchObject({
      exitCode: 0,
      note: 'warning: the step: 1 × annotation deleted with its category (train/a)\n',
    })
    expect(made.out).toMatch(
      /^Wrote 4 items with 3 annotations to \.\.\/trucks as voc \(\d+ files\)\.\n$/u,
    )
    expect(filesIn('../trucks')).toMatchObject({
      'JPEGImages/a.jpg': 'pixels of a',
      'Annotations/a.xml': expect.stringContaining('<name>truck</name>'),
    })
    const after = [
      filesIn('street'),
      (await sandbox.dsv('status')).out,
      (await sandbox.dsv('op', 'log')).out,
    ]
    expect(after).toEqual(before)
    const refused = await sandbox.dsv(...step, '-o', '../trucks')
    expect(refused.note).toContain('DSV_OUTPUT_NOT_EMPTY')
    const coco = await sandbox.json(...step, '-o', '../coco', '--format', 'coco', '--rev', 'HEAD')
    expect(coco).toMatchObject({ format: 'coco', items: 4, annotations: 3 })
  })

  it('leaves an output as it was when the step fails', async () => {
    mkdirSync(path.join(sandbox.folder, '../out'))
    const failed = await sandbox.dsv(
      'transform',
      'rename',
      '--match',
      '^.*$',
      '--to',
      'x',
      '-o',
      '../out',
    )
    expect(failed.note).toContain('"train/a" and "train/b" would both become "train/x"')
    expect(filesIn('../out')).toEqual({})
    for (const output of ['.', '.dsv/x', '..'])
      expect((await sandbox.dsv('transform', 'reindex', '-o', output)).note).toContain(
        'DSV_OUTPUT_IS_REPOSITORY',
      )
  })

  it('renames files with their items, even where names change places', async () => {
    const names = ['--match', '^(.)$', '--to', '{1}{subset}']
    expect((await sandbox.dsv('transform', 'rename', 'street', ...names)).exitCode).toBe(0)
    expect(filesIn('street/JPEGImages')).toEqual({
      'atrain.jpg': 'pixels of a',
      'btrain.jpg': 'pixels of b',
      'ctrain.jpg': 'pixels of c',
      'dval.jpg': 'pixels of d',
    })
    await sandbox.dsv('undo')
    await sandbox.dsv('transform', 'reindex', 'street')
    await sandbox.dsv('transform', 'reindex', 'street', '--start', '2')
    expect(filesIn('street/JPEGImages')).toEqual({
      '2.jpg': 'pixels of a',
      '3.jpg': 'pixels of b',
      '4.jpg': 'pixels of c',
      '5.jpg': 'pixels of d',
    })
    expect((await sandbox.dsv('status')).out).not.toContain('not staged')
  })

  it('leaves no image under its old name where the files say less than the dataset', async () => {
    const tagged = await sandbox.dsv('transform', 'tag-items', 'street', '--add', 'night')
    expect(tagged.note).toContain('files in voc do not show 4 × item: tags')
    await sandbox.dsv('transform', 'reindex', 'street')
    await sandbox.dsv('transform', 'reindex', 'street', '--start', '3')
    expect(filesIn('street/JPEGImages')).toEqual({
      '3.jpg': 'pixels of a',
      '4.jpg': 'pixels of b',
      '5.jpg': 'pixels of c',
      '6.jpg': 'pixels of d',
    })
    expect(await sandbox.json('ls', 'street')).toMatchObject([
      { item: { id: '3', tags: ['night'] } },
      { item: { id: '4' } },
      { item: { id: '5' } },
      { item: { id: '6' } },
    ])
  })

  it('has no step whose option the command itself takes', () => {
    const own = ['datasets', 'rev', 'into', 'output', 'o', 'format', 'json', 'report']
    for (const { name, options } of STEPS)
      expect([name, Object.keys(options).filter((option) => own.includes(option))]).toEqual([
        name,
        [],
      ])
  })
})

describe('dsv edit', () => {
  it('changes what matches, says how much, and takes it back', async () => {
    const before = filesIn('street')
    const made = await sandbox.dsv(
      'edit',
      'category = "lorry"',
      'street',
      '--set',
      'category=kitten',
      '--set',
      'truncated=true',
    )
    expect(made).toEqual({
      exitCode: 0,
      out: 'Staged street: 4 items in voc\nChanged 2 annotations.\n',
      note: '',
    })
    const xml = sandbox.read('street/Annotations/a.xml')
    expect(xml).toContain('<truncated>1</truncated>')
    expect(xml.match(/<name>\w+<\/name>/gu)).toEqual(['<name>kitten</name>', '<name>walker</name>'])
    await sandbox.dsv('undo')
    expect(filesIn('street')).toEqual(before)
  })

  it('deletes annotations or items, and moves items between subsets', async () => {
    await sandbox.dsv('edit', 'category = "walker"', '--delete', 'annotations')
    expect(sandbox.read('street/Annotations/a.xml')).not.toContain('walker')
    const gone = await sandbox.json('edit', 'id = "b"', '--delete', 'items')
    expect(gone).toMatchObject({ items: 3, report: { deletedItems: 1 } })
    await sandbox.dsv('edit', 'id = "c"', '--set', 'subset=val')
    expect(sandbox.read('street/ImageSets/Main/val.txt')).toBe('c\nd\n')
  })

  it('says what is wrong with a field, a value, a query', async () => {
    const wrong = await sandbox.dsv('edit', 'category = "lorry"', '--set', 'catgory=kitten')
    expect(wrong.exitCode).toBe(1)
    expect(wrong.note).toBe(
      'error: set: `set` names "catgory", which is not there\n  hint: Did you mean category?\n  code: DSV_OPTION_INVALID\n',
    )
    expect((await sandbox.dsv('edit', 'category = "lorry"')).note).toContain('`set` is missing')
    expect((await sandbox.dsv('edit', 'category =', '--set', 'score=1')).note).toContain(
      'DSV_QUERY_SYNTAX',
    )
    expect((await sandbox.dsv('edit')).exitCode).toBe(2)
    expect((await sandbox.dsv('edit', 'true', '--set', 'score')).exitCode).toBe(2)
    const none = await sandbox.dsv('edit', 'category = "walker" and score > 2', '--set', 'score=1')
    expect(none.out).toBe('Nothing changed in street.\n')
  })
})
