import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { convertDataset } from '@dsv/formats'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { placeholder } from './memory-folder.ts'

let folder = ''
const at = (...parts: string[]): string => path.join(folder, ...parts)

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'dsv-convert-test-'))
  write('in/data.yaml', 'names: [cat, dog]\ntrain: images/train\nval: images/val\n')
  for (const [subset, id] of [
    ['train', 'a'],
    ['train', 'b'],
    ['val', 'c'],
  ] as const) {
    write(`in/images/${subset}/${id}.png`, placeholder({ width: 100, height: 50 }))
    write(`in/labels/${subset}/${id}.txt`, '0 0.5 0.5 0.2 0.4\n1 0.25 0.5 0.1 0.2\n')
  }
})

afterEach(() => rmSync(folder, { recursive: true, force: true }))

function write(file: string, content: string | Uint8Array): void {
  mkdirSync(path.dirname(at(file)), { recursive: true })
  writeFileSync(at(file), content)
}

function allFiles(inside: string): readonly string[] {
  return readdirSync(at(inside), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(at(inside), path.join(entry.parentPath, entry.name)))
    .toSorted()
}

describe('convertDataset', () => {
  it('detects the format, converts to COCO, and copies the media', async () => {
    const outcome = await convertDataset({ input: at('in'), to: 'coco', output: at('out') })
    expect(outcome).toMatchObject({ from: 'yolo', to: 'coco', items: 3, problems: [] })
    const file = allFiles('out').find((each) => each.endsWith('.json') && each.includes('train'))
    const coco = JSON.parse(readFileSync(at('out', file ?? ''), 'utf8'))
    expect(coco.images).toHaveLength(2)
    expect(coco.annotations[0]).toMatchObject({ bbox: [40, 15, 20, 20] })
    const images = allFiles('out').filter((each) => each.endsWith('.png'))
    expect(images).toHaveLength(3)
    const [image = ''] = images
    expect(readFileSync(at('out', image))).toEqual(placeholder({ width: 100, height: 50 }))
  })

  it('comes back the same by way of another format', async () => {
    await convertDataset({ input: at('in'), to: 'coco', output: at('mid') })
    const back = await convertDataset({ input: at('mid'), to: 'yolo', output: at('back') })
    expect(back).toMatchObject({ from: 'coco', items: 3 })
    const label = allFiles('back').find((each) => each.endsWith('a.txt')) ?? ''
    expect(readFileSync(at('back', label), 'utf8')).toBe('0 0.5 0.5 0.2 0.4\n1 0.25 0.5 0.1 0.2\n')
  })

  it('takes media out of the file they lie in, and puts them in another', async () => {
    const first = await convertDataset({
      input: at('in'),
      to: 'tf-detection-api',
      output: at('tf'),
    })
    expect(first).toMatchObject({ items: 3, losses: [], problems: [] })
    expect(allFiles('tf')).toEqual(['label_map.pbtxt', 'train.tfrecord', 'val.tfrecord'])
    await convertDataset({ input: at('tf'), to: 'yolo', output: at('back'), strict: true })
    const image = allFiles('back').find((each) => each.endsWith('a.png')) ?? ''
    expect(readFileSync(at('back', image))).toEqual(placeholder({ width: 100, height: 50 }))
    const label = allFiles('back').find((each) => each.endsWith('a.txt')) ?? ''
    expect(readFileSync(at('back', label), 'utf8')).toBe('0 0.5 0.5 0.2 0.4\n1 0.25 0.5 0.1 0.2\n')
  })

  it('links media, or leaves them out', async () => {
    const input = at('in')
    await convertDataset({ input, to: 'coco', output: at('linked'), media: 'link' })
    const image = allFiles('linked').find((each) => each.endsWith('a.png')) ?? ''
    expect(statSync(at('linked', image)).ino).toBe(statSync(at('in/images/train/a.png')).ino)
    await convertDataset({ input, to: 'coco', output: at('bare'), media: 'none' })
    expect(allFiles('bare').filter((each) => each.endsWith('.png'))).toEqual([])
  })

  it('copies what a link in the input leads to, even where links are asked for', async () => {
    rmSync(at('in/images/train/a.png'))
    symlinkSync('b.png', at('in/images/train/a.png'))
    await convertDataset({ input: at('in'), to: 'coco', output: at('out'), media: 'link' })
    const image = allFiles('out').find((each) => each.endsWith('a.png')) ?? ''
    expect(readFileSync(at('out', image))).toEqual(placeholder({ width: 100, height: 50 }))
  })

  it('refuses with strict what the target cannot hold, and leaves nothing', async () => {
    const request = { input: at('in'), to: 'image-folder', output: at('out') }
    await expect(convertDataset({ ...request, strict: true })).rejects.toMatchObject({
      code: 'DSV_EXPORT_LOSSY',
    })
    expect(existsSync(at('out'))).toBe(false)
    const { losses } = await convertDataset(request)
    const boxes = losses.find(({ what }) => what === 'annotation: box')
    expect(boxes).toMatchObject({ count: 6 })
    expect(boxes?.examples).toHaveLength(3)
  })

  it('stops at a damaged file, or goes on and reports it', async () => {
    writeFileSync(at('in/labels/train/b.txt'), 'zero 0.5\n')
    const request = { input: at('in'), to: 'coco', output: at('out') }
    await expect(convertDataset(request)).rejects.toMatchObject({ code: 'DSV_FORMAT_SYNTAX' })
    expect(existsSync(at('out'))).toBe(false)
    const { problems } = await convertDataset({ ...request, onError: 'skip' })
    expect(problems.map(({ file }) => file)).toEqual(['labels/train/b.txt'])
  })

  it('writes over nothing unless forced, and never over its input', async () => {
    write('out/mine.txt', 'mine')
    const request = { input: at('in'), to: 'coco', output: at('out') }
    await expect(convertDataset(request)).rejects.toMatchObject({ code: 'DSV_OUTPUT_NOT_EMPTY' })
    await convertDataset({ ...request, force: true })
    expect(readFileSync(at('out/mine.txt'), 'utf8')).toBe('mine')
    await expect(
      convertDataset({ ...request, output: at('in'), force: true }),
    ).rejects.toMatchObject({ code: 'DSV_OUTPUT_IS_INPUT' })
  })

  it('says what it looked for when it knows no format', async () => {
    write('odd/notes.txt', 'nothing')
    await expect(
      convertDataset({ input: at('odd'), to: 'coco', output: at('out') }),
    ).rejects.toMatchObject({ code: 'DSV_FORMAT_UNDETECTED' })
  })
})
