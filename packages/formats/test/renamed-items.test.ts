import { describe, expect, it } from '@jest/globals'
import type { AnnotatedItem, FormatAdapter, ItemEdit, Json, Schema } from '@dsv/core'
import { formatNames, loadAdapter, probeMedia } from '@dsv/formats'
import { readContext, readAll, writeContext } from './adapter-contract.ts'
import { itemsOf, memoryDatasetView } from './dataset-view.ts'
import { memoryFolder, type MemoryFolder } from './memory-folder.ts'

/** Items whose images tell each other apart by their width. */
const WIDTHS: Readonly<Record<string, number>> = { a: 11, ab: 12, b: 13 }

const SCHEMA: Schema = {
  categories: [
    { key: 'cat', name: 'cat' },
    { key: 'dog', name: 'dog' },
  ],
  attributes: [],
  info: {},
}

const RENAMES: Readonly<Record<string, (id: string) => string>> = {
  'with something behind': (id) => `${id}x`,
  'so that they change places': (id) => ({ a: 'ab', ab: 'b', b: 'a' })[id] ?? id,
  'into numbers': (id) => String(Object.keys(WIDTHS).indexOf(id) + 1),
}

/** A dataset as it was written and read. */
interface Stored {
  readonly folder: MemoryFolder
  readonly schema: Schema
  readonly layout: Json
  readonly items: readonly AnnotatedItem[]
}

const stored = new Map<string, Stored>()
for (const name of formatNames) {
  const adapter = await loadAdapter(name)
  if (adapter.format.canWrite === false) continue
  const found = await storedIn(adapter).catch(() => undefined)
  if (found !== undefined) stored.set(name, found)
}

describe('items that are renamed', () => {
  it('are tested in the formats that tell items by the names of their images', () => {
    const usual = ['coco', 'cvat', 'datumaro', 'voc', 'yolo']
    expect([...stored.keys()]).toEqual(expect.arrayContaining(usual))
  })

  const cases = [...stored.keys()].flatMap((name) =>
    Object.keys(RENAMES).map((how) => [name, how] as const),
  )
  it.each(cases)('have their images still in %s: %s', async (name, how) => {
    const before = stored.get(name)
    const rename = RENAMES[how]
    if (before === undefined || rename === undefined) throw new Error('not stored')
    const wanted = Object.fromEntries(
      Object.entries(WIDTHS).map(([id, width]) => [rename(id), width]),
    )
    const adapter = await loadAdapter(name)
    const items = before.items.map((item) => ({ ...item, id: rename(item.id) }))
    const view = memoryDatasetView(before.schema, items, before.layout)
    const whole = memoryFolder()
    await adapter.write(view, whole, writeContext([]))
    expect(await widthsIn(adapter, whole)).toEqual(wanted)
    const part = memoryFolder(before.folder.files)
    const gone = await adapter.writeChanged?.(view, editsOf(before.items, items), part, {
      ...writeContext([]),
      folderBefore: before.folder,
    })
    if (gone === undefined) return
    for (const path of gone) part.files.delete(path)
    expect(await widthsIn(adapter, part)).toEqual(wanted)
  })
})

async function storedIn(adapter: FormatAdapter): Promise<Stored | undefined> {
  const folder = memoryFolder()
  await adapter.write(memoryDatasetView(SCHEMA, sample()), folder, writeContext([]))
  const { schema, layout, items } = await readAll(adapter, folder)
  const view = memoryDatasetView(schema, items, layout)
  const widths = await widthsIn(adapter, folder)
  const isHeld = JSON.stringify(sorted(widths)) === JSON.stringify(sorted(WIDTHS))
  return isHeld ? { folder, schema, layout, items: await itemsOf(view) } : undefined
}

function sample(): readonly AnnotatedItem[] {
  return Object.entries(WIDTHS).map(([id, width], at) => ({
    subset: 'train',
    id,
    media: [
      { role: 'primary', kind: 'image', path: `images/${id}.png`, width, height: 9, channels: 3 },
    ],
    layers: {
      ground_truth: [
        {
          uid: 'u',
          type: 'box',
          category: at === 1 ? 'dog' : 'cat',
          x: 1,
          y: 1,
          width: 4,
          height: 4,
        },
      ],
    },
  }))
}

/** The width of the image of each item, as its file has it. */
async function widthsIn(
  adapter: FormatAdapter,
  folder: MemoryFolder,
): Promise<Readonly<Record<string, number | undefined>>> {
  const { context } = readContext(folder)
  const stream = await adapter.read(folder, context)
  const widths: Record<string, number | undefined> = {}
  for await (const { id, media } of stream.items) {
    const path = media[0]?.path
    const inside = await media[0]?.content?.()
    const info =
      inside === undefined && path !== undefined && folder.files.has(path)
        ? await probeMedia(folder, path)
        : undefined
    widths[id] = inside === undefined ? info?.width : media[0]?.width
  }
  return widths
}

function sorted(values: Readonly<Record<string, unknown>>): readonly unknown[] {
  return Object.entries(values).toSorted(([a], [b]) => (a < b ? -1 : 1))
}

function editsOf(
  before: readonly AnnotatedItem[],
  after: readonly AnnotatedItem[],
): readonly ItemEdit[] {
  const ids = [...new Set([...before, ...after].map(({ id }) => id))].toSorted()
  return ids.map((id) => ({
    before: before.find((item) => item.id === id),
    after: after.find((item) => item.id === id),
  }))
}
