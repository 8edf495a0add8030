// What is measured: folders made from a seed. `scale` 1 is the size that docs/performance.md names.
import { closeSync, mkdirSync, openSync, readSync, writeSync } from 'node:fs'
import path from 'node:path'
import { writeCoco } from './coco-json.mjs'
import { jpegLike } from './jpeg-like.mjs'
import { seededBytes, seededNumbers } from './seeded.mjs'
import { vocXml } from './voc-xml.mjs'
import { fileWriter } from './write-files.mjs'

const count = (full, scale) => Math.max(1, Math.round(full * scale))
/** The name of the n-th VOC image. */
const vocName = (n) => `2012_${number(n)}`

const number = (n) => String(n).padStart(6, '0')

/** Plain files: `names(scale)` lists them, `bytes` makes the content of the n-th after `edit` edits. */
function manyFiles({ title, full, short, sizeBytes, perFolder }) {
  const nameOf = (n) => `d${String(Math.floor(n / perFolder)).padStart(3, '0')}/f${number(n)}.bin`
  return {
    title,
    kind: 'files',
    short,
    names: (scale) => Array.from({ length: count(full, scale) }, (_, n) => nameOf(n)),
    generate(folder, scale) {
      const write = fileWriter(folder)
      const bytes = seededBytes(title)
      const total = count(full, scale)
      for (let n = 0; n < total; n++) write(nameOf(n), bytes(sizeBytes))
    },
    edit(folder, name, edit) {
      fileWriter(folder)(name, seededBytes(`${title} ${name} ${edit}`)(sizeBytes))
    },
  }
}

/** VOC: `JPEGImages` (unless `mediaBytes` is 0), `Annotations`, `ImageSets/Main/train.txt`. */
function voc({ title, full, short, mediaBytes, kind = 'dataset' }) {
  const xmlOf = (n, edit) =>
    vocXml(seededNumbers(`${title} ${n}`), { name: vocName(n), width: 500, height: 375, edit })
  return {
    title,
    kind,
    short,
    format: 'voc',
    names: (scale) =>
      Array.from({ length: count(full, scale) }, (_, n) => `Annotations/${vocName(n)}.xml`),
    generate(folder, scale) {
      const write = fileWriter(folder)
      const bytes = seededBytes(title)
      const total = count(full, scale)
      const list = []
      for (let n = 0; n < total; n++) {
        if (mediaBytes > 0)
          write(`JPEGImages/${vocName(n)}.jpg`, jpegLike(bytes, mediaBytes, 500, 375))
        write(`Annotations/${vocName(n)}.xml`, xmlOf(n, 0))
        list.push(`${vocName(n)}\n`)
      }
      write('ImageSets/Main/train.txt', list.join(''))
    },
    edit(folder, name, edit) {
      fileWriter(folder)(name, xmlOf(Number(/_(\d+)\.xml$/u.exec(name)[1]), edit))
    },
  }
}

/** COCO metadata without pixels; an edit moves one polygon or box by a pixel. */
function coco({ title, full, annotations, points, short }) {
  const generate = (folder, scale, edited) =>
    writeCoco(folder, {
      images: count(full, scale),
      annotations: count(annotations, scale),
      points,
      seed: title,
      edited,
    })
  return {
    title,
    kind: 'annotations',
    short,
    format: 'coco',
    hasPolygons: points > 0,
    images: (scale) => count(full, scale),
    annotations: (scale) => count(annotations, scale),
    generate: (folder, scale) => generate(folder, scale),
    /** Writes the file again with the annotations of these numbers moved. */
    editMany: (folder, scale, edited) => generate(folder, scale, edited),
  }
}

const BIG_PIECE = 1 << 20

const oneBigFile = {
  title: '1 × 10 GB',
  kind: 'large-file',
  short: 0.01,
  name: 'video.bin',
  generate(folder, scale) {
    mkdirSync(folder, { recursive: true })
    const descriptor = openSync(path.join(folder, 'video.bin'), 'w')
    const bytes = seededBytes('one big file')
    const pieces = count(10 * 1024, scale)
    for (let n = 0; n < pieces; n++) writeSync(descriptor, bytes(BIG_PIECE))
    closeSync(descriptor)
  },
  /** Changes one byte in the middle. */
  edit(folder) {
    const descriptor = openSync(path.join(folder, 'video.bin'), 'r+')
    const byte = Buffer.alloc(1)
    const at = 512 * 1024 + 12_345
    readSync(descriptor, byte, 0, 1, at)
    byte[0] ^= 0xff
    writeSync(descriptor, byte, 0, 1, at)
    closeSync(descriptor)
  },
}

/** The shapes by name; `short` is the scale of the short mode. */
export const SHAPES = {
  S100k: manyFiles({
    title: '100,000 × 10 KB',
    full: 100_000,
    short: 0.02,
    sizeBytes: 10_240,
    perFolder: 1000,
  }),
  M70k: manyFiles({
    title: '70,000 × 275 B',
    full: 70_000,
    short: 0.02,
    sizeBytes: 275,
    perFolder: 7000,
  }),
  X100k: voc({ title: '100,000 VOC XML × 1.5 KB', full: 100_000, short: 0.02, mediaBytes: 0 }),
  J10k: voc({
    title: '10,000 × (100 KB image + VOC XML)',
    full: 10_000,
    short: 0.02,
    mediaBytes: 102_400,
  }),
  H50: voc({
    title: '50 commits of 1 % of 20,000 VOC XML',
    full: 20_000,
    short: 0.02,
    mediaBytes: 0,
    kind: 'history',
  }),
  B1: oneBigFile,
  K1: coco({
    title: 'COCO train2017: 118,287 images, 860,001 polygons',
    full: 118_287,
    annotations: 860_001,
    points: 30,
    short: 0.005,
  }),
  K6k: coco({
    title: 'a twentieth of K1: 5,914 images, 43,000 polygons',
    full: 5914,
    annotations: 43_000,
    points: 30,
    short: 0.1,
  }),
  E5k: {
    ...coco({
      title: '5,000 images, 35,000 boxes, 100,000 detections',
      full: 5000,
      annotations: 35_000,
      points: 0,
      short: 0.02,
    }),
    kind: 'evaluation',
  },
  I1M: coco({
    title: 'COCO with 1,000,000 images, one box each',
    full: 1_000_000,
    annotations: 1_000_000,
    points: 0,
    short: 0.005,
  }),
}

/**
 * The shapes that are shared with others, by name. `farScale` is the scale with a remote that counts requests, where
 * 100,000 files take DVC half an hour.
 */
export const SHARED_SHAPES = {
  S100k: { ...SHAPES.S100k, farScale: 0.2 },
  J10k: SHAPES.J10k,
  R2k: manyFiles({
    title: '2,000 × 100 KB',
    full: 2000,
    short: 0.1,
    sizeBytes: 102_400,
    perFolder: 500,
  }),
}
