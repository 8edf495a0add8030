import { createHash } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import {
  add,
  type AnnotationDraft,
  type DatasetRecord,
  decodeAnnotations,
  decodeDataset,
  decodeItem,
  type Folder,
  GROUND_TRUTH,
  type Json,
  type MediaSource,
  type Repository,
  type Schema,
  status,
} from '@dsv/core'
import { builtInFormats, diskFolder, diskWriter, probeMedia } from '@dsv/formats'
import { scanTree } from '@dsv/store'
import { expect } from '@jest/globals'
import type { Workspace } from './open-workspace.ts'
import { type Street, streetFiles, type StreetFormat } from './street-dataset.ts'

/** All that a dataset says, without the names that dsv alone gives (uids, keys). */
export interface Meaning {
  readonly categories: readonly Json[]
  readonly info: Json
  readonly items: Readonly<Record<string, Json>>
}

/**
 * Fails unless the files on disk, the stage and the stored dataset agree: nothing is left to add, a
 * fresh read of the files gives what is stored, and so does a full read into the stored dataset.
 */
export async function expectAgreement(workspace: Workspace): Promise<void> {
  const { repository, folder } = workspace
  const { unstaged, untracked } = await status(repository)
  expect({ unstaged, untracked }).toEqual({ unstaged: [], untracked: [] })
  const { stage } = (await repository.state()).work
  const found = await add(repository, { paths: [''] })
  expect(found).toMatchObject({ added: 0, modified: 0, removed: 0, datasets: [] })
  for (const [root, id] of stage.datasets) {
    const dataset = decodeDataset(await repository.store.objects.getObject('dataset', id))
    const read = await readMeaning(path.join(folder, root), dataset.format)
    const stored = await storedMeaning(repository, dataset)
    const remembered = withoutUnused(stored, read.meaning)
    expect(read.meaning).toEqual(remembered)
    expect(dataset.origin).toBe('read')
    if (remembered !== stored) continue
    expect(withoutStyle(read.layout)).toEqual(withoutStyle(dataset.layout))
    if (!isDeepStrictEqual(read.layout, dataset.layout)) continue
    const again = await add(repository, { paths: [root], format: dataset.format })
    expect(again.datasets.map((each) => each.id)).toEqual([id])
  }
  const after = (await repository.state()).work.stage
  expect(after.files).toEqual(stage.files)
}

/**
 * Leaves out bare names that nothing uses any more and that a fresh read does not find: of formats
 * without a list of categories a merge cannot know that the last use went.
 */
function withoutUnused(stored: Meaning, read: Meaning): Meaning {
  const used = JSON.stringify(Object.values(stored.items))
  const categories = stored.categories.filter((category) => {
    const isRead = read.categories.some((each) => isDeepStrictEqual(each, category))
    const { name, ...rest } = category as Readonly<Record<string, Json>>
    const isBare = Object.keys(rest).length === 0
    return isRead || !isBare || used.includes(`"category":${JSON.stringify(name)}`)
  })
  return categories.length === stored.categories.length ? stored : { ...stored, categories }
}

/** How many digits YOLO numbers have is seen in all files together: reading a few does not update it. */
function withoutStyle(layout: Json): Json {
  if (typeof layout !== 'object' || layout === null || Array.isArray(layout)) return layout
  return Object.fromEntries(Object.entries(layout).filter(([name]) => name !== 'decimals'))
}

/** Reads what the files of a dataset mean. */
export async function readMeaning(
  folder: string,
  format: string,
): Promise<{ meaning: Meaning; layout: Json }> {
  const files = diskFolder(folder)
  const adapter = await builtInFormats.load(format)
  const { schema, layout, items } = await adapter.read(files, readContext(files))
  const read: Record<string, Json> = {}
  for await (const { layers, media, subset, id, ...rest } of items) {
    const annotations = (layers[GROUND_TRUTH] ?? []).map((each) => plain(each, schema))
    read[`${subset}/${id}`] = json({ ...rest, media: media.map(bareMedia), annotations })
  }
  return { meaning: { ...schemaMeaning(schema), items: read }, layout }
}

function readContext(
  files: Folder,
): Parameters<Awaited<ReturnType<typeof builtInFormats.load>>['read']>[1] {
  return {
    signal: new AbortController().signal,
    onLoss: () => {},
    onError: 'fail',
    onProblem: () => {},
    probe: async (file) => probeMedia(files, file),
  }
}

/** Returns what a stored dataset means. */
export async function storedMeaning(
  repository: Repository,
  dataset: DatasetRecord,
): Promise<Meaning> {
  const { objects } = repository.store
  const annotations = new Map<string, readonly Json[]>()
  const layer = dataset.layers.get(GROUND_TRUTH)
  if (layer !== undefined)
    for await (const entry of scanTree(objects, layer))
      annotations.set(
        Buffer.from(entry.key).toString(),
        decodeAnnotations(entry).map(({ uid: _uid, ...each }) => plain(each, dataset.schema)),
      )
  const items: Record<string, Json> = {}
  for await (const entry of scanTree(objects, dataset.items)) {
    const { subset, id, media, ...rest } = decodeItem(entry)
    items[`${subset}/${id}`] = json({
      ...rest,
      media: media.map(({ blob: _blob, sizeBytes: _size, ...each }) => bareMedia(each)),
      annotations: annotations.get(Buffer.from(entry.key).toString()) ?? [],
    })
  }
  return { ...schemaMeaning(dataset.schema), items }
}

function schemaMeaning({ categories, info }: Schema): Pick<Meaning, 'categories' | 'info'> {
  const nameOf = (key: string | undefined): string | undefined =>
    categories.find((each) => each.key === key)?.name
  return {
    categories: categories.map(({ key: _key, parent, ...rest }) =>
      json({ ...rest, ...(parent !== undefined && { parent: nameOf(parent) }) }),
    ),
    info,
  }
}

function plain(annotation: AnnotationDraft, { categories }: Schema): Json {
  const category = categories.find(({ key }) => key === annotation.category)?.name ?? 'UNKNOWN'
  return json({ ...annotation, category })
}

function bareMedia(media: MediaSource): Json {
  return json({ ...media })
}

function json(value: unknown): Json {
  return JSON.parse(JSON.stringify(value)) as Json
}

/**
 * Returns one line for each picture and each box, and one for the categories: what a person would
 * compare. Order, ids and places of files are left out.
 */
export async function linesOf(folder: string, format: string): Promise<readonly string[]> {
  const files = diskFolder(folder)
  const adapter = await builtInFormats.load(format)
  const { schema, items } = await adapter.read(files, readContext(files))
  const lines: string[] = []
  for await (const item of items) {
    const bytes = item.media[0] === undefined ? undefined : await files.read(item.media[0].path)
    const key = `${item.subset}/${item.id}`
    lines.push(`${key} pixels ${bytes === undefined ? 'none' : digestOf(bytes)}`)
    for (const each of item.layers[GROUND_TRUTH] ?? []) {
      const name = schema.categories.find((category) => category.key === each.category)?.name
      const place =
        each.type === 'box'
          ? [each.x, each.y, each.width, each.height].map((at) => Math.round(at * 100) / 100)
          : each.type
      lines.push(`${key} ${name} ${String(place)}`)
    }
  }
  const names = schema.categories.map(({ name }) => name).toSorted()
  return [`categories ${names.join()}`, ...lines.toSorted()]
}

function digestOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex').slice(0, 8)
}

/** Returns the lines of a dataset that is written to a folder of its own. */
export async function linesOfStreet(
  format: StreetFormat,
  street: Street,
): Promise<readonly string[]> {
  const folder = await mkdtemp(path.join(tmpdir(), 'dsv-e2e-'))
  try {
    const writer = diskWriter(folder)
    for (const [file, content] of streetFiles(format, street))
      await writer.write(file, Buffer.from(content))
    return await linesOf(folder, format)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
