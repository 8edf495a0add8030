import { crc32, deflateSync } from 'node:zlib'
import type { Workspace } from './open-workspace.ts'

/** The formats that these tests write by hand. */
export type StreetFormat = 'coco' | 'voc' | 'yolo' | 'image-folder'

/** A box `[x, y, width, height]` in pixels; `id` is its id in COCO and its place in the other formats. */
export interface StreetBox {
  readonly id: number
  readonly label: string
  readonly box: readonly [number, number, number, number]
}

/** A picture of 64 × 64 pixels. */
export interface StreetImage {
  readonly id: number
  readonly name: string
  readonly subset: string
  /** The grey value of all its pixels. */
  readonly grey: number
  readonly boxes: readonly StreetBox[]
}

/** A dataset as a user sees it; what the files say is made from it. */
export interface Street {
  /** Category → id in COCO. The order is the index in YOLO. */
  readonly labels: ReadonlyMap<string, number>
  readonly images: readonly StreetImage[]
}

const SIZE = 64

/** Three pictures in two subsets, with cars and a dog. */
export const STREET: Street = {
  labels: new Map([
    ['car', 1],
    ['dog', 2],
    ['van', 3],
  ]),
  images: [
    {
      id: 1,
      name: 'crossing',
      subset: 'train',
      grey: 10,
      boxes: [
        { id: 1, label: 'car', box: [2, 4, 8, 8] },
        { id: 2, label: 'dog', box: [32, 8, 16, 8] },
        { id: 3, label: 'car', box: [4, 40, 8, 16] },
      ],
    },
    {
      id: 2,
      name: 'market',
      subset: 'train',
      grey: 20,
      boxes: [{ id: 4, label: 'van', box: [8, 8, 16, 16] }],
    },
    {
      id: 3,
      name: 'harbour',
      subset: 'val',
      grey: 30,
      boxes: [{ id: 5, label: 'dog', box: [16, 16, 32, 32] }],
    },
  ],
}

/** Returns the dataset with one picture changed; undefined removes it. */
export function withImage(
  street: Street,
  name: string,
  change: (image: StreetImage) => StreetImage | undefined,
): Street {
  const images = street.images.flatMap((image) =>
    image.name === name ? (change(image) ?? []) : image,
  )
  return { ...street, images }
}

/** Returns the dataset with one more picture. */
export function plusImage(street: Street, image: StreetImage): Street {
  return { ...street, images: [...street.images, image] }
}

/** Returns the dataset with one box changed; undefined removes it. */
export function withBox(
  street: Street,
  id: number,
  change: (box: StreetBox) => StreetBox | undefined,
): Street {
  const images = street.images.map((image) => ({
    ...image,
    boxes: image.boxes.flatMap((box) => (box.id === id ? (change(box) ?? []) : box)),
  }))
  return { ...street, images }
}

/** Returns the dataset with one box moved. */
export function movedBox(street: Street, id: number, box: StreetBox['box']): Street {
  return withBox(street, id, (old) => ({ ...old, box }))
}

/** Returns the dataset with one more box in a picture. */
export function plusBox(street: Street, name: string, box: StreetBox): Street {
  return withImage(street, name, (image) => ({ ...image, boxes: [...image.boxes, box] }))
}

/** Returns the dataset with a category renamed; its place and id stay. */
export function renamedLabel(street: Street, from: string, to: string): Street {
  const rename = (label: string): string => (label === from ? to : label)
  return {
    labels: new Map([...street.labels].map(([label, id]) => [rename(label), id])),
    images: street.images.map((image) => ({
      ...image,
      boxes: image.boxes.map((box) => ({ ...box, label: rename(box.label) })),
    })),
  }
}

/** Returns the dataset with one more category at the end. */
export function plusLabel(street: Street, label: string, id: number): Street {
  return { ...street, labels: new Map([...street.labels, [label, id]]) }
}

/** Returns the dataset without a category; boxes that had it go too. */
export function minusLabel(street: Street, label: string): Street {
  return {
    labels: new Map([...street.labels].filter(([each]) => each !== label)),
    images: street.images.map((image) => ({
      ...image,
      boxes: image.boxes.filter((box) => box.label !== label),
    })),
  }
}

/** Returns the files that say what `street` says, by path below the dataset. */
export function streetFiles(
  format: StreetFormat,
  street: Street,
): ReadonlyMap<string, string | Uint8Array> {
  switch (format) {
    case 'coco':
      return cocoFiles(street)
    case 'voc':
      return vocFiles(street)
    case 'yolo':
      return yoloFiles(street)
    case 'image-folder':
      return folderFiles(street)
  }
}

/** Makes the folder of a dataset say what `street` says; files that say the same stay untouched. */
export async function putStreet(
  workspace: Pick<Workspace, 'put' | 'files'>,
  root: string,
  format: StreetFormat,
  street: Street,
): Promise<void> {
  const files = new Map(
    [...streetFiles(format, street)].map(([file, content]) => [`${root}/${file}`, content]),
  )
  const there = await workspace.files()
  for (const file of Object.keys(there))
    if (file.startsWith(`${root}/`) && !files.has(file) && !file.endsWith('.md'))
      await workspace.put(file, undefined)
  for (const [file, content] of files)
    if (there[file] !== Buffer.from(content).toString('base64')) await workspace.put(file, content)
}

function cocoFiles({ labels, images }: Street): Map<string, string | Uint8Array> {
  const files = new Map<string, string | Uint8Array>()
  for (const subset of subsetsOf(images)) {
    const ours = images.filter((image) => image.subset === subset)
    const document = {
      info: { description: 'street' },
      images: ours.map(({ id, name }) => ({
        id,
        file_name: `${name}.png`,
        width: SIZE,
        height: SIZE,
      })),
      annotations: ours.flatMap((image) =>
        image.boxes.map(({ id, label, box }) => ({
          id,
          image_id: image.id,
          category_id: labels.get(label),
          bbox: box,
          area: box[2] * box[3],
          iscrowd: 0,
        })),
      ),
      categories: [...labels].map(([name, id]) => ({ id, name, supercategory: 'thing' })),
    }
    files.set(`annotations/instances_${subset}.json`, `${JSON.stringify(document, undefined, 1)}\n`)
    for (const { name, grey } of ours) files.set(`images/${subset}/${name}.png`, greyPng(grey))
  }
  return files
}

function vocFiles({ images }: Street): Map<string, string | Uint8Array> {
  const files = new Map<string, string | Uint8Array>()
  for (const { name, grey, boxes } of images) {
    const objects = boxes.map(({ label, box: [x, y, width, height] }) =>
      [
        '\t<object>',
        `\t\t<name>${label}</name>`,
        '\t\t<bndbox>',
        `\t\t\t<xmin>${x}</xmin>`,
        `\t\t\t<ymin>${y}</ymin>`,
        `\t\t\t<xmax>${x + width}</xmax>`,
        `\t\t\t<ymax>${y + height}</ymax>`,
        '\t\t</bndbox>',
        '\t</object>\n',
      ].join('\n'),
    )
    const size = `<width>${SIZE}</width>\n\t\t<height>${SIZE}</height>\n\t\t<depth>1</depth>`
    files.set(
      `Annotations/${name}.xml`,
      `<annotation>\n\t<filename>${name}.png</filename>\n\t<size>\n\t\t${size}\n\t</size>\n${objects.join('')}</annotation>\n`,
    )
    files.set(`JPEGImages/${name}.png`, greyPng(grey))
  }
  for (const subset of subsetsOf(images)) {
    const names = images.filter((image) => image.subset === subset).map(({ name }) => `${name}\n`)
    files.set(`ImageSets/Main/${subset}.txt`, names.join(''))
  }
  return files
}

function yoloFiles({ labels, images }: Street): Map<string, string | Uint8Array> {
  const names = [...labels.keys()]
  const subsets = subsetsOf(images)
  const config = [
    'path: .',
    ...subsets.map((subset) => `${subset}: images/${subset}`),
    'names:',
    ...names.map((name, index) => `  ${index}: ${name}`),
  ]
  const files = new Map<string, string | Uint8Array>([['data.yaml', `${config.join('\n')}\n`]])
  for (const { name, subset, grey, boxes } of images) {
    const lines = boxes.map(({ label, box: [x, y, width, height] }) => {
      const centre = [x + width / 2, y + height / 2, width, height].map((each) => each / SIZE)
      return `${names.indexOf(label)} ${centre.join(' ')}\n`
    })
    files.set(`images/${subset}/${name}.png`, greyPng(grey))
    files.set(`labels/${subset}/${name}.txt`, lines.join(''))
  }
  return files
}

/** The class of a picture is the label of its first box. */
function folderFiles({ images }: Street): Map<string, string | Uint8Array> {
  return new Map(
    images.map(({ name, subset, grey, boxes }) => [
      `${subset}/${boxes[0]?.label ?? 'none'}/${name}.png`,
      greyPng(grey),
    ]),
  )
}

function subsetsOf(images: readonly StreetImage[]): readonly string[] {
  return [...new Set(images.map(({ subset }) => subset))].toSorted()
}

/** Returns a PNG of 64 × 64 pixels of one grey. */
export function greyPng(grey: number): Uint8Array {
  const header = Buffer.alloc(13)
  header.writeUInt32BE(SIZE, 0)
  header.writeUInt32BE(SIZE, 4)
  header[8] = 8
  const rows = Buffer.alloc(SIZE * (SIZE + 1), grey)
  for (let row = 0; row < SIZE; row += 1) rows[row * (SIZE + 1)] = 0
  return Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(rows)),
    chunk('IEND', new Uint8Array()),
  ])
}

function chunk(type: string, body: Uint8Array): Uint8Array {
  const bytes = Buffer.alloc(body.length + 12)
  bytes.writeUInt32BE(body.length, 0)
  bytes.write(type, 4, 'latin1')
  bytes.set(body, 8)
  bytes.writeUInt32BE(crc32(bytes.subarray(4, body.length + 8)), body.length + 8)
  return bytes
}
