import type { Json } from '@dsv/core'
import * as fc from 'fast-check'

type JsonRecord = { [key: string]: Json }

/** A COCO file as a person or a tool might write it. */
export interface CocoJson {
  readonly info: JsonRecord
  readonly images: JsonRecord[]
  readonly annotations: JsonRecord[]
  readonly categories: JsonRecord[]
  /** 0: on one line, 1: as Python writes it, 2: indented. */
  style: number
}

/** A folder of COCO files and images. */
export interface CocoFolder {
  readonly files: Map<string, CocoJson>
  /** Results, by path. */
  readonly results: Map<string, JsonRecord[]>
  /** Widths of images, by path. */
  readonly images: Map<string, number>
}

const FILES = [
  'annotations/instances_train.json',
  'annotations/person_keypoints_train.json',
  'annotations/captions_train.json',
  'annotations/instances_val.json',
]
const NAMES = ['a.png', 'b.png', 'sub/c.png', 'd.jpg', 'é.png', 'e\u0301.png']
const PREFIXES = ['images/train/', 'images/val/', 'train/', '']
const IMAGE_PATHS = PREFIXES.flatMap((prefix) => NAMES.map((name) => prefix + name))
const RESULTS = 'results/yolo.json'

/** Makes choices from numbers; always the same ones. */
export type Choose = (count: number) => number

/** Numbers that choices are made from. */
export const choices: fc.Arbitrary<readonly number[]> = fc.array(fc.nat(9999), {
  minLength: 60,
  maxLength: 60,
})

/** Returns a function that takes its choices from the list, in turn. */
export function chooser(numbers: readonly number[]): Choose {
  let next = 0
  return (count) => {
    const number = numbers[next % numbers.length] ?? 0
    next += 1
    return count === 0 ? 0 : (number + next) % count
  }
}

/** Makes up a folder. */
export function madeUp(choose: Choose): CocoFolder {
  const folder: CocoFolder = { files: new Map(), results: new Map(), images: new Map() }
  const first = choose(4) === 0 ? 3 : 0
  for (const path of FILES.filter((_, at) => at === first || choose(3) === 0))
    folder.files.set(path, madeUpFile(path, choose))
  if (choose(3) === 0) folder.results.set(RESULTS, [madeUpResult(choose), madeUpResult(choose)])
  for (let count = choose(5); count > 0; count -= 1)
    folder.images.set(pick(IMAGE_PATHS, choose), 1 + choose(3))
  return folder
}

function madeUpFile(path: string, choose: Choose): CocoJson {
  const categories = ['cat', 'dog', 'cat'].slice(0, 2 + choose(2))
  const ids = [1, 2, 3, 4].slice(0, 1 + choose(4))
  const file: CocoJson = {
    info: { year: 2017 },
    images: ids.map((id) =>
      imageRecord(choose(4) === 0 ? 9 - id : id, NAMES[id - 1] ?? '', choose),
    ),
    annotations: [],
    categories: categories.map((name, at) => ({ id: at * 2 + 1, name })),
    style: choose(3),
  }
  for (let id = 1; id <= 1 + choose(6); id += 1)
    file.annotations.push(annotationRecord(path, choose(5) === 0 ? 20 - id : id, file, choose))
  if (choose(3) > 0) file.annotations.sort((a, b) => Number(a['image_id']) - Number(b['image_id']))
  return file
}

function imageRecord(id: number, name: string, choose: Choose): JsonRecord {
  return {
    id,
    file_name: name,
    ...(choose(4) > 0 ? { width: 40, height: 30 } : {}),
    ...(choose(3) === 0 ? { license: choose(2) } : {}),
  }
}

function annotationRecord(path: string, id: number, file: CocoJson, choose: Choose): JsonRecord {
  const common: JsonRecord = {
    ...(choose(12) === 0 ? {} : { id }),
    image_id: pick(file.images, choose)?.['id'] ?? 0,
  }
  if (path.includes('captions')) return { ...common, caption: pick(['one', 'two'], choose) }
  const category_id = pick(file.categories, choose)?.['id'] ?? 0
  const bbox = [choose(5), choose(5), 4, 4]
  if (path.includes('keypoints'))
    return { ...common, category_id, bbox, keypoints: [1, 2, 2], num_keypoints: 1 }
  const ring = [0, 0, 4, 0, choose(5), 4.5]
  return { ...common, category_id, bbox, ...(choose(2) === 0 ? { segmentation: [ring] } : {}) }
}

function madeUpResult(choose: Choose): JsonRecord {
  return { image_id: 1 + choose(5), category_id: 1, bbox: [0, 0, 2, 2], score: choose(4) / 4 }
}

function pick<Value>(list: readonly Value[], choose: Choose): Value
function pick<Value>(list: readonly Value[], choose: Choose): Value | undefined {
  return list[choose(list.length)]
}

/** Returns the folder after a few edits of any kind. */
export function edited(before: CocoFolder, choose: Choose): CocoFolder {
  const folder = structuredClone(before)
  for (let count = 1 + choose(3); count > 0; count -= 1) {
    const path = pick([...folder.files.keys()], choose)
    const file = folder.files.get(path)
    if (file === undefined || choose(4) === 0) pick(FOLDER_EDITS, choose)(folder, choose)
    else pick(FILE_EDITS, choose)(file, choose, path)
  }
  return folder
}

type FileEdit = (file: CocoJson, choose: Choose, path: string) => void

const FILE_EDITS: readonly FileEdit[] = [
  ({ annotations }, choose) => {
    const found = pick(annotations, choose)
    if (found !== undefined) found['bbox'] = [choose(9), 1, 4, 4]
  },
  ({ annotations }, choose) => void annotations.splice(choose(annotations.length), 1),
  (file, choose, path) =>
    void file.annotations.splice(
      choose(file.annotations.length + 1),
      0,
      annotationRecord(path, 30 + choose(3), file, choose),
    ),
  ({ annotations, images }, choose) => {
    const found = pick(annotations, choose)
    const image = pick(images, choose)
    if (found !== undefined && image !== undefined) found['image_id'] = image['id'] ?? 0
  },
  ({ annotations }, choose) => {
    const found = pick(annotations, choose)
    if (found !== undefined) found['id'] = 40 + choose(3)
  },
  ({ annotations }, choose) => void annotations.push(...annotations.splice(0, choose(3))),
  ({ images }, choose) => void images.push(...images.splice(0, choose(3))),
  ({ images }, choose) =>
    void images.push(imageRecord(10 + choose(2), pick(NAMES, choose), choose)),
  (file, choose) => {
    const [gone] = file.images.splice(choose(file.images.length), 1)
    const left = file.annotations.filter((each) => each['image_id'] !== gone?.['id'])
    file.annotations.splice(0, file.annotations.length, ...left)
  },
  ({ images }, choose) => {
    const found = pick(images, choose)
    if (found !== undefined) found['file_name'] = pick(NAMES, choose)
  },
  ({ images }, choose) => {
    const found = pick(images, choose)
    if (found !== undefined) found['license'] = 5 + choose(2)
  },
  (file, choose) => {
    file.style = choose(3)
  },
  ({ categories }, choose) => {
    const found = pick(categories, choose)
    if (found !== undefined && choose(3) === 0) found['name'] = pick(['cat', 'bird'], choose)
  },
  ({ info }, choose) => {
    if (choose(3) === 0) info['year'] = 2018
  },
]

const FOLDER_EDITS: readonly ((folder: CocoFolder, choose: Choose) => void)[] = [
  ({ images }, choose) => void images.set(pick(IMAGE_PATHS, choose), 5 + choose(3)),
  ({ images }, choose) => void images.delete(pick([...images.keys()], choose)),
  ({ results }, choose) => void results.get(RESULTS)?.push(madeUpResult(choose)),
  ({ results }) => void results.get(RESULTS)?.shift(),
  ({ results }, choose) => {
    if (choose(2) === 0) results.delete(RESULTS)
  },
  ({ files }, choose) => {
    const path = pick(FILES, choose)
    if (files.has(path) && files.size > 1) files.delete(path)
    else files.set(path, madeUpFile(path, choose))
  },
]

/** Returns the bytes of the files, by path. */
export function bytesOf({ files, results, images }: CocoFolder): Map<string, Buffer> {
  const found = new Map<string, Buffer>()
  for (const [path, { style, ...content }] of files)
    found.set(path, Buffer.from(textIn(style, content)))
  for (const [path, list] of results) found.set(path, Buffer.from(JSON.stringify(list)))
  for (const [path, width] of images) found.set(path, pngHead(width))
  return found
}

function textIn(style: number, content: unknown): string {
  if (style === 2) return `${JSON.stringify(content, null, 2)}\n`
  const text = JSON.stringify(content)
  return style === 0 ? text : text.replaceAll(',"', ', "').replaceAll('":', '": ')
}

/** The beginning of a picture, which is all that is looked at. */
function pngHead(width: number): Buffer {
  const bytes = Buffer.alloc(33)
  bytes.write('\x89PNG\r\n\x1a\n\0\0\0\rIHDR', 'latin1')
  bytes.writeUInt32BE(width, 16)
  bytes.writeUInt32BE(1, 20)
  bytes.set([8, 2], 24)
  return bytes
}
