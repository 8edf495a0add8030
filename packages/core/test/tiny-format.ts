import { DsvError } from '@dsv/store'
import {
  type AdapterContext,
  type AnnotationDraft,
  type AnnotatedItem,
  type Category,
  type DatasetView,
  type Environment,
  fileNotFound,
  type Folder,
  type Format,
  type FormatAdapter,
  type FormatProvider,
  formatSyntax,
  GROUND_TRUTH,
  isAnnotationDraft,
  type Media,
  type Schema,
  type SourceItem,
  type WritableFolder,
  type WriteContext,
} from '@dsv/core'

/**
 * A format that holds all that tests need: `tiny.json` with the names of the categories, and
 * `labels/<subset>/<id>.json` for each item: `{ media, annotations }` as in the model, categories by
 * name. Reads and writes single files.
 */
export const tinyAdapter: FormatAdapter = {
  format: describe('tiny', ['label', 'box', 'caption', 'polygon'], []),
  detect: async (folder) => detection(await folder.has('tiny.json')),
  read: async (folder, context) => {
    const names = jsonOf(await folder.read('tiny.json'), 'tiny.json')
    if (!Array.isArray(names)) throw formatSyntax('tiny.json', 'is not a list')
    const files = (await folder.list('labels')).filter((file) => file.endsWith('.json'))
    return {
      schema: schemaOf(names.map(String)),
      layout: 'tiny',
      items: each(files, async (file) => {
        try {
          return await readTinyItem(folder, file)
        } catch (error) {
          if (context.onError === 'fail') throw error
          context.onProblem({ file, message: String(error) })
          return undefined
        }
      }),
    }
  },
  readChanged: async (folder, changed) => {
    if (changed.some((file) => !file.startsWith('labels/'))) return undefined
    const removed = []
    const left = []
    for (const file of changed) {
      if (await folder.has(file)) left.push(file)
      else removed.push(keyOfFile(file, '.json'))
    }
    return { removed, items: each(left, (file) => readTinyItem(folder, file)) }
  },
  write: async (dataset, folder, context) => {
    await folder.write('tiny.json', textBytes(JSON.stringify(namesOf(dataset))))
    for await (const item of dataset.items()) await writeTinyItem(dataset, item, folder, context)
    return 'tiny'
  },
  writeChanged: async (dataset, edits, folder, context) => {
    await folder.write('tiny.json', textBytes(JSON.stringify(namesOf(dataset))))
    const gone: string[] = []
    for (const { before, after } of edits) {
      if (after !== undefined) await writeTinyItem(dataset, after, folder, context)
      else if (before !== undefined) gone.push(`labels/${before.subset}/${before.id}.json`)
    }
    return gone
  },
}

/**
 * A format that loses much: `lossy.txt` with a category per line, `boxes/<subset>/<id>.txt` with
 * `category x y width height` in whole pixels, media as `images/<subset>/<id>.<extension>`. Only whole
 * datasets are read and written.
 */
export const lossyAdapter: FormatAdapter = {
  format: describe('lossy', ['box'], ['plain', 'loud']),
  detect: async (folder) => detection(await folder.has('lossy.txt')),
  read: async (folder) => {
    const names = linesOf(await folder.read('lossy.txt'))
    const images = new Map(
      (await folder.list('images')).map((file) => [file.slice(7).replace(/\.[^.]*$/, ''), file]),
    )
    const files = (await folder.list('boxes')).filter((file) => file.endsWith('.txt'))
    return {
      schema: schemaOf(names),
      layout: 'lossy',
      items: each(files, async (file) => {
        const key = keyOfFile(file, '.txt')
        const image = images.get(`${key.subset}/${key.id}`)
        const boxes = linesOf(await folder.read(file)).map((line) => readBox(file, line))
        const media = image === undefined ? [] : [imageAt(image)]
        return { ...key, media, layers: { [GROUND_TRUTH]: boxes } }
      }),
    }
  },
  write: async (dataset, folder, context) => {
    const ending = context.variant === 'loud' ? '!' : ''
    const names = namesOf(dataset).map((name) => name + ending)
    await folder.write('lossy.txt', textBytes(names.map((name) => `${name}\n`).join('')))
    for await (const item of dataset.items()) await writeLossyItem(dataset, item, folder, context)
    return 'lossy'
  },
}

/** The formats of this file. */
export const tinyFormats: FormatProvider = {
  names: ['lossy', 'tiny'],
  load: async (name) => adapterOf(name),
  describe: async (name) => adapterOf(name).format,
  detect: async (folder) => {
    const answers = []
    for (const adapter of [tinyAdapter, lossyAdapter])
      answers.push({ format: adapter.format.name, ...(await adapter.detect(folder)) })
    return answers.toSorted((a, b) => b.confidence - a.confidence)
  },
  probe: async (folder, path) => ((await folder.has(path)) ? { kind: 'image' } : undefined),
  openFrames: async (name) => {
    throw formatSyntax(name, 'is no video')
  },
}

/** Returns an environment with a clock that moves on by a minute at each look. */
export function tinyEnvironment(changes: Partial<Environment> = {}): Environment {
  let seconds = 1_700_000_000
  return {
    formats: tinyFormats,
    now: () => ({ seconds: (seconds += 60), offsetMinutes: 0 }),
    user: { name: 'Ada', email: 'ada@example.org' },
    host: 'test-host',
    command: 'dsv test',
    link: 'copy',
    signal: new AbortController().signal,
    onProgress: () => {},
    workerUrl: undefined,
    ...changes,
  }
}

/** Returns the text of an item file of the tiny format. */
export function tinyItem(
  media: readonly string[],
  annotations: readonly AnnotationDraft[],
): string {
  return `${JSON.stringify({ media, annotations }, undefined, 1)}\n`
}

function adapterOf(name: string): FormatAdapter {
  if (name === 'tiny') return tinyAdapter
  if (name === 'lossy') return lossyAdapter
  throw new DsvError('DSV_FORMAT_UNKNOWN', `There is no format ${name}`)
}

function describe(
  name: string,
  holds: readonly AnnotationDraft['type'][],
  variants: readonly string[],
): Format {
  const source = new URL(`https://example.org/${name}`)
  return { name, title: name, source, holds: new Set(holds), variants }
}

function detection(found: boolean): { confidence: number; reason: string } {
  return { confidence: found ? 0.95 : 0, reason: found ? 'its file is there' : 'no file of it' }
}

async function* each(
  files: readonly string[],
  read: (file: string) => Promise<SourceItem | undefined>,
): AsyncGenerator<SourceItem> {
  for (const file of files) {
    const item = await read(file)
    if (item !== undefined) yield item
  }
}

async function readTinyItem(folder: Folder, file: string): Promise<SourceItem> {
  const record = jsonOf(await folder.read(file), file)
  const media = listOf(record, 'media').map((medium) => imageAt(String(medium)))
  const annotations = listOf(record, 'annotations').map((annotation) => {
    if (!isAnnotationDraft(annotation)) throw formatSyntax(file, 'an annotation is malformed')
    return annotation
  })
  return { ...keyOfFile(file, '.json'), media, layers: { [GROUND_TRUTH]: annotations } }
}

function listOf(record: unknown, field: string): readonly unknown[] {
  const value = Object.entries(record ?? {}).find(([name]) => name === field)?.[1]
  return Array.isArray(value) ? value : []
}

async function writeTinyItem(
  dataset: DatasetView,
  item: AnnotatedItem,
  folder: WritableFolder,
  context: WriteContext,
): Promise<void> {
  const own = item.layers[context.layer] ?? []
  const names = new Map(dataset.schema.categories.map(({ key, name }) => [key, name]))
  const annotations = own.map(({ uid: _uid, category, ...rest }) => ({
    ...rest,
    ...(category !== undefined && { category: names.get(category) ?? category }),
  }))
  reportLayers(item, context)
  const file = `labels/${item.subset}/${item.id}.json`
  const media = item.media.map(({ path }) => path)
  await folder.write(file, textBytes(tinyItem(media, annotations)))
  for (const medium of item.media) await folder.placeMedia(medium.path, medium)
}

async function writeLossyItem(
  dataset: DatasetView,
  item: AnnotatedItem,
  folder: WritableFolder,
  context: WriteContext,
): Promise<void> {
  const ending = context.variant === 'loud' ? '!' : ''
  const names = new Map(dataset.schema.categories.map(({ key, name }) => [key, name]))
  const lines: string[] = []
  const where = `${item.subset}/${item.id}`
  reportLayers(item, context)
  for (const annotation of item.layers[context.layer] ?? []) {
    if (annotation.type !== 'box') {
      context.onLoss({ what: `annotation: ${annotation.type}`, where })
      continue
    }
    if (annotation.score !== undefined) context.onLoss({ what: 'field: score', where })
    const name = names.get(annotation.category ?? '') ?? annotation.category ?? '-'
    const { x, y, width, height } = annotation
    lines.push(`${name}${ending} ${[x, y, width, height].map(Math.round).join(' ')}\n`)
  }
  await folder.write(`boxes/${where}.txt`, textBytes(lines.join('')))
  const [image] = item.media
  if (image === undefined) return
  await folder.placeMedia(`images/${where}.${image.path.replace(/^.*\./, '')}`, image)
}

function reportLayers(item: AnnotatedItem, context: WriteContext & AdapterContext): void {
  for (const layer of Object.keys(item.layers))
    if (layer !== context.layer)
      context.onLoss({ what: `layer: ${layer}`, where: `${item.subset}/${item.id}` })
}

function readBox(file: string, line: string): AnnotationDraft {
  const [category = '', ...rest] = line.split(' ')
  const [x, y, width, height] = rest.map(Number)
  if (x === undefined || y === undefined || width === undefined || height === undefined)
    throw formatSyntax(file, `${line} is no box`)
  return { type: 'box', category, x, y, width, height }
}

/** `labels/train/a/b.json` is item `a/b` of subset `train`. */
function keyOfFile(file: string, extension: string): { subset: string; id: string } {
  const [, subset = '', ...rest] = file.slice(0, -extension.length).split('/')
  if (rest.length === 0) throw fileNotFound(file)
  return { subset, id: rest.join('/') }
}

function imageAt(path: string): Omit<Media, 'blob'> {
  return { role: 'primary', path, kind: 'image' }
}

function schemaOf(names: readonly string[]): Schema {
  const categories: Category[] = names.map((name) => ({ key: name, name }))
  return { categories, attributes: [], info: {} }
}

function namesOf({ schema }: DatasetView): string[] {
  return schema.categories.map(({ name }) => name)
}

function linesOf(bytes: Uint8Array): string[] {
  return new TextDecoder().decode(bytes).split('\n').filter(Boolean)
}

function jsonOf(bytes: Uint8Array, file: string): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes))
  } catch (error) {
    throw formatSyntax(file, 'is no JSON', error)
  }
}

function textBytes(text: string): Uint8Array {
  return new TextEncoder().encode(text)
}
