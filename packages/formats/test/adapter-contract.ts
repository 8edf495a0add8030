import type {
  AnnotatedItem,
  AnnotationDraft,
  DatasetView,
  Folder,
  FormatAdapter,
  ItemEdit,
  Json,
  Loss,
  Media,
  MediaSource,
  ReadContext,
  Schema,
  SourceItem,
  WriteContext,
} from '@dsv/core'
import { probeMedia } from '@dsv/formats'
import { isDsvError } from '@dsv/store'
import { describe, expect, it } from '@jest/globals'
import * as fc from 'fast-check'
import { datasets, type DatasetShape, type TestDataset } from './arbitraries.ts'
import { itemsOf, keyText, memoryDatasetView } from './dataset-view.ts'
import { encodePng } from '../src/media/png.ts'
import { type MemoryFolder, memoryFolder } from './memory-folder.ts'

/** What the suite has to know of an adapter. */
export interface AdapterCase {
  /** What made-up datasets hold; `types` defaults to all that `format.holds`. */
  readonly shape?: Partial<DatasetShape>
  /** Makes a generated dataset one that the format can be given. */
  readonly prepare?: (dataset: TestDataset) => TestDataset
  /**
   * Brings an annotation to a form in which written and read ones are equal, where the format cannot
   * keep it to the last bit (relative coordinates). Used on both sides.
   */
  readonly normalise?: (annotation: AnnotationDraft, item: SourceItem) => AnnotationDraft
  /** Fields that reading adds although nobody wrote them (COCO: `sourceId`). */
  readonly adds?: readonly string[]
  /** Claims that rewriting with the layout that reading gave yields the same bytes. */
  readonly rewritesSameBytes?: boolean
  readonly variant?: string
  /** Number of generated datasets for each law; default 60. */
  readonly runs?: number
}

/** What one reading of a folder gave. */
export interface ReadBack {
  readonly schema: Schema
  readonly layout: Json
  readonly items: readonly SourceItem[]
  readonly losses: readonly Loss[]
  readonly problems: readonly { readonly file: string; readonly message: string }[]
}

/** Reads everything; fails on the first problem unless told otherwise. */
export async function readAll(
  adapter: FormatAdapter,
  folder: Folder,
  options: Partial<Pick<ReadContext, 'onError' | 'signal' | 'map' | 'layoutBefore'>> = {},
): Promise<ReadBack> {
  const { context, losses, problems } = readContext(folder, options)
  const { schema, layout, items } = await adapter.read(folder, context)
  const read: SourceItem[] = []
  for await (const item of items) read.push(await withoutContent(item))
  return { schema, layout, items: read, losses, problems }
}

/** Reads the media that lie inside other files, while the stream is at their item. */
async function withoutContent(item: SourceItem): Promise<SourceItem> {
  const media: MediaSource[] = []
  for (const { content, ...medium } of item.media) {
    if (content !== undefined) expect((await content()).length).toBeGreaterThan(0)
    media.push(medium)
  }
  return { ...item, media }
}

/** Writes a dataset into a new folder in memory. */
export async function writeAll(
  adapter: FormatAdapter,
  view: DatasetView,
  options: Partial<Pick<WriteContext, 'variant' | 'signal' | 'layer'>> = {},
): Promise<{
  readonly folder: MemoryFolder
  readonly layout: Json
  readonly losses: readonly Loss[]
}> {
  const folder = memoryFolder()
  const losses: Loss[] = []
  const layout = await adapter.write(view, folder, writeContext(losses, options))
  return { folder, layout, losses }
}

/** Runs the laws that every adapter keeps. */
export function testAdapter(
  name: string,
  adapter: FormatAdapter,
  adapterCase: AdapterCase = {},
): void {
  const types = adapterCase.shape?.types ?? [...adapter.format.holds]
  const shape: DatasetShape = { ...adapterCase.shape, types }
  const prepare = adapterCase.prepare ?? ((dataset: TestDataset) => dataset)
  const generated = datasets(shape).map(prepare)
  const filled = generated.filter(({ items }) => items.length > 0)
  const variant = adapterCase.variant === undefined ? {} : { variant: adapterCase.variant }
  const check = async <Dataset extends TestDataset>(
    arbitrary: fc.Arbitrary<Dataset>,
    law: (dataset: Dataset) => Promise<void>,
    numRuns = adapterCase.runs ?? 30,
  ): Promise<void> => fc.assert(fc.asyncProperty(arbitrary, law), { numRuns })

  describe(`the ${name} adapter`, () => {
    it('reads back what it wrote, up to the losses it reported', async () => {
      await check(generated, async (dataset) => {
        const view = memoryDatasetView(dataset.schema, dataset.items)
        const { folder, losses } = await writeAll(adapter, view, variant)
        const read = await readAll(adapter, folder)
        const all = [...losses, ...read.losses].map(({ what }) => what)
        expect(unreported(await itemsOf(view), read.items, all, adapterCase)).toEqual([])
        expect(unreportedCategories(dataset.schema, read.schema, all)).toEqual([])
      })
    })

    it('reads items with distinct keys and categories with distinct keys', async () => {
      await check(generated, async (dataset) => {
        const view = memoryDatasetView(dataset.schema, dataset.items)
        const { folder } = await writeAll(adapter, view, variant)
        const { items, schema } = await readAll(adapter, folder)
        const known = new Set(schema.categories.map(({ key }) => key))
        expect(new Set(items.map(keyText)).size).toBe(items.length)
        expect(known.size).toBe(schema.categories.length)
        for (const { category } of items.flatMap((item) => Object.values(item.layers).flat())) {
          expect(category === undefined || known.has(category)).toBe(true)
        }
      })
    })

    it('recognises what it wrote, and nothing in an empty folder', async () => {
      expect((await adapter.detect(memoryFolder())).confidence).toBe(0)
      await check(
        filled,
        async (dataset) => {
          const view = memoryDatasetView(dataset.schema, dataset.items)
          const { folder } = await writeAll(adapter, view, variant)
          const { confidence, reason } = await adapter.detect(folder)
          expect({ reason, isSure: confidence >= 0.5 && confidence <= 1 }).toMatchObject({
            isSure: true,
          })
        },
        20,
      )
    })

    it('stops when it is told to', async () => {
      const [dataset] = fc.sample(filled, 1)
      if (dataset === undefined) throw new Error('no dataset was generated')
      const view = memoryDatasetView(dataset.schema, dataset.items)
      const { folder } = await writeAll(adapter, view, variant)
      const signal = AbortSignal.abort()
      await expect(readAll(adapter, folder, { signal })).rejects.toThrow(/abort/)
      await expect(writeAll(adapter, view, { signal, ...variant })).rejects.toThrow(/abort/)
    })

    it('gives the same items when it writes in the layout it read', async () => {
      await check(generated, async (dataset) => {
        const first = memoryDatasetView(dataset.schema, dataset.items)
        const { folder } = await writeAll(adapter, first, variant)
        const read = await readAll(adapter, folder)
        const second = memoryDatasetView(read.schema, read.items, read.layout)
        const again = await writeAll(adapter, second, variant)
        const reread = await readAll(adapter, again.folder)
        expect(again.losses).toEqual([])
        expect(byKey(reread.items)).toEqual(byKey(read.items))
        expect(reread.schema).toEqual(read.schema)
      })
    })

    it('throws its own errors, or none, whatever the files hold', async () => {
      await expect(readDamaged(adapter, filled, variant, 'fail')).resolves.toBeUndefined()
    })

    it('goes on after a bad file when told to skip', async () => {
      await expect(readDamaged(adapter, filled, variant, 'skip')).resolves.toBeUndefined()
    })

    if (adapterCase.rewritesSameBytes === true) {
      it('writes the same bytes in the layout it read when nothing changed', async () => {
        await check(generated, async (dataset) => {
          const first = memoryDatasetView(dataset.schema, dataset.items)
          const { folder } = await writeAll(adapter, first, variant)
          const read = await readAll(adapter, folder)
          const second = memoryDatasetView(read.schema, read.items, read.layout)
          const again = await writeAll(adapter, second, variant)
          expect(annotationFiles(again.folder)).toEqual(annotationFiles(folder))
        })
      })
    }

    if (adapter.writeChanged !== undefined) {
      it('writes the same files for a few edits as for the whole', async () => {
        await check(fc.tuple(filled, fc.nat()).map(editOne), async (edited) => {
          const { actual, expected } = await writeEdited(adapter, edited, variant)
          expect(actual).toEqual(expected)
        })
      })

      it('writes the same files for a few edits of what it read as for the whole', async () => {
        await check(fc.tuple(filled, fc.nat()).map(editOne), async (edited) => {
          const { actual, expected } = await spliceEdited(adapter, edited, variant)
          expect(actual).toEqual(expected)
        })
      })
    }

    if (adapter.readChanged !== undefined) {
      it('reads the same items from the changed files as from all', async () => {
        await check(fc.tuple(filled, fc.nat()).map(editOne), async (edited) => {
          const { actual, expected } = await readEdited(adapter, edited, variant)
          expect(actual).toEqual(expected)
        })
      })
    }
  })
}

/** A context for reading `folder`, with what it reported. */
export function readContext(
  folder: Folder,
  options: Partial<Pick<ReadContext, 'onError' | 'signal' | 'map' | 'layoutBefore'>> = {},
): {
  readonly context: ReadContext
  readonly losses: Loss[]
  readonly problems: { readonly file: string; readonly message: string }[]
} {
  const losses: Loss[] = []
  const problems: { readonly file: string; readonly message: string }[] = []
  const context: ReadContext = {
    signal: options.signal ?? new AbortController().signal,
    onError: options.onError ?? 'fail',
    onLoss: (loss) => losses.push(loss),
    onProblem: (problem) => problems.push(problem),
    probe: async (path) => probeMedia(folder, path),
    ...(options.map !== undefined && { map: options.map }),
    ...(options.layoutBefore !== undefined && { layoutBefore: options.layoutBefore }),
  }
  return { context, losses, problems }
}

/** A context for writing; media are read as a black PNG of their size. */
export function writeContext(
  losses: Loss[],
  options: Partial<Pick<WriteContext, 'variant' | 'signal' | 'layer'>> = {},
): WriteContext {
  return {
    signal: options.signal ?? new AbortController().signal,
    variant: options.variant,
    layer: options.layer ?? 'ground_truth',
    onLoss: (loss) => losses.push(loss),
    readMedia: async (media) => blackPng(media),
  }
}

const BLACK_PNGS = new Map<string, Uint8Array>()

function blackPng({ width = 1, height = 1 }: Pick<Media, 'width' | 'height'>): Uint8Array {
  const key = `${width} ${height}`
  const data = (): Uint8Array => new Uint8Array(width * height * 3)
  const png =
    BLACK_PNGS.get(key) ?? encodePng({ width, height, bitDepth: 8, colorType: 2, data: data() })
  BLACK_PNGS.set(key, png)
  return png
}

/** The files that are no placed media, as text. */
export function annotationFiles(folder: MemoryFolder): Readonly<Record<string, string>> {
  return Object.fromEntries(
    [...folder.files]
      .filter(([path]) => !folder.media.has(path))
      .map(([path, bytes]) => [path, Buffer.from(bytes).toString('latin1')] as const)
      .toSorted(([a], [b]) => (a < b ? -1 : 1)),
  )
}

/**
 * Names what differs between the items written and read although no loss was reported for it. A loss
 * covers what it names: `item`, `annotation: polygon`, `field: area`, `attribute: pose`.
 */
function unreported(
  written: readonly SourceItem[],
  read: readonly SourceItem[],
  losses: readonly string[],
  adapterCase: AdapterCase,
): readonly string[] {
  const reported = new Set(losses)
  const differences: string[] = []
  const readByKey = new Map(read.map((item) => [keyText(item), item]))
  for (const item of written) {
    const back = readByKey.get(keyText(item))
    readByKey.delete(keyText(item))
    if (back === undefined) differences.push('item')
    else differences.push(...itemDifferences(item, back, reported, adapterCase))
  }
  differences.push(...[...readByKey.keys()].map((key) => `item that nobody wrote: ${key}`))
  return [...new Set(differences)].filter((what) => !reported.has(what))
}

function itemDifferences(
  item: SourceItem,
  back: SourceItem,
  reported: ReadonlySet<string>,
  adapterCase: AdapterCase,
): readonly string[] {
  const [size, sizeBack] = [item, back].map(({ media }) =>
    media.map(({ role, kind, width, height }) => ({ role, kind, width, height })),
  )
  const differences = same(size, sizeBack) ? [] : ['field: media']
  const normalise = (annotation: AnnotationDraft): AnnotationDraft =>
    withoutUid(adapterCase.normalise?.(annotation, item) ?? annotation)
  for (const layer of new Set([...Object.keys(item.layers), ...Object.keys(back.layers)])) {
    const ours = (item.layers[layer] ?? []).map(normalise)
    const theirs = (back.layers[layer] ?? []).map(normalise)
    differences.push(...layerDifferences(ours, theirs, reported, adapterCase.adds ?? []))
  }
  return differences
}

function layerDifferences(
  written: readonly AnnotationDraft[],
  read: readonly AnnotationDraft[],
  reported: ReadonlySet<string>,
  adds: readonly string[],
): readonly string[] {
  const differences: string[] = []
  const left = [...read]
  for (const annotation of written) {
    // Reported differences must not make an annotation look like another one.
    const scored = left.map((other) =>
      other.type === annotation.type
        ? annotationDifferences(annotation, other, adds).filter((what) => !reported.has(what))
        : [`annotation: ${annotation.type}`],
    )
    const best = scored.reduce((at, found, index) => {
      return found.length < (scored[at]?.length ?? Infinity) ? index : at
    }, 0)
    const found = scored[best]
    // Where annotations of its type were reported lost, it is one of them unless it is there as it was.
    const isLost = reported.has(`annotation: ${annotation.type}`) && found?.length !== 0
    if (found === undefined || isLost || found.includes(`annotation: ${annotation.type}`)) {
      differences.push(`annotation: ${annotation.type}`)
      continue
    }
    left.splice(best, 1)
    differences.push(...found)
  }
  return [...differences, ...left.map(({ type }) => `annotation that nobody wrote: ${type}`)]
}

function annotationDifferences(
  written: AnnotationDraft,
  read: AnnotationDraft,
  adds: readonly string[],
): readonly string[] {
  if (written.type !== read.type) return [`annotation: ${written.type}`]
  const [ours, theirs] = [new Map(Object.entries(written)), new Map(Object.entries(read))]
  const differences: string[] = []
  for (const field of new Set([...ours.keys(), ...theirs.keys()])) {
    if (same(ours.get(field), theirs.get(field))) continue
    if (field === 'attributes') differences.push(...attributeDifferences(written, read))
    else if (ours.has(field) || !adds.includes(field)) differences.push(`field: ${field}`)
  }
  return differences
}

function attributeDifferences(written: AnnotationDraft, read: AnnotationDraft): readonly string[] {
  const [ours, theirs] = [written.attributes ?? {}, read.attributes ?? {}]
  return [...new Set([...Object.keys(ours), ...Object.keys(theirs)])]
    .filter((name) => !same(ours[name], theirs[name]))
    .map((name) => `attribute: ${name}`)
}

function unreportedCategories(
  written: Schema,
  read: Schema,
  losses: readonly string[],
): readonly string[] {
  const names = new Set(read.categories.map(({ name }) => name))
  const isLost = losses.includes('category')
  return written.categories.map(({ name }) => name).filter((name) => !isLost && !names.has(name))
}

async function readDamaged(
  adapter: FormatAdapter,
  generated: fc.Arbitrary<TestDataset>,
  variant: { readonly variant?: string },
  onError: 'fail' | 'skip',
): Promise<void> {
  const damage = fc.record({ at: fc.double({ min: 0, max: 1, noNaN: true }), file: fc.nat(), kind })
  await fc.assert(
    fc.asyncProperty(generated, damage, async (dataset, { at, file, kind: damageBytes }) => {
      const view = memoryDatasetView(dataset.schema, dataset.items)
      const { folder } = await writeAll(adapter, view, variant)
      const paths = [...folder.files.keys()].filter((path) => !folder.media.has(path))
      const path = paths[file % Math.max(1, paths.length)]
      if (path === undefined) return
      const bytes = folder.files.get(path) ?? new Uint8Array()
      folder.files.set(path, damageBytes(bytes, Math.floor(at * bytes.length)))
      try {
        await readAll(adapter, folder, { onError })
      } catch (error) {
        if (onError === 'skip' || !isDsvError(error)) throw error
      }
    }),
    { numRuns: 100 },
  )
}

/** Ways to damage bytes at an offset. */
const kind: fc.Arbitrary<(bytes: Uint8Array, at: number) => Uint8Array> = fc.oneof(
  fc.constant((bytes: Uint8Array, at: number) => bytes.subarray(0, at)),
  fc.uint8Array({ maxLength: 8 }).map((put) => (bytes: Uint8Array, at: number) => {
    return Buffer.concat([bytes.subarray(0, at), put, bytes.subarray(at + put.length)])
  }),
  fc
    .constantFrom('__proto__', '"', '{', '[', '-1', '1e999', 'NaN', 'null', '\0', '../', '\n', '<')
    .map((put) => (bytes: Uint8Array, at: number) => {
      return Buffer.concat([bytes.subarray(0, at), Buffer.from(put), bytes.subarray(at)])
    }),
  fc.uint8Array({ maxLength: 64 }).map((bytes) => () => bytes),
  fc.constantFrom('null', '[]', '{}', '0', '[[[[[[[[', '\ufeff', '{"a":1}').map((text) => () => {
    return Buffer.from(text)
  }),
)

/** A dataset, and the same with one item changed, added or removed. */
interface EditedDataset extends TestDataset {
  readonly after: readonly SourceItem[]
}

/** What came out, and what should have. */
interface Compared {
  readonly actual: unknown
  readonly expected: unknown
}

function editOne([dataset, choice]: [TestDataset, number]): EditedDataset {
  const { items } = dataset
  const index = choice % items.length
  const item = items[index]
  if (item === undefined) return { ...dataset, after: items }
  const others = items.filter((other) => other !== item)
  if (choice % 3 === 0) return { ...dataset, after: others }
  if (choice % 3 === 1) return { ...dataset, items: others, after: items }
  const layers = { ground_truth: (item.layers['ground_truth'] ?? []).slice(1) }
  return { ...dataset, after: items.map((other) => (other === item ? { ...item, layers } : other)) }
}

async function writeEdited(
  adapter: FormatAdapter,
  dataset: EditedDataset,
  variant: { readonly variant?: string },
): Promise<Compared> {
  const { schema } = dataset
  const { folder, layout } = await writeAll(
    adapter,
    memoryDatasetView(schema, dataset.items),
    variant,
  )
  const before = memoryDatasetView(schema, dataset.items, layout)
  const after = memoryDatasetView(schema, dataset.after, layout)
  const expected = await writeAll(adapter, after, variant)
  const edits = await editsBetween(before, after)
  const untouched = annotationFiles(folder)
  const context = writeContext([], variant)
  const removed = await adapter.writeChanged?.(after, edits, folder, context)
  if (removed === undefined) return { actual: annotationFiles(folder), expected: untouched }
  for (const path of removed) folder.files.delete(path)
  return { actual: annotationFiles(folder), expected: annotationFiles(expected.folder) }
}

/** The files that `writeChanged` makes of files whose reading gave the dataset before. */
async function spliceEdited(
  adapter: FormatAdapter,
  { schema, items, after }: EditedDataset,
  variant: { readonly variant?: string },
): Promise<Compared> {
  const { folder } = await writeAll(adapter, memoryDatasetView(schema, items), variant)
  const read = await readAll(adapter, folder)
  const before = memoryDatasetView(read.schema, read.items, read.layout)
  const known = new Map(read.items.map((item) => [keyText(item), item]))
  const wanted = after.map((item) => {
    const old = known.get(keyText(item))
    if (old === undefined || items.includes(item)) return old ?? item
    const layers = { ground_truth: (old.layers['ground_truth'] ?? []).slice(1) }
    return { ...old, layers }
  })
  const now = memoryDatasetView(read.schema, wanted, read.layout)
  const expected = await writeAll(adapter, now)
  const untouched = annotationFiles(folder)
  const folderBefore = memoryFolder(folder.files)
  const context = { ...writeContext([], {}), folderBefore }
  const edits = await editsBetween(before, now)
  const removed = await adapter.writeChanged?.(now, edits, folder, context)
  if (removed === undefined) return { actual: annotationFiles(folder), expected: untouched }
  for (const path of removed) folder.files.delete(path)
  return { actual: annotationFiles(folder), expected: annotationFiles(expected.folder) }
}

async function readEdited(
  adapter: FormatAdapter,
  dataset: EditedDataset,
  variant: { readonly variant?: string },
): Promise<Compared> {
  const { schema } = dataset
  const first = await writeAll(adapter, memoryDatasetView(schema, dataset.items), variant)
  const before = await readAll(adapter, first.folder)
  const second = await writeAll(
    adapter,
    memoryDatasetView(schema, dataset.after, first.layout),
    variant,
  )
  const view = memoryDatasetView(before.schema, before.items, before.layout)
  const { context } = readContext(second.folder)
  const changed = changedPaths(first.folder, second.folder)
  const filesBefore = { folder: first.folder, changed, edited: [] }
  const patch = await adapter.readChanged?.(second.folder, changed, view, {
    ...context,
    filesBefore,
  })
  if (patch === undefined) return { actual: undefined, expected: undefined }
  const patched = new Map(before.items.map((item) => [keyText(item), item]))
  for (const key of patch.removed) patched.delete(keyText(key))
  for await (const item of patch.items) patched.set(keyText(item), item)
  const expected = await readAll(adapter, second.folder)
  return {
    actual: { items: byKey([...patched.values()]), layout: patch.layout ?? expected.layout },
    expected: { items: byKey(expected.items), layout: expected.layout },
  }
}

async function editsBetween(before: DatasetView, after: DatasetView): Promise<readonly ItemEdit[]> {
  const [ours, theirs] = await Promise.all([itemsOf(before), itemsOf(after)])
  const old = new Map(ours.map((item) => [keyText(item), item]))
  const edits: ItemEdit[] = []
  for (const item of theirs) {
    const was: AnnotatedItem | undefined = old.get(keyText(item))
    old.delete(keyText(item))
    if (!same(was, item)) edits.push({ before: was, after: item })
  }
  return [...edits, ...[...old.values()].map((item) => ({ before: item, after: undefined }))]
}

/** Paths of files that are edited, new or gone. */
export function changedPaths(before: MemoryFolder, after: MemoryFolder): readonly string[] {
  const paths = new Set([...before.files.keys(), ...after.files.keys()])
  return [...paths]
    .filter((path) => {
      const [ours, theirs] = [before.files.get(path), after.files.get(path)]
      return ours === undefined || theirs === undefined || Buffer.compare(ours, theirs) !== 0
    })
    .toSorted()
}

function byKey(items: readonly SourceItem[]): Readonly<Record<string, SourceItem>> {
  return Object.fromEntries(items.map((item) => [keyText(item), item]))
}

function withoutUid(annotation: AnnotationDraft): AnnotationDraft {
  const { uid: _, ...draft } = { uid: '', ...annotation }
  return draft
}

function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(sorted(a)) === JSON.stringify(sorted(b))
}

/** The value with the keys of its objects in order. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).map(([key, inner]) => [key, sorted(inner)] as const)
  return Object.fromEntries(entries.toSorted(([a], [b]) => (a < b ? -1 : 1)))
}
