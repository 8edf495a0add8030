import {
  type AnnotatedItem,
  type Annotation,
  type FormatAdapter,
  isEqual,
  type ItemEdit,
} from '@dsv/core'
import { loadAdapter } from '@dsv/formats'
import { describe, expect, it } from '@jest/globals'
import * as fc from 'fast-check'
import { readAll, writeContext } from '../adapter-contract.ts'
import { itemsOf, keyText, memoryDatasetView } from '../dataset-view.ts'
import { type MemoryFolder, memoryFolder } from '../memory-folder.ts'
import { bytesOf, choices, chooser, type Choose, madeUp } from './coco-folder.ts'

const coco: FormatAdapter = await loadAdapter('coco')

describe('writing a few edits into COCO files', () => {
  it('gives the files that writing all gives', async () => {
    const counts = { spliced: 0, whole: 0 }
    await fc.assert(
      fc.asyncProperty(choices, choices, async (first, second) => {
        const start = await asDsvWrites(memoryFolder(bytesOf(madeUp(chooser(first)))))
        if (start === undefined) return
        const { folder, schema, layout, items } = start
        const before = memoryDatasetView(schema, items, layout)
        const old = await itemsOf(before)
        const after = memoryDatasetView(schema, editedItems(old, chooser(second)), layout)
        const expected = await written(after)
        const spliced = memoryFolder(folder.files)
        const gone = await coco.writeChanged?.(after, edits(old, await itemsOf(after)), spliced, {
          ...writeContext([], {}),
          folderBefore: folder,
        })
        counts[gone === undefined ? 'whole' : 'spliced'] += 1
        for (const path of gone ?? []) spliced.files.delete(path)
        // Writing all puts images and members of records where they usually are: here they stay.
        const isUsual = isEqual(textsOf(await written(before)), textsOf(folder))
        const look = isUsual || gone === undefined ? textsOf : meaningOf
        expect(await look(spliced)).toEqual(await look(gone === undefined ? folder : expected))
      }),
      { numRuns: 150 },
    )
    // Many made-up datasets are in an order or use ids in a way that only a full write can tell.
    expect(counts.spliced).toBeGreaterThan(counts.whole / 4)
  })
})

/** What is read from a folder after dsv has written it; undefined when it cannot be read. */
async function asDsvWrites(
  made: MemoryFolder,
): Promise<(Awaited<ReturnType<typeof readAll>> & { readonly folder: MemoryFolder }) | undefined> {
  const read = await readAll(coco, made).catch(() => undefined)
  if (read === undefined) return undefined
  const folder = await written(
    memoryDatasetView(read.schema, withoutMissing(read.items, made), read.layout),
  )
  const again = await readAll(coco, folder)
  return { ...again, items: withoutMissing(again.items, folder), folder }
}

/** Writing places media that have bytes: those that the folder does not hold have none. */
function withoutMissing(
  items: Awaited<ReturnType<typeof readAll>>['items'],
  made: MemoryFolder,
): readonly AnnotatedItem[] {
  return items.map((item) => ({
    ...item,
    media: item.media.map((medium) =>
      made.files.has(medium.path) ? medium : { ...medium, blob: undefined },
    ),
  })) as unknown as readonly AnnotatedItem[]
}

async function written(view: Parameters<FormatAdapter['write']>[0]): Promise<MemoryFolder> {
  const folder = memoryFolder()
  await coco.write(view, folder, writeContext([], {}))
  return folder
}

/** What is said about the items of a folder. */
async function meaningOf(folder: MemoryFolder): Promise<unknown> {
  const { schema, items } = await readAll(coco, folder)
  return { schema, items: new Map(items.map((item) => [keyText(item), item.layers])) }
}

/** What the JSON files hold, and which images there are. */
function textsOf({ files }: MemoryFolder): Readonly<Record<string, string>> {
  return Object.fromEntries(
    [...files].map(([path, bytes]) => [
      path,
      path.endsWith('.json') ? Buffer.from(bytes).toString() : 'an image',
    ]),
  )
}

function edits(
  before: readonly AnnotatedItem[],
  after: readonly AnnotatedItem[],
): readonly ItemEdit[] {
  const old = new Map(before.map((item) => [keyText(item), item]))
  const now = new Map(after.map((item) => [keyText(item), item]))
  return [...new Set([...old.keys(), ...now.keys()])]
    .map((key) => ({ before: old.get(key), after: now.get(key) }))
    .filter(({ before: a, after: b }) => JSON.stringify(a) !== JSON.stringify(b))
}

/** The items after a few edits of any kind. */
function editedItems(items: readonly AnnotatedItem[], choose: Choose): readonly AnnotatedItem[] {
  let now = items
  for (let count = 1 + choose(3); count > 0; count -= 1) {
    const item = now[choose(now.length)]
    if (item === undefined) continue
    const changed = editedItem(item, choose)
    const isTaken = now.some(
      (other) => other !== item && keyText(other) === keyText(changed ?? item),
    )
    if (isTaken) continue
    const isAdded = choose(5) === 0
    const others = now.filter((other) => other !== item)
    if (isAdded) now = [...now, newItem(item, now, choose)]
    else now = changed === undefined ? others : [...others, changed]
  }
  return now
}

function newItem(
  like: AnnotatedItem,
  items: readonly AnnotatedItem[],
  choose: Choose,
): AnnotatedItem {
  const id = ['0', 'new', 'zz'].find((name) =>
    items.every((item) => keyText(item) !== keyText({ subset: like.subset, id: name })),
  )
  if (id === undefined) return like
  const media = like.media.map((medium) => ({ ...medium, path: `images/train/${id}.png` }))
  const { extra: _extra, ...rest } = like
  const annotations = choose(2) === 0 ? [] : withoutIds(like.layers['ground_truth'] ?? [])
  return { ...rest, id, media, layers: { ground_truth: annotations } }
}

function withoutIds(annotations: readonly Annotation[]): readonly Annotation[] {
  return annotations.map(({ sourceId: _sourceId, ...annotation }) => annotation)
}

function editedItem(item: AnnotatedItem, choose: Choose): AnnotatedItem | undefined {
  const list = [...(item.layers['ground_truth'] ?? [])]
  const at = choose(list.length)
  const chosen = list[at]
  switch (choose(7)) {
    case 0:
      return undefined
    case 1:
      list.splice(at, 1)
      break
    case 2:
      if (chosen !== undefined) list.push(...withoutIds([chosen]))
      break
    case 3:
      if (chosen !== undefined) list[at] = { ...chosen, score: choose(4) / 4 }
      break
    case 4:
      return { ...item, tags: [`seen ${choose(2)}`] }
    case 5:
      if (chosen !== undefined) list[at] = { ...chosen, category: choose(2) === 0 ? 'cat' : 'dog' }
      break
    default:
      return { ...item, subset: choose(2) === 0 ? 'train' : 'val' }
  }
  return { ...item, layers: { ...item.layers, ground_truth: list } }
}
