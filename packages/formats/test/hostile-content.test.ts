import { type Folder, isDsvError } from '@dsv/core'
import {
  convertDataset,
  diskFolder,
  diskWriter,
  formatNames,
  loadAdapter,
  safePath,
} from '@dsv/formats'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import * as fc from 'fast-check'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { deflateSync, gzipSync } from 'node:zlib'
import { encodeTarFile, tarEnd } from '../src/webdataset/encode-tar.ts'
import { openShard } from '../src/webdataset/shard.ts'
import { decodePng } from '../src/media/png.ts'
import { readAll, writeAll } from './adapter-contract.ts'
import { memoryDatasetView } from './dataset-view.ts'
import { zipBytes } from './folder/zip-bytes.ts'
import { leavesFolder } from './hostile/broken-promises.ts'
import { ESCAPING_NAMES } from './hostile/damage.ts'
import { imageItem, samples } from './hostile/samples.ts'
import { memoryFolder, placeholder } from './memory-folder.ts'
import { sampleAnnotation } from './sample-annotations.ts'

const all = await samples()
const IMAGE = placeholder({ width: 40, height: 30 })

let root = ''
beforeAll(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'dsv-hostile-'))
})
afterAll(async () => {
  await rm(root, { recursive: true })
})

describe('names that leave the folder', () => {
  it('are refused by every writer, or changed and reported', async () => {
    const broken: string[] = []
    for (const name of formatNames) {
      const adapter = await loadAdapter(name)
      const { holds, canWrite } = adapter.format
      if (canWrite === false) continue
      const types = [...holds].filter((type) => type !== 'relation').slice(0, 1)
      for (const bad of ESCAPING_NAMES) {
        const drafts = types.map((type) => ({ ...sampleAnnotation(type), category: bad }))
        const item = imageItem('a1', drafts)
        const media = item.media.map((each) => ({ ...each, path: bad }))
        const schema = { categories: [{ key: bad, name: bad }], attributes: [], info: {} }
        for (const change of [{ id: bad }, { subset: bad }, { media }, {}]) {
          const view = memoryDatasetView(schema, [{ ...item, ...change }])
          try {
            const { folder } = await writeAll(adapter, view)
            const out = [...folder.files.keys()].filter(leavesFolder)
            // On other systems a backslash is a letter like any other; Windows refuses it.
            broken.push(...out.filter(isTakenOnWindows).map((each) => `${name} writes ${each}`))
          } catch (error) {
            if (!isDsvError(error)) broken.push(`${name} fails for ${bad}: ${String(error)}`)
          }
        }
      }
    }
    expect(broken).toEqual([])
  })

  it('are no safe paths: what is one stays below its root, on Windows too', () => {
    const segment = fc.constantFrom('..', '.', '', 'a', 'C:', '\\', '..\\..', '\0', 'CON', 'b.png')
    fc.assert(
      fc.property(fc.array(segment, { maxLength: 5 }), (segments) => {
        const name = segments.join('/')
        const posix = path.posix.resolve('/root', name).startsWith('/root/')
        const windows = path.win32.resolve('C:\\root', name).startsWith('C:\\root\\')
        expect(isSafe(name, 'linux') && !posix).toBe(false)
        expect(isSafe(name, 'win32') && !windows).toBe(false)
      }),
    )
  })

  it('are neither opened nor written on disk, through links neither', async () => {
    const inside = path.join(root, 'dataset')
    await mkdir(path.join(inside, 'images'), { recursive: true })
    await writeFile(path.join(root, 'secret.png'), placeholder({ width: 77, height: 55 }))
    await symlink(path.join(root, 'secret.png'), path.join(inside, 'images', 'link.png'))
    await symlink(root, path.join(inside, 'up'))
    await symlink('loop', path.join(inside, 'loop'))
    const names = ['../secret.png', '/secret.png', path.join(root, 'secret.png'), 'link.png']
    const images = names.map((file_name, id) => ({ id, file_name, width: 1, height: 1 }))
    const text = JSON.stringify({ images, annotations: [], categories: [] })
    await mkdir(path.join(inside, 'annotations'))
    await writeFile(path.join(inside, 'annotations', 'instances_train.json'), text)
    const folder = diskFolder(inside)
    expect(await folder.list()).toEqual(['annotations/instances_train.json'])
    for (const name of [...names, 'up/secret.png', 'images/link.png', 'loop']) {
      await expect(folder.open(name)).rejects.toMatchObject({ code: 'DSV_FILE_NOT_FOUND' })
    }
    const { items } = await readAll(await loadAdapter('coco'), folder)
    expect(items.map(({ media }) => media[0]?.width)).not.toContain(77)
    const writer = diskWriter(inside)
    for (const name of ['../x', '/x', 'up/x', 'a/../../x', '.git/config', 'a\0']) {
      await expect(writer.write(name, Buffer.from('x'))).rejects.toMatchObject({
        code: 'DSV_PATH_UNSAFE',
      })
    }
    expect((await readdir(root)).toSorted()).toEqual(['dataset', 'secret.png'])
  })
})

function isSafe(name: string, platform: NodeJS.Platform): boolean {
  try {
    return safePath(name, platform) === name
  } catch (error) {
    if (isDsvError(error, 'DSV_PATH_UNSAFE')) return false
    throw error
  }
}

function isTakenOnWindows(name: string): boolean {
  return isSafe(name, 'win32')
}

async function expectRefused(format: string, folder: Folder, message: RegExp): Promise<void> {
  const adapter = await loadAdapter(format)
  await expect(readAll(adapter, folder)).rejects.toMatchObject({
    code: 'DSV_FORMAT_SYNTAX',
    message: expect.stringMatching(message),
  })
  const { problems } = await readAll(adapter, folder, { onError: 'skip' })
  expect(problems.map((each) => each.message).join('\n')).toMatch(message)
}

describe('archives', () => {
  const text = (name: string): { name: string; bytes: Buffer } => ({ name, bytes: IMAGE })

  it.each([
    ['../x.png', [text('../x.png')]],
    ['an absolute path', [text('/x.png')]],
    [
      'entries that claim too much',
      [1, 2, 3].map(() => ({ ...text('a.png'), claimedBytes: 0xffff_fff0 })),
    ],
  ])('within a dataset are refused with %s', async (_, entries) => {
    const folder = memoryFolder([
      ['a.zip', zipBytes(entries)],
      ['b.zip', zipBytes([text('b.png')])],
    ])
    await expectRefused('image-zip', folder, /^a\.zip: /u)
    const { items } = await readAll(await loadAdapter('image-zip'), folder, { onError: 'skip' })
    expect(items.map(({ id }) => id)).toEqual(['b'])
  })

  it('have no links, and a name once', async () => {
    const link = { name: 'link.png', bytes: Buffer.from('/etc/passwd'), mode: 0o120777 }
    const zip = zipBytes([link, text('a.png'), text('a.png')])
    const { items } = await readAll(await loadAdapter('image-zip'), memoryFolder([['a.zip', zip]]))
    expect(items.map(({ id }) => id)).toEqual(['a'])
  })

  it('of tar give names within the folder, whatever their members are called', async () => {
    const names = ['../../etc/x.png', '/etc/y.png', '..\\..\\z.png', 'a/../../w.png']
    const members = names.flatMap((name) => encodeTarFile(name, IMAGE))
    const tar = Buffer.concat([...members, tarEnd()])
    const { items } = await readAll(await loadAdapter('webdataset'), memoryFolder([['a.tar', tar]]))
    expect(
      items.flatMap(({ media }) => media.map((each) => each.path)).filter(leavesFolder),
    ).toEqual([])
  })

  it('of tar that are packed unpack only so far', async () => {
    const packed = gzipSync(Buffer.alloc(2 ** 20))
    const folder = memoryFolder([['a.tgz', packed]])
    const { signal } = new AbortController()
    await expect(openShard(folder, 'a.tgz', signal, 2 ** 19)).rejects.toThrow(
      /^a\.tgz: unpacks to/u,
    )
  })

  it('and images do not unpack to more than their header says', () => {
    const png = bombPng(8, 2 ** 24)
    expect(() => decodePng(png, { file: 'a.png' })).toThrow(/^a\.png: /u)
  })
})

/** A small image whose pixels unpack to many bytes. */
function bombPng(size: number, bytes: number): Buffer {
  const header = placeholder({ width: size, height: size })
  const data = deflateSync(Buffer.alloc(bytes))
  const chunk = Buffer.alloc(8)
  chunk.writeUInt32BE(data.length, 0)
  chunk.write('IDAT', 4)
  return Buffer.concat([header, chunk, data, Buffer.alloc(4)])
}

describe('pickles', () => {
  const mark = (): string => path.join(root, 'called')
  const calls = (): readonly (readonly [string, string])[] => [
    ['GLOBAL and REDUCE', `cos\nsystem\n(S'touch ${mark()}'\ntR.`],
    ['INST', `(S'touch ${mark()}'\nios\nsystem\n.`],
    ['OBJ', `(cos\nsystem\nS'touch ${mark()}'\no.`],
    ['STACK_GLOBAL', '\x80\x04\x8c\x02os\x8c\x06system\x93\x8c\x01x\x85R.'],
    ['NEWOBJ', '\x80\x02cos\nsystem\n)\x81.'],
    ['a getter of attributes', "cbuiltins\ngetattr\n(cbuiltins\n__import__\nS'x'\ntR."],
    ['an extension', '\x80\x02\x82\x01.'],
    ['a persistent id', 'Px\n.'],
    ['a name with a dot', 'cnumpy\ncore.os.system\n.'],
  ]

  it.each([
    'GLOBAL and REDUCE',
    'INST',
    'OBJ',
    'STACK_GLOBAL',
    'NEWOBJ',
    'a getter of attributes',
    'an extension',
    'a persistent id',
    'a name with a dot',
  ])('call nothing: %s', async (which) => {
    const [, pickle = ''] = calls().find(([name]) => name === which) ?? []
    const bytes = Buffer.from(pickle, 'latin1')
    const cifar = memoryFolder([
      ['batches.meta', Buffer.from('\x80\x02}q\x01U\x0blabel_namesq\x02]q\x03s.', 'latin1')],
      ['data_batch_1', bytes],
    ])
    await expectRefused('cifar', cifar, /^data_batch_1: the pickle .*at byte \d+/u)
    const sample = all.find(({ name }) => name === 'brats-numpy')
    const brats = memoryFolder([...(sample?.files ?? []), ['val_ids.p', bytes]])
    await expectRefused('brats-numpy', brats, /^val_ids\.p: the pickle .*at byte \d+/u)
    expect(existsSync(mark())).toBe(false)
  })

  it('may hold themselves, or lists in lists without end', async () => {
    for (const pickle of [']q\0h\0a.', `${']'.repeat(50_000)}${'a'.repeat(49_999)}.`]) {
      const folder = memoryFolder([
        ['batches.meta', Buffer.from(pickle, 'latin1')],
        ['data_batch_1', Buffer.from(pickle, 'latin1')],
      ])
      await expectRefused('cifar', folder, /^(?:batches\.meta|data_batch_1): /u)
    }
  })
})

describe('XML', () => {
  const laughs = Array.from(
    { length: 9 },
    (_, at) => `<!ENTITY l${at + 1} "${`&l${at};`.repeat(10)}">`,
  )
  const types = {
    'entities that grow': `<!DOCTYPE a [<!ENTITY l0 "lol">${laughs.join('')}]>`,
    'an external entity': '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>',
    'an external document type': '<!DOCTYPE a SYSTEM "http://127.0.0.1:9/x.dtd">',
    'a parameter entity': '<!DOCTYPE a [<!ENTITY % x SYSTEM "file:///etc/passwd"> %x;]>',
  }
  const cases = all.flatMap((sample) =>
    [...sample.files.keys()]
      .filter((file) => file.endsWith('.xml'))
      .slice(0, 1)
      .map((file) => [sample.name, file, sample] as const),
  )

  it('is what five formats are in', () => {
    const formats = new Set(cases.map(([, , { adapter }]) => adapter.format.name))
    expect([...formats].toSorted()).toEqual([
      'cvat',
      'kitti-raw',
      'label-studio',
      'labelme-xml',
      'voc',
    ])
  })

  it.each(cases)('of %s has no document type: %s', async (_, file, { adapter, files }) => {
    const xml = Buffer.from(files.get(file) ?? []).toString()
    for (const type of Object.values(types)) {
      const at = xml.startsWith('<?xml') ? xml.indexOf('?>') + 2 : 0
      const bad = xml.slice(0, at) + type + xml.slice(at).replace(/>([^<>\s]+)</u, '>&x;&l9;<')
      const folder = memoryFolder([...files, [file, bad]])
      await expectRefused(
        adapter.format.name,
        folder,
        /: (?:line \d+: a document type is not allowed|should have <annotations> as its root)/u,
      )
    }
  })
})

describe('what refers to itself', () => {
  it('in YAML has an end', async () => {
    for (const names of ['&a [*a]', '&a {x: *a}', `[${'['.repeat(9999)}`]) {
      const folder = memoryFolder([
        ['data.yaml', `train: images/train\nnames: ${names}\n`],
        ['images/train/a.png', IMAGE],
      ])
      await expectRefused('yolo', folder, /^data\.yaml: /u)
    }
  })

  it('among classes is read: parents in a circle', async () => {
    const labels = [
      { name: 'a', parent: 'b', attributes: [] },
      { name: 'b', parent: 'a', attributes: [] },
      { name: 'c', parent: 'c', attributes: [] },
    ]
    const json = { info: {}, categories: { label: { labels } }, items: [] }
    const folder = memoryFolder([['annotations/train.json', JSON.stringify(json)]])
    const { schema, items, layout } = await readAll(await loadAdapter('datumaro'), folder)
    expect(schema.categories).toHaveLength(3)
    for (const name of formatNames) {
      const adapter = await loadAdapter(name)
      if (adapter.format.canWrite === false) continue
      const view = memoryDatasetView(
        schema,
        [...items, imageItem('a1', [])],
        name === 'datumaro' ? layout : null,
      )
      try {
        await writeAll(adapter, view)
      } catch (error) {
        if (!isDsvError(error)) throw new Error(`${name} fails`, { cause: error })
      }
    }
  })

  it('among edges of a skeleton is left out or reported: a point that is not there', async () => {
    const json = {
      images: [{ id: 1, file_name: 'a.png', width: 4, height: 3 }],
      annotations: [],
      categories: [
        {
          id: 1,
          name: 'p',
          keypoints: ['x', 'y'],
          skeleton: [
            [1, 2],
            [2, 1],
            [1, 1],
            [9, 2 ** 31],
          ],
        },
      ],
    }
    const folder = memoryFolder([['annotations/person_keypoints_train.json', JSON.stringify(json)]])
    const { schema, items, layout } = await readAll(await loadAdapter('coco'), folder, {
      onError: 'skip',
    })
    const view = memoryDatasetView(schema, items, layout)
    await expect(writeAll(await loadAdapter('coco'), view)).resolves.toBeDefined()
  })
})

describe('values that no dataset can hold', () => {
  const images = [
    ['"a.png"', '1e999'],
    ['"b.png"', '{"__proto__": 1}'],
    ['"c.png"', '"\\ud800"'],
    ['"d.png"', '1'],
  ]
  const text = `{"images": [${images
    .map(([name, value], id) => `{"id": ${id}, "file_name": ${name}, "own": ${value}}`)
    .join()}], "annotations": [], "categories": []}`

  it('stop a conversion with the item and the place, or leave out that item', async () => {
    const input = path.join(root, 'values')
    await mkdir(path.join(input, 'annotations'), { recursive: true })
    await writeFile(path.join(input, 'annotations', 'instances_train.json'), text)
    const request = { input, from: 'coco', to: 'coco', media: 'none' } as const
    const output = path.join(root, 'out')
    await expect(convertDataset({ ...request, output })).rejects.toMatchObject({
      code: 'DSV_FORMAT_SYNTAX',
      message: expect.stringMatching(/a\.png: item "train\/a" cannot be stored: .*own/u),
    })
    const outcome = await convertDataset({ ...request, output, onError: 'skip', force: true })
    expect(outcome.items).toBe(1)
    const names = outcome.problems.map(({ file }) => path.posix.basename(file))
    expect(names).toEqual(['a.png', 'b.png', 'c.png'])
  })
})

describe('with skip, the rest is read', () => {
  it.each([
    ['coco', 'instances', /"file_name":"a1\.png"/u, '"file_name":5'],
    ['create-ml', '', /"image":"a1\.png"/u, '"image":5'],
    ['csv', '', /\n[^\n]*a1\.png/u, '\n'],
    ['cvat', 'images', /xtl="[^"]*"/u, 'xtl="NaN"'],
    ['datumaro', '', /"bbox":/u, '"bbox":5,"was":'],
    ['labelme', '', /"shapes"/u, '"shapes":5,"other"'],
    ['voc', 'flat', /<object>/u, '<thing>'],
    ['vott-json', '', /"left":/u, '"left":"x","was":'],
    ['fiftyone', 'dataset', /"filepath":"[^"]*a1\.png"/u, '"filepath":5'],
    ['segment-anything', '', /"segmentation":/u, '"segmentation":5,"was":'],
    ['supervisely', '', /"exterior":/u, '"exterior":5,"was":'],
    ['yolo', 'ultralytics-detect', /^0 [\d.]+/u, '0 NaN'],
    ['kitti', '', /^cat [-\d.]+/u, 'cat NaN'],
    ['dota', '', /^[-\d.]+ /mu, 'NaN '],
  ])('%s (%s)', async (format, variant, pattern, wrong) => {
    const sample = all.find(({ name }) => name === format || name === `${format} (${variant})`)
    if (sample === undefined) throw new Error(`there is no sample of ${format}`)
    const { adapter, files } = sample
    const [file = '', text = ''] =
      [...files]
        .map(([name, bytes]) => [name, Buffer.from(bytes).toString()] as const)
        .find(([name, each]) => !name.includes('a2') && pattern.test(each)) ?? []
    expect(file).not.toBe('')
    const folder = memoryFolder([...files, [file, text.replace(pattern, wrong)]])
    const { items, problems } = await readAll(adapter, folder, { onError: 'skip' })
    const whole = await readAll(adapter, memoryFolder(files))
    const second = ({ id }: { readonly id: string }): boolean => id.includes('a2')
    expect(problems[0]?.file).toBe(file)
    expect(whole.items.some(second)).toBe(true)
    expect(items.find(second)).toEqual(whole.items.find(second))
  })
})
