import fs from 'node:fs'
import path from 'node:path'
import { prepareRepository, withRepository } from './flows.mjs'
import { datasetSeeds, mediaSeeds, textSeeds } from './fuzz-seeds.mjs'
import { memoryFolder, readWhole } from './memory-folder.mjs'
import { mutateBytes, mutateValue } from './mutate.mjs'
import { pick } from './random.mjs'

/**
 * Returns everything that decodes what it did not write: name → how to make a hostile input (`make`)
 * and what to do with it (`run`). `run` returns, or throws an error of ours.
 */
export async function fuzzTargets(library, scratch) {
  const seeds = await storedSeeds(library, scratch)
  return {
    ...recordTargets(library, seeds),
    ...storeTargets(library, seeds, scratch),
    ...formatTargets(library),
    ...textTargets(library),
    ...fileTargets(library, scratch),
  }
}

/** Objects, tree entries and files of a real repository. */
async function storedSeeds(library, scratch) {
  const folder = path.join(scratch, 'seeds')
  fs.mkdirSync(folder, { recursive: true })
  await prepareRepository(library, folder)
  const objects = { node: [], dataset: [], commit: [], tag: [], operation: [] }
  const entries = { file: [], item: [], annotations: [] }
  const seeds = { objects, entries, folder, root: fs.readFileSync(path.join(folder, '.dsv/root')) }
  await withRepository(library, folder, async (repository) => {
    const reader = repository.store.objects
    await library.createTag(repository, 'v1', { message: 'first' })
    const { refs, headCommit, work } = await repository.state()
    for (const id of refs.values()) {
      const kind = (await reader.info(id))?.kind
      if (kind !== undefined) objects[kind].push(await reader.getObject(kind, id))
    }
    for await (const operation of library.readOperations(repository.store)) {
      objects.operation.push(await reader.getObject('operation', operation.id))
      if (operation.local?.to !== undefined)
        objects.operation.push(await reader.getObject('operation', operation.local.to))
    }
    const { files } = await repository.commit(headCommit)
    const addTree = async (tree, name) => {
      if (tree.root === undefined) return
      objects.node.push(await reader.getObject('node', tree.root))
      for await (const entry of library.scanTree(reader, tree)) entries[name].push(entry)
    }
    await addTree(files, 'file')
    for (const id of work.stage.datasets.values()) {
      const object = await reader.getObject('dataset', id)
      objects.dataset.push(object)
      const { items, layers } = library.decodeDataset(object)
      await addTree(items, 'item')
      for (const layer of layers.values()) await addTree(layer, 'annotations')
    }
    seeds.local = (await repository.store.readRoot()).local
  })
  seeds.packs = filesIn(path.join(folder, '.dsv/objects/pack'))
  seeds.fragments = filesIn(path.join(folder, '.dsv/objects/index'))
  return seeds
}

function filesIn(folder) {
  return fs.readdirSync(folder).map((name) => fs.readFileSync(path.join(folder, name)))
}

/** Makes an object whose payload is damaged, or is canonical and says something odd. */
function objectMaker(library, objects) {
  const payloads = objects.map(({ payload }) => Buffer.from(payload))
  return (random) => {
    const { links, payload } = pick(random, objects)
    const kept = random() < 0.8 ? links : links.slice(0, Math.floor(random() * links.length))
    if (random() < 0.3) return { links: kept, payload: mutateBytes(payload, payloads, random) }
    try {
      const value = library.decodeCanonical(payload)
      return { links: kept, payload: library.encodeCanonical(mutateValue(value, random)) }
    } catch {
      // Not all odd values can be encoded, nor are all payloads canonical.
      return { links: kept, payload: mutateBytes(payload, payloads, random) }
    }
  }
}

function entryMaker(library, entries) {
  const make = objectMaker(
    library,
    entries.map(({ value, links }) => ({ payload: value, links })),
  )
  const keys = entries.map(({ key }) => Buffer.from(key))
  return (random) => {
    const { payload, links } = make(random)
    const key = random() < 0.5 ? pick(random, keys) : mutateBytes(pick(random, keys), keys, random)
    return { key, value: payload, links }
  }
}

function recordTargets(library, { objects, entries, local }) {
  const id = '0'.repeat(64)
  const target = (seeds, run) => ({ make: objectMaker(library, seeds), run })
  return {
    node: {
      make: (random) => {
        const { links, payload } = pick(random, objects.node)
        const all = objects.node.map((node) => Buffer.from(node.payload))
        return { links, payload: mutateBytes(payload, all, random) }
      },
      run: (object) => library.decodeNode(id, object),
    },
    commit: target(objects.commit, (object) => library.decodeCommit(object)),
    tag: target(objects.tag, (object) => library.decodeTag(object)),
    dataset: target(objects.dataset, (object) => library.decodeDataset(object)),
    operation: target(objects.operation, (object) => library.decodeOperation(id, object)),
    'local state': target(objects.operation, (object) => library.decodeLocalState(id, object)),
    'work state': target([local], (object) => library.decodeWorkState(object)),
    file: { make: entryMaker(library, entries.file), run: (entry) => library.decodeFile(entry) },
    item: { make: entryMaker(library, entries.item), run: (entry) => library.decodeItem(entry) },
    annotations: {
      make: entryMaker(library, entries.annotations),
      run: (entry) => library.decodeAnnotations(entry),
    },
    'item key': {
      make: (random) => {
        const keys = entries.item.map(({ key }) => Buffer.from(key))
        return mutateBytes(pick(random, keys), keys, random)
      },
      run: (key) => library.decodeItemKey(key),
    },
    canonical: {
      make: (random) =>
        objectMaker(library, [...objects.dataset, ...objects.commit])(random).payload,
      run: (bytes) => library.decodeCanonical(bytes),
    },
    envelope: {
      make: (random) => {
        const all = objects.commit.map((object) => Buffer.from(library.encodeObject(object)))
        return mutateBytes(pick(random, all), all, random)
      },
      run: (bytes) => library.decodeObject(bytes, id),
    },
  }
}

function storeTargets(library, { root, packs, fragments }, scratch) {
  const magic = 9
  const body = library.decodeCanonical(root.subarray(magic + 32))
  const reseal = (bytes) =>
    Buffer.concat([root.subarray(0, magic), library.deriveKeyHash('dsv root v1', bytes), bytes])
  const name = 'ab'.repeat(32)
  const chunks = Array.from({ length: 9 }, (_, at) => ({ blobId: name, sizeBytes: 70_000 + at }))
  const lease = library.encodeLease({
    sessionId: 'x',
    purpose: 'write',
    pid: 1,
    host: 'h',
    bootId: 'b',
    startedMs: 1,
    heartbeatMs: 2,
    bases: [name, name],
  })
  const inMemory = async (at, bytes) => {
    const driver = library.memoryDriver()
    await driver.write(at, bytes)
    return driver
  }
  const bytesMaker = (all) => (random) => mutateBytes(pick(random, all), all, random)
  return {
    root: {
      make: (random) => {
        if (random() < 0.2) return mutateBytes(root, [root], random)
        try {
          return reseal(Buffer.from(library.encodeCanonical(mutateValue(body, random))))
        } catch {
          return reseal(mutateBytes(root.subarray(magic + 32), [root], random))
        }
      },
      run: (bytes) => library.decodeRoot(bytes, 'here'),
    },
    pack: {
      make: bytesMaker(packs),
      run: async (bytes) => {
        const driver = await inMemory(library.packPath(name), bytes)
        await library.readPackContents(driver, name)
      },
    },
    'index fragment': {
      make: bytesMaker(fragments),
      run: async (bytes) => {
        const driver = await inMemory(library.fragmentPath(name), bytes)
        const files = new library.OpenFiles(driver, 4)
        const fragment = await library.openIndexFragment(files, new Map(), name)
        for (let first = 0; first < 256; first += 16) {
          await fragment.find(Buffer.alloc(32, first))
        }
      },
    },
    'chunk list': {
      make: bytesMaker([Buffer.from(library.encodeChunkList(name, chunks))]),
      run: (bytes) => library.decodeChunkList(bytes),
    },
    'compressed payload': {
      make: (random) => ({
        bytes: bytesMaker(packs)(random),
        length: Math.floor(random() * 2 ** 31),
      }),
      run: ({ bytes, length }) => library.decompressPayload(1, bytes, length),
    },
    'stat cache': {
      make: bytesMaker([...packs, ...fragments]),
      run: (bytes) => library.bucketEntries(library.openBucket(bytes)),
    },
    lease: {
      make: bytesMaker([Buffer.from(lease)]),
      run: async (bytes) => library.readLeases(await inMemory('sessions/x', bytes)),
    },
    zip: {
      make: bytesMaker([zipOf({ 'a/b.txt': Buffer.from('hello'), 'c.txt': Buffer.alloc(500) })]),
      run: async (bytes) => {
        const file = path.join(scratch, 'fuzzed.zip')
        fs.writeFileSync(file, bytes)
        const zip = await library.zipFolder(file)
        try {
          for (const at of await zip.list()) await zip.read(at)
        } finally {
          await zip.close()
        }
      },
    },
  }
}

/** Returns a zip archive whose entries are stored as they are. */
export function zipOf(files) {
  const locals = []
  const directory = []
  let offset = 0
  for (const [name, bytes] of Object.entries(files)) {
    const head = Buffer.alloc(30)
    head.writeUInt32LE(0x04034b50, 0)
    head.writeUInt16LE(20, 4)
    head.writeUInt32LE(bytes.length, 18)
    head.writeUInt32LE(bytes.length, 22)
    head.writeUInt16LE(Buffer.byteLength(name), 26)
    const central = Buffer.alloc(46)
    central.writeUInt32LE(0x02014b50, 0)
    central.writeUInt16LE(20, 6)
    central.writeUInt32LE(bytes.length, 20)
    central.writeUInt32LE(bytes.length, 24)
    central.writeUInt16LE(Buffer.byteLength(name), 28)
    central.writeUInt32LE(offset, 42)
    const local = Buffer.concat([head, Buffer.from(name), bytes])
    locals.push(local)
    directory.push(Buffer.concat([central, Buffer.from(name)]))
    offset += local.length
  }
  const centrals = Buffer.concat(directory)
  const end = Buffer.alloc(22)
  end.writeUInt32LE(0x06054b50, 0)
  end.writeUInt16LE(directory.length, 8)
  end.writeUInt16LE(directory.length, 10)
  end.writeUInt32LE(centrals.length, 12)
  end.writeUInt32LE(offset, 16)
  return Buffer.concat([...locals, centrals, end])
}

/** Changes one or two of the files. */
function damaged(files, random) {
  const changed = { ...files }
  const rounds = 1 + Math.floor(random() * 2)
  for (let round = 0; round < rounds; round += 1) {
    const at = pick(random, Object.keys(files))
    if (random() < 0.05) delete changed[at]
    else if (at.endsWith('.json') && random() < 0.7) changed[at] = oddJson(files[at], random)
    else changed[at] = mutateBytes(files[at], Object.values(files), random)
  }
  return { files: changed, onError: random() < 0.5 ? 'skip' : 'fail' }
}

const samples = new Map()

/** Files that a format writes of an item with an annotation of each type it holds; none if it only reads. */
async function writtenSample(library, format) {
  const known = samples.get(format)
  if (known !== undefined) return known
  const adapter = await library.loadAdapter(format)
  const files = {}
  if (adapter.format.canWrite !== false) {
    const annotations = [...adapter.format.holds]
      .filter((type) => type !== 'relation')
      .map(library.sampleAnnotation)
    const item = library.itemWith(annotations, 'image')
    const folder = await library.writeSample(adapter, [item], undefined, () => {})
    for (const at of await folder.list()) files[at] = Buffer.from(await folder.read(at))
  }
  samples.set(format, files)
  return files
}

function formatTargets(library) {
  const targets = {}
  for (const format of library.formatNames) {
    const files = datasetSeeds[format]
    if (files === undefined) continue
    targets[`format ${format}`] = {
      make: (random) => damaged(files, random),
      run: ({ files: changed, onError }) => readWhole(library, format, changed, onError),
    }
  }
  const ask = (name) => async (bytes) => {
    const folder = memoryFolder(library, { [name]: bytes })
    await library.probeMedia(folder, name)
  }
  const make = (random) => mutateBytes(pick(random, mediaSeeds), mediaSeeds, random)
  const others = library.formatNames.filter((format) => datasetSeeds[format] === undefined)
  return {
    ...targets,
    'format, any other that is written': {
      make: (random) => ({ format: pick(random, others), random }),
      run: async ({ format, random }) => {
        const files = await writtenSample(library, format)
        if (Object.keys(files).length === 0) return
        const { files: changed, onError } = damaged(files, random)
        await readWhole(library, format, changed, onError)
      },
    },
    'media probe': { make, run: ask('a.png') },
    png: {
      make: (random) => {
        const bytes = mutateBytes(mediaSeeds[0], mediaSeeds, random)
        return random() < 0.5 ? bytes : withChecksums(bytes)
      },
      run: (bytes) => library.decodePng(bytes),
    },
  }
}

function oddJson(bytes, random) {
  return Buffer.from(JSON.stringify(mutateValue(JSON.parse(bytes.toString()), random)))
}

/** Puts the right checksum after each chunk that is still one, so that the decoder goes on. */
function withChecksums(bytes) {
  const fixed = Buffer.from(bytes)
  for (let at = 8; at + 12 <= fixed.length;) {
    const length = fixed.readUInt32BE(at)
    if (at + 12 + length > fixed.length) break
    let crc = 0xffffffff
    for (const byte of fixed.subarray(at + 4, at + 8 + length)) {
      crc ^= byte
      for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1
    }
    fixed.writeUInt32BE((crc ^ 0xffffffff) >>> 0, at + 8 + length)
    at += 12 + length
  }
  return fixed
}

function textTargets(library) {
  const maker = (name) => {
    const all = textSeeds[name].map((text) => Buffer.from(text))
    return (random) => mutateBytes(pick(random, all), all, random).toString()
  }
  const item = { subset: 'train', id: 'a', media: [], layers: {} }
  return {
    query: {
      make: maker('query'),
      run: (text) => {
        const query = library.compileQuery(text)
        query.matchesItem(item)
        query.matchingAnnotations(item)
      },
    },
    revision: {
      make: maker('revision'),
      run: (text) => {
        library.parseRevisionRange(text)
        library.parseRevision(text)
      },
    },
    date: {
      make: maker('date'),
      run: (text) => library.parseDate(text, { seconds: 1_700_000_000, offsetMinutes: 60 }),
    },
    counts: {
      make: (random) =>
        mutateBytes(Buffer.from('04D4TG'), [Buffer.from('PPPPPP')], random).toString(),
      run: (counts) => library.readMask({ size: [24, 32], counts }),
    },
  }
}

function fileTargets(library, scratch) {
  const folder = path.join(scratch, 'seeds')
  const journal = path.join(folder, '.dsv', 'local', 'checkout.json')
  const config = path.join(scratch, 'config.json')
  const tree = { root: 'ab'.repeat(32), count: 3, sizeBytes: 10 }
  const seed = { from: tree, to: tree, serial: 1, pid: 1, host: 'x', boot: 'y', startTime: '1' }
  const jsonMaker = (value) => (random) => {
    const text = Buffer.from(JSON.stringify(value))
    return random() < 0.5 ? oddJson(text, random) : mutateBytes(text, [text], random)
  }
  return {
    'checkout journal': {
      make: jsonMaker(seed),
      run: (bytes) => {
        fs.writeFileSync(journal, bytes)
        try {
          library.interruptedCheckout({ folder, environment: { host: 'x' } })
        } finally {
          fs.unlinkSync(journal)
        }
      },
    },
    config: {
      make: jsonMaker({ user: { name: 'T', email: 't@example.org' }, checkout: { link: 'copy' } }),
      run: (bytes) => {
        fs.writeFileSync(config, bytes)
        library.listConfig({ local: config })
      },
    },
  }
}
