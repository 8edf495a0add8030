import { deflateSync, crc32 } from 'node:zlib'

/** The formats that datasets come in here. */
export type SampleFormat = 'coco' | 'voc' | 'yolo' | 'image-folder'

export const SAMPLE_FORMATS: readonly SampleFormat[] = ['coco', 'voc', 'yolo', 'image-folder']

/** Returns a grey PNG of 40 × 30 pixels; `shade` tells images apart. */
export function samplePng(shade: number): Buffer {
  const row = Buffer.alloc(41, shade)
  row[0] = 0
  const header = Buffer.from([0, 0, 0, 40, 0, 0, 0, 30, 8, 0, 0, 0, 0])
  const pixels = deflateSync(Buffer.concat(Array.from({ length: 30 }, () => row)))
  return Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    chunk('IHDR', header),
    chunk('IDAT', pixels),
    chunk('IEND', Buffer.alloc(0)),
  ])
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data])
  const length = Buffer.alloc(4)
  length.writeUInt32BE(data.length)
  const sum = Buffer.alloc(4)
  sum.writeUInt32BE(crc32(body))
  return Buffer.concat([length, body, sum])
}

/** Returns the files of a small dataset with unusual names, by path in the dataset. */
export function sampleDataset(format: SampleFormat): Record<string, string | Buffer> {
  switch (format) {
    case 'coco':
      return {
        'annotations/instances_train.json': cocoJson(),
        'images/train/a b.png': samplePng(10),
        'images/train/größe.png': samplePng(20),
      }
    case 'voc':
      return {
        'Annotations/a b.xml': vocXml('a b', 'cat'),
        'Annotations/größe.xml': vocXml('größe', 'dog').replaceAll('\n', '\r\n'),
        'ImageSets/Main/train.txt': 'a b\r\ngröße\r\n',
        'JPEGImages/a b.png': samplePng(10),
        'JPEGImages/größe.png': samplePng(20),
      }
    case 'yolo':
      return {
        'data.yaml': 'path: .\r\ntrain: images/train\r\nnames:\r\n  0: cat\r\n  1: dog\r\n',
        'images/train/a b.png': samplePng(10),
        'images/train/größe.png': samplePng(20),
        'labels/train/a b.txt': '0 0.25 0.25 0.25 0.2\r\n',
        'labels/train/größe.txt': '1 .5 0.50 0.125 0.1',
      }
    case 'image-folder':
      return {
        'train/cat/a b.png': samplePng(10),
        'train/dog/größe.png': samplePng(20),
        'train/dog/z.png': samplePng(30),
      }
  }
}

function cocoJson(): string {
  const image = (id: number, file: string): object => ({
    id,
    file_name: file,
    width: 40,
    height: 30,
  })
  const box = (id: number, imageId: number, categoryId: number): object => ({
    id,
    image_id: imageId,
    category_id: categoryId,
    bbox: [5, 4, 10.5, 6],
    area: 63,
    iscrowd: 0,
  })
  return `${JSON.stringify(
    {
      info: { description: 'two images' },
      images: [image(7, 'a b.png'), image(3, 'größe.png')],
      categories: [
        { id: 18, name: 'cat' },
        { id: 2, name: 'dog' },
      ],
      annotations: [box(100, 7, 18), box(50, 3, 2)],
    },
    undefined,
    3,
  )}\r\n`
}

function vocXml(name: string, label: string): string {
  return `<annotation>
  <folder>VOC</folder>
  <filename>${name}.png</filename>
  <size><width>40</width><height>30</height><depth>1</depth></size>
  <object>
    <name>${label}</name>
    <bndbox><xmin>6</xmin><ymin>5</ymin><xmax>15</xmax><ymax>10</ymax></bndbox>
  </object>
</annotation>
`
}
