// Writes or reads generated items in one format, in a process of its own, and prints what it took.
//
// node measure-format.mjs write|read <format> <folder> <items>
import { linkSync, mkdtempSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { diskFolder, diskWriter, loadAdapter, probeMedia } from '@dsv/formats'
import { loadTestModules } from '../../scripts/load-test-modules.mjs'

const root = fileURLToPath(new URL('../..', import.meta.url))
const { mediaBytes, sampleAnnotation } = await loadTestModules(
  root,
  'packages/formats/test',
  "export { mediaBytes } from './format-matrix.ts'\nexport { sampleAnnotation } from './sample-annotations.ts'\n",
)

const [operation, name, folder, count] = process.argv.slice(2)
const adapter = await loadAdapter(name)
const type = typeOf(adapter.format)
const categories = Array.from({ length: 10 }, (_, at) => ({ key: `c${at}`, name: `c${at}` }))
const losses = new Set()
const context = { signal: new AbortController().signal, onLoss: ({ what }) => losses.add(what) }

/** What is written: boxes where the format holds them. */
function typeOf({ holds }) {
  const usual = ['box', 'mask', 'polygon', 'label', 'quad', 'points', 'text', 'tabular']
  return usual.find((each) => holds.has(each)) ?? [...holds][0]
}

/** Nobody asks for its bytes by this id. */
const BLOB = '00'.repeat(32)

/** The samples lie in an image of the usual size; some formats know one size only. */
const SIZES = {
  usual: { width: 40, height: 30, channels: 3 },
  cifar: { width: 32, height: 32, channels: 3 },
  mnist: { width: 28, height: 28, channels: 3 },
  'mnist-csv': { width: 28, height: 28, channels: 3 },
}

async function write(total) {
  const view = {
    schema: { categories, attributes: [], info: {} },
    layout: null,
    subsets: ['train'],
    items: () => items(total),
    item: async ({ subset, id }) => (subset === 'train' ? itemAt(Number(id)) : undefined),
  }
  await adapter.write(view, diskWriter(folder, { placeMedia: placer() }), {
    ...context,
    variant: undefined,
    layer: 'ground_truth',
    readMedia: async (media) => mediaBytes(media),
  })
  return { items: total }
}

async function* items(total) {
  for (let at = 0; at < total; at++) yield itemAt(at)
}

function itemAt(at) {
  const id = String(at).padStart(7, '0')
  const medium = {
    role: 'primary',
    path: `${id}.png`,
    kind: 'image',
    blob: BLOB,
    ...(SIZES[name] ?? SIZES.usual),
  }
  const perItem = type === undefined ? 0 : type === 'box' || type === 'polygon' ? 3 : 1
  const annotations = Array.from({ length: perItem }, (_, n) => ({
    ...sampleAnnotation(type),
    ...(type !== 'tabular' && type !== 'caption' && { category: `c${(at + n) % 10}` }),
    ...(type === 'box' && { x: (at % 16) + n }),
    uid: `u${n}`,
  }))
  return { subset: 'train', id, media: [medium], layers: { ground_truth: annotations } }
}

/** Pixels are the same everywhere: a hard link, of which a file may have 65,000. */
function placer() {
  const pool = mkdtempSync(path.join(path.dirname(folder), 'pool-'))
  let links = 0
  let file = ''
  return async (target, media) => {
    if (links++ % 50_000 === 0) {
      file = path.join(pool, String(links))
      writeFileSync(file, mediaBytes(media))
    }
    linkSync(file, target)
  }
}

async function read() {
  const from = diskFolder(folder)
  const stream = await adapter.read(from, {
    ...context,
    onError: 'fail',
    onProblem: () => {},
    probe: async (file) => probeMedia(from, file),
  })
  let found = 0
  let annotations = 0
  for await (const { layers } of stream.items) {
    found++
    for (const layer of Object.values(layers)) annotations += layer.length
  }
  return { items: found, annotations }
}

const startMs = performance.now()
const counts = operation === 'write' ? await write(Number(count)) : await read()
const seconds = (performance.now() - startMs) / 1000
console.log(JSON.stringify({ seconds, type, losses: [...losses], ...counts }))
