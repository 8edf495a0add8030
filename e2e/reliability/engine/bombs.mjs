import { deflateRawSync, deflateSync } from 'node:zlib'
import fs from 'node:fs'
import path from 'node:path'
import { datasetSeeds } from './fuzz-seeds.mjs'
import { memoryFolder, readWhole } from './memory-folder.mjs'
import { png } from './small-dataset.mjs'

const deep = (open, close, count) => open.repeat(count) + close.repeat(count)

/** Inputs that are small and would cost a naive reader its memory, its stack or its evening. */
export function bombs(library, scratch) {
  const reading = (format, changes) => () =>
    readWhole(library, format, { ...datasetSeeds[format], ...changes })
  const xml = (text) => reading('voc', { 'Annotations/a.xml': Buffer.from(text) })
  const coco = (value) =>
    reading('coco', { 'annotations/instances_train.json': Buffer.from(value) })
  const cocoWith = (annotation) => {
    const json = JSON.parse(datasetSeeds.coco['annotations/instances_train.json'])
    json.annotations = [{ id: 1, image_id: 1, category_id: 1, bbox: [0, 0, 1, 1], ...annotation }]
    return coco(JSON.stringify(json))
  }
  const yaml = (text) => reading('yolo', { 'data.yaml': Buffer.from(text) })
  const zip = (make) => async () => {
    const file = path.join(scratch, 'bomb.zip')
    fs.writeFileSync(file, make())
    const opened = await library.zipFolder(file)
    try {
      for (const at of await opened.list()) await opened.read(at)
    } finally {
      await opened.close()
    }
  }
  const probe = (bytes) => () =>
    library.probeMedia(memoryFolder(library, { 'a.png': bytes }), 'a.png')
  const now = { seconds: 1_700_000_000, offsetMinutes: 0 }
  return {
    'XML that expands entities': xml(
      `<!DOCTYPE a [<!ENTITY b "${'x'.repeat(1000)}">${Array.from({ length: 20 }, (_, at) => `<!ENTITY c${at} "${`&${at === 0 ? 'b' : `c${at - 1}`};`.repeat(10)}">`).join('')}]><annotation><filename>&c19;</filename></annotation>`,
    ),
    'XML that reads a file': xml(
      '<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><annotation><filename>&b;</filename></annotation>',
    ),
    'XML a million deep': xml(deep('<a>', '</a>', 1_000_000)),
    'XML with a million attributes': xml(
      `<annotation ${Array.from({ length: 100_000 }, (_, at) => `a${at}="1"`).join(' ')}/>`,
    ),
    'XML with __proto__': xml(
      '<annotation><__proto__><x>1</x></__proto__><object><name>__proto__</name><bndbox><xmin>1</xmin><ymin>1</ymin><xmax>2</xmax><ymax>2</ymax></bndbox></object></annotation>',
    ),
    'JSON a million deep': coco(`{"annotations":[${deep('[', ']', 1_000_000)}]}`),
    'JSON a million deep at the top': coco(deep('[', ']', 1_000_000)),
    'JSON objects a million deep': coco(
      `{"info":${deep('{"a":', '', 1_000_000)}1${'}'.repeat(1e6)}}`,
    ),
    'JSON with __proto__': coco(
      '{"__proto__":{"x":1},"images":[{"id":1,"file_name":"__proto__","__proto__":{"y":1}}],"categories":[{"id":1,"name":"__proto__"}],"annotations":[{"id":1,"image_id":1,"category_id":1,"bbox":[0,0,1,1],"attributes":{"__proto__":{"z":1},"constructor":1}}]}',
    ),
    'a mask of 10^10 pixels': cocoWith({
      segmentation: { size: [100_000, 100_000], counts: [0, 10_000_000_000] },
    }),
    'a mask whose runs overflow': cocoWith({
      segmentation: { size: [10, 10], counts: Array.from({ length: 1000 }, () => 2 ** 53 - 1) },
    }),
    'a mask of negative runs': cocoWith({ segmentation: { size: [10, 10], counts: [-5, 105] } }),
    'a polygon of infinite numbers': cocoWith({
      segmentation: [[1e308, 1e308, -1e308, 1e308, 0, 0]],
    }),
    'a polygon of a million points': cocoWith({
      segmentation: [Array.from({ length: 2_000_000 }, (_, at) => at)],
    }),
    'an image path that leaves the folder': coco(
      '{"images":[{"id":1,"file_name":"../../../etc/passwd"}],"categories":[],"annotations":[]}',
    ),
    'YAML aliases of aliases': yaml(
      `a: &a [x,x,x,x,x,x,x,x,x]\n${Array.from({ length: 12 }, (_, at) => {
        const [to, from] = [String.fromCharCode(98 + at), String.fromCharCode(97 + at)]
        return `${to}: &${to} [${Array.from({ length: 9 }, () => `*${from}`).join(',')}]`
      }).join('\n')}\nnames: *m\n`,
    ),
    'YAML that contains itself': yaml('names: &a [*a]\n'),
    'YAML 100,000 deep': yaml(`names: ${deep('[', ']', 100_000)}\n`),
    'YAML with __proto__': yaml('__proto__: {x: 1}\nnames: {__proto__: cat, 0: dog}\n'),
    'YAML with a merge of __proto__': yaml(
      'a: &a {__proto__: {polluted: 1}}\nb: {<<: *a}\nnames: [x]\n',
    ),
    'YAML of a million categories': yaml('nc: 4000000000\n'),
    'labels with huge numbers': reading('yolo', {
      'labels/train/a.txt': Buffer.from('0 1e308 1e308 1e308 1e308\n99999999999 0.5 0.5 0.1 0.1\n'),
    }),
    'a label line of 10 MB': reading('yolo', {
      'labels/train/a.txt': Buffer.from(`0 ${'0.5 '.repeat(2_500_000)}\n`),
    }),
    'a PNG of 2^31 pixels each way': () => library.decodePng(claiming(2 ** 31 - 1, 2 ** 31 - 1)),
    'a PNG of 65,535 pixels each way': () => library.decodePng(claiming(65_535, 65_535)),
    'a PNG whose data unpack to 300 MB': () => library.decodePng(inflating()),
    'the size of a huge PNG': probe(claiming(2 ** 32 - 1, 2 ** 32 - 1)),
    'a JPEG of endless segments': probe(
      Buffer.concat([
        Buffer.from('ffd8', 'hex'),
        Buffer.alloc(3_000_000, Buffer.from('ffe00002', 'hex')),
      ]),
    ),
    'a JPEG of fill bytes': probe(
      Buffer.concat([Buffer.from('ffd8', 'hex'), Buffer.alloc(5_000_000, 255)]),
    ),
    'a TIFF whose directory is itself': probe(
      Buffer.from('49492a0000000000ffffffffffffffff', 'hex'),
    ),
    'a zip that unpacks to 5 GB': zip(zipBomb),
    'a zip whose entry lies about its size': zip(lyingZip),
    'a zip whose entries overlap': zip(overlappingZip),
    'a query of 100,000 brackets': () =>
      library.compileQuery(`${'('.repeat(1e5)}id = 1${')'.repeat(1e5)}`),
    'a query of 100,000 nots': () => library.compileQuery(`${'not '.repeat(1e5)}id = 1`),
    'a query of 100,000 ands': () => library.compileQuery(`id = 1${' and id = 1'.repeat(1e5)}`),
    'a pattern that backtracks': () => {
      const query = library.compileQuery(`id ~ "(a+)+$" or id ~ "(a|a)*b" or id ~ "(.*.*.*)*x"`)
      query.matchesItem({ subset: '', id: `${'a'.repeat(50_000)}!`, media: [], layers: {} })
    },
    'a pattern that repeats repeats': () =>
      library.compileQuery('id ~ "((((a{999}){999}){999}){999})"'),
    'a revision of 100,000 carets': () => library.parseRevision(`main${'^'.repeat(1e5)}`),
    'a revision with a huge number': () => library.parseRevision('main~99999999999999999999'),
    'a date of a million digits': () => library.parseDate('9'.repeat(1e6), now),
    'a date before the big bang': () => library.parseDate('999999999999999999 years ago', now),
    'a canonical list 100,000 deep': () => library.decodeCanonical(Buffer.alloc(100_000, 0x91)),
    'a canonical list that claims 2^32 elements': () =>
      library.decodeCanonical(Buffer.from('ddffffffff', 'hex')),
    'canonical bytes that claim 4 GB': () =>
      library.decodeCanonical(Buffer.from('c6ffffffff00', 'hex')),
    'a payload that unpacks to more than it says': () =>
      library.decompressPayload(1, deflateSync(Buffer.alloc(200_000_000)), 100),
    'a payload that unpacks to 2 GB': () =>
      library.decompressPayload(1, deflateRawSync(Buffer.alloc(100_000_000)), 2 ** 31),
  }
}

function claiming(width, height) {
  const bytes = Buffer.from(png(4, 4, 9))
  bytes.writeUInt32BE(width >>> 0, 16)
  bytes.writeUInt32BE(height >>> 0, 20)
  let crc = 0xffffffff
  for (const byte of bytes.subarray(12, 29)) {
    crc ^= byte
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1
  }
  bytes.writeUInt32BE((crc ^ 0xffffffff) >>> 0, 29)
  return bytes
}

/** The picture is small, its data go on and on. */
function inflating() {
  const small = png(4, 4, 9)
  const data = deflateSync(Buffer.alloc(300_000_000), { level: 1 })
  const head = Buffer.alloc(8)
  head.writeUInt32BE(data.length, 0)
  head.write('IDAT', 4, 'latin1')
  const body = Buffer.concat([head.subarray(4), data])
  let crc = 0xffffffff
  for (const byte of body) {
    crc ^= byte
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1
  }
  const sum = Buffer.alloc(4)
  sum.writeUInt32BE((crc ^ 0xffffffff) >>> 0)
  return Buffer.concat([small.subarray(0, 33), head.subarray(0, 4), body, sum, small.subarray(-12)])
}

function zipEntry(name, { packed, claimed, offset, crc = 0 }) {
  const local = Buffer.alloc(30)
  local.writeUInt32LE(0x04034b50, 0)
  local.writeUInt16LE(20, 4)
  local.writeUInt16LE(8, 8)
  local.writeUInt32LE(crc, 14)
  local.writeUInt32LE(packed.length, 18)
  local.writeUInt32LE(claimed, 22)
  local.writeUInt16LE(name.length, 26)
  const central = Buffer.alloc(46)
  central.writeUInt32LE(0x02014b50, 0)
  central.writeUInt16LE(20, 6)
  central.writeUInt16LE(8, 10)
  central.writeUInt32LE(crc, 16)
  central.writeUInt32LE(packed.length, 20)
  central.writeUInt32LE(claimed, 24)
  central.writeUInt16LE(name.length, 28)
  central.writeUInt32LE(offset, 42)
  return {
    local: Buffer.concat([local, Buffer.from(name), packed]),
    central: Buffer.concat([central, Buffer.from(name)]),
  }
}

function zipFile(locals, centrals) {
  const body = Buffer.concat(locals)
  const directory = Buffer.concat(centrals)
  const end = Buffer.alloc(22)
  end.writeUInt32LE(0x06054b50, 0)
  end.writeUInt16LE(centrals.length, 8)
  end.writeUInt16LE(centrals.length, 10)
  end.writeUInt32LE(directory.length, 12)
  end.writeUInt32LE(body.length, 16)
  return Buffer.concat([body, directory, end])
}

function zipBomb() {
  const packed = deflateRawSync(Buffer.alloc(50_000_000), { level: 9 })
  const locals = []
  const centrals = []
  let offset = 0
  for (let at = 0; at < 100; at += 1) {
    const entry = zipEntry(`${at}.bin`, { packed, claimed: 50_000_000, offset })
    locals.push(entry.local)
    centrals.push(entry.central)
    offset += entry.local.length
  }
  return zipFile(locals, centrals)
}

function lyingZip() {
  const packed = deflateRawSync(Buffer.alloc(200_000_000), { level: 1 })
  const entry = zipEntry('a.bin', { packed, claimed: 10, offset: 0 })
  return zipFile([entry.local], [entry.central])
}

function overlappingZip() {
  const packed = deflateRawSync(Buffer.alloc(10_000_000), { level: 9 })
  const entries = Array.from({ length: 200 }, (_, at) =>
    zipEntry(`${String(at).padStart(3, '0')}.bin`, { packed, claimed: 10_000_000, offset: 0 }),
  )
  return zipFile(
    [entries[0].local],
    entries.map(({ central }) => central),
  )
}
