import fs from 'node:fs'
import path from 'node:path'
import { deflateSync } from 'node:zlib'

/** Returns a PNG of one colour. */
export function png(width, height, shade) {
  const rows = Buffer.alloc(height * (width * 3 + 1), shade)
  for (let row = 0; row < height; row += 1) rows[row * (width * 3 + 1)] = 0
  const head = Buffer.alloc(13)
  head.writeUInt32BE(width, 0)
  head.writeUInt32BE(height, 4)
  head.set([8, 2, 0, 0, 0], 8)
  const chunks = [chunk('IHDR', head), chunk('IDAT', deflateSync(rows)), chunk('IEND')]
  return Buffer.concat([Buffer.from('89504e470d0a1a0a', 'hex'), ...chunks])
}

function chunk(name, data = Buffer.alloc(0)) {
  const body = Buffer.concat([Buffer.from(name, 'latin1'), data])
  const length = Buffer.alloc(4)
  length.writeUInt32BE(data.length)
  const sum = Buffer.alloc(4)
  sum.writeUInt32BE(crc32(body))
  return Buffer.concat([length, body, sum])
}

function crc32(bytes) {
  let crc = 0xffffffff
  for (const byte of bytes) {
    crc ^= byte
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1
  }
  return (crc ^ 0xffffffff) >>> 0
}

/** Writes files, by path relative to `folder`; undefined deletes. */
export function writeFiles(folder, files) {
  for (const [at, content] of Object.entries(files)) {
    const file = path.join(folder, at)
    if (content === undefined) {
      fs.rmSync(file)
    } else {
      fs.mkdirSync(path.dirname(file), { recursive: true })
      fs.writeFileSync(file, content)
    }
  }
}

/** Returns a VOC annotation with one box for each `[name, x, y, x2, y2]`. */
export function vocXml(id, boxes) {
  const objects = boxes.map(
    ([name, x, y, x2, y2]) =>
      `<object><name>${name}</name><bndbox><xmin>${x}</xmin><ymin>${y}</ymin>` +
      `<xmax>${x2}</xmax><ymax>${y2}</ymax></bndbox></object>`,
  )
  const size = '<size><width>32</width><height>24</height><depth>3</depth></size>'
  return `<annotation><filename>${id}.png</filename>${size}${objects.join('')}</annotation>\n`
}

/** Files of a small VOC dataset in `data/` and of plain files beside it, one of them large. */
export function smallProject() {
  const files = {
    'README.md': 'A small project.\n',
    'notes/deep/er.txt': 'deep\n',
    'large.bin': Buffer.alloc(50_000, 'large '),
    'data/unclaimed.txt': 'nobody reads this\n',
    'data/ImageSets/Main/train.txt': 'a\nb\nc\n',
    'data/ImageSets/Main/val.txt': 'd\n',
  }
  for (const [at, id] of ['a', 'b', 'c', 'd'].entries()) {
    files[`data/JPEGImages/${id}.png`] = png(32, 24, 40 * at)
    files[`data/Annotations/${id}.xml`] = vocXml(id, [
      ['cat', 1, 2, 10, 12],
      ['dog', 5, 5, 20, 20],
    ])
  }
  return files
}
