import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import sharp from 'sharp'
import { openSandbox, type Sandbox } from './run-cli.ts'

let sandbox: Sandbox

beforeEach(() => {
  sandbox = openSandbox()
})

afterEach(() => sandbox.close())

interface CocoImage {
  readonly id: number
  readonly width: number
  readonly height: number
  readonly file_name: string
}

interface CocoObject {
  readonly id: number
  readonly image_id: number
  readonly category_id: number
  readonly bbox: readonly number[]
  readonly segmentation: unknown
  readonly area: number
  readonly iscrowd: number
}

/** Rectangles on a grey ground; each number gives another picture. */
async function picture(number: number, width: number, height: number): Promise<Buffer> {
  const data = Buffer.alloc(width * height * 3, 70 + number)
  for (let shape = 0; shape < 4; shape++) {
    const at = (number * 7 + 1) * (shape * 13 + 5)
    const [left, top] = [at % (width - 20), (at * 3) % (height - 15)]
    for (let y = top; y < top + 15; y++)
      for (let x = left; x < left + 20; x++)
        data.fill((at * 29) % 256, (y * width + x) * 3, (y * width + x) * 3 + 3)
  }
  return sharp(data, { raw: { width, height, channels: 3 } })
    .png()
    .toBuffer()
}

function writeCoco(
  subset: string,
  files: Readonly<Record<string, Uint8Array>>,
  images: readonly CocoImage[],
  annotations: readonly CocoObject[],
): void {
  const folder = path.join(sandbox.folder, 'data/images', subset)
  mkdirSync(folder, { recursive: true })
  for (const [name, bytes] of Object.entries(files)) writeFileSync(path.join(folder, name), bytes)
  const categories = ['a', 'b', 'c'].map((name, at) => ({ id: at + 1, name }))
  sandbox.write(
    `data/annotations/instances_${subset}.json`,
    JSON.stringify({ images, annotations, categories }),
  )
}

/** Twelve pictures of 64 × 48 in train, with a box of each of two categories on every other one. */
async function commitPictures(): Promise<void> {
  const files: Record<string, Uint8Array> = {}
  const images: CocoImage[] = []
  const annotations: CocoObject[] = []
  for (let number = 1; number <= 12; number++) {
    const name = `p${String(number).padStart(2, '0')}.png`
    files[name] = await picture(number, 64, 48)
    images.push({ id: number, width: 64, height: 48, file_name: name })
    for (const category of number % 2 === 0 ? [1, 2] : [])
      annotations.push({
        id: number * 2 + category,
        image_id: number,
        category_id: category,
        bbox: [20 + category, 10, 24, 20],
        segmentation: [],
        area: 480,
        iscrowd: 0,
      })
  }
  writeCoco('train', files, images, annotations)
  await sandbox.dsv('init')
  await sandbox.dsv('add', 'data')
  await sandbox.dsv('commit', '-m', 'first')
}

function imagesOf(subset: string): readonly string[] {
  return readdirSync(path.join(sandbox.folder, 'data/images', subset)).toSorted()
}

function objectsOf(subset: string): readonly CocoObject[] {
  const { annotations }: { annotations: readonly CocoObject[] } = JSON.parse(
    sandbox.read(`data/annotations/instances_${subset}.json`),
  )
  return annotations
}

async function samplesOf(file: string): Promise<Buffer> {
  return sharp(readFileSync(path.join(sandbox.folder, file)))
    .raw()
    .toBuffer()
}

describe('dsv transform, on pictures', () => {
  it('splits a dataset, with its files, and takes it back', async () => {
    await commitPictures()
    const before = imagesOf('train')
    const ratio = ['--ratio', 'train=0.75', '--ratio', 'val=0.25']
    const made = await sandbox.dsv('transform', 'split', ...ratio, '--stratify', 'detection')
    expect(made).toEqual({
      exitCode: 0,
      out: 'Staged data: 12 items in coco\nItems by subset: train 9, val 3\n',
      note: '',
    })
    expect([...imagesOf('train'), ...imagesOf('val')].toSorted()).toEqual(before)
    const counts = ['train', 'val'].map((subset) => [
      imagesOf(subset).length,
      objectsOf(subset).length,
    ])
    // Six images have two boxes: 4.5 of them belong into train.
    expect([
      [
        [9, 8],
        [3, 4],
      ],
      [
        [9, 10],
        [3, 2],
      ],
    ]).toContainEqual(counts)
    const again = await sandbox.dsv('transform', 'split', ...ratio, '--stratify', 'detection')
    expect(again.out).toContain('Nothing changed in data.')
    await sandbox.dsv('undo')
    await sandbox.dsv('undo')
    expect(imagesOf('train')).toEqual(before)
    expect((await sandbox.dsv('status')).out).toContain('Nothing to commit')
  })

  it('says what is wrong with shares', async () => {
    await commitPictures()
    const { exitCode, note } = await sandbox.dsv('transform', 'split', '--ratio', 'train=0.7')
    expect(exitCode).not.toBe(0)
    expect(note).toContain('split: `ratio` adds up to 0.7, not to 1')
  })

  it('samples, and keeps the rest in another subset', async () => {
    await commitPictures()
    await sandbox.dsv('transform', 'sample', '--count', '4', '--rest', 'pool')
    expect([imagesOf('train').length, imagesOf('pool').length]).toEqual([4, 8])
  })

  it('leaves out pictures that look alike, and names them', async () => {
    await commitPictures()
    const copies = path.join(sandbox.folder, 'data/images/train')
    const small = await sharp(await picture(2, 64, 48))
      .resize(48, 36)
      .jpeg({ quality: 80 })
      .toBuffer()
    writeFileSync(path.join(copies, 'q.jpg'), small)
    const file = 'data/annotations/instances_train.json'
    const content: { images: CocoImage[] } = JSON.parse(sandbox.read(file))
    content.images.push({ id: 99, width: 48, height: 36, file_name: 'q.jpg' })
    sandbox.write(file, JSON.stringify(content))
    await sandbox.dsv('add', 'data')
    const { out, note } = await sandbox.dsv('transform', 'near-duplicates')
    expect(out).toContain('Staged data: 12 items in coco')
    expect(note).toContain('1 × item left out (train/q: as train/p02)')
    expect(imagesOf('train')).not.toContain('q.jpg')
  })

  it('tiles pictures and joins them again, to the pixel', async () => {
    await commitPictures()
    const pixels = await samplesOf('data/images/train/p02.png')
    const objects = objectsOf('train')
    await sandbox.dsv('transform', 'tile', '--grid', '2x2')
    expect(imagesOf('train')).toHaveLength(48)
    expect(objectsOf('train').length).toBeGreaterThan(objects.length)
    await sandbox.dsv('commit', '-m', 'tiles')
    await sandbox.dsv('transform', 'untile')
    expect(imagesOf('train')).toHaveLength(12)
    expect(await samplesOf('data/images/train/p02.png')).toEqual(pixels)
    const plain = (all: readonly CocoObject[]): readonly string[] =>
      all.map(({ image_id: _image, id: _id, ...each }) => JSON.stringify(each)).toSorted()
    expect(plain(objectsOf('train'))).toEqual(plain(objects))
  })

  it('crops chips into a new dataset of labelled images', async () => {
    await commitPictures()
    const to = ['--into', 'chips', '--format', 'imagenet', '--where', 'category = "b"']
    const { out } = await sandbox.dsv('transform', 'crop', 'data', '--chips', ...to)
    expect(out).toContain('Staged chips: 6 items in imagenet')
    expect(readdirSync(path.join(sandbox.folder, 'chips/train/b'))).toHaveLength(6)
  })

  /** As Datumaro 1.10 resizes its COCO sample to 20 × 10; the areas, which it drops, by hand. */
  it('resizes boxes, polygons and masks as the peer does', async () => {
    const plain = async (width: number, height: number): Promise<Buffer> =>
      sharp({ create: { width, height, channels: 3, background: '#888' } })
        .jpeg()
        .toBuffer()
    const object = { iscrowd: 0, segmentation: [] }
    writeCoco(
      'train',
      { 'a.jpg': await plain(10, 5) },
      [{ id: 5, width: 10, height: 5, file_name: 'a.jpg' }],
      [{ ...object, id: 1, image_id: 5, category_id: 2, area: 3, bbox: [2, 2, 3, 1] }],
    )
    writeCoco(
      'val',
      { 'b.jpg': await plain(5, 10) },
      [{ id: 40, width: 5, height: 10, file_name: 'b.jpg' }],
      [
        {
          ...object,
          id: 1,
          image_id: 40,
          category_id: 1,
          area: 2,
          bbox: [0, 0, 1, 2],
          segmentation: [[0, 0, 1, 0, 1, 2, 0, 2]],
        },
        {
          id: 2,
          image_id: 40,
          category_id: 2,
          area: 20,
          bbox: [0, 0, 1, 9],
          iscrowd: 1,
          segmentation: { counts: [0, 20, 30], size: [10, 5] },
        },
      ],
    )
    await sandbox.dsv('init')
    await sandbox.dsv('add', 'data')
    const made = await sandbox.dsv('transform', 'resize', '--width', '20', '--height', '10')
    expect(made).toMatchObject({ exitCode: 0, note: '' })
    expect(objectsOf('train')).toMatchObject([{ bbox: [4, 4, 6, 2], area: 12 }])
    expect(objectsOf('val')).toMatchObject([
      { bbox: [0, 0, 4, 2], area: 8, segmentation: [[0, 0, 4, 0, 4, 2, 0, 2]] },
      { bbox: [0, 0, 4, 9], area: 80, segmentation: { counts: [0, 80, 120], size: [10, 20] } },
    ])
    const { width, height, format } = await sharp(
      readFileSync(path.join(sandbox.folder, 'data/images/val/b.jpg')),
    ).metadata()
    expect([width, height, format]).toEqual([20, 10, 'jpeg'])
  })
})
