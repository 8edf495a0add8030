import fc from 'fast-check'
import {
  type AnyId,
  buildTree,
  type KeyRange,
  memoryObjectStore,
  type ObjectStore,
  scanTree,
  toBlobId,
  type TreeEdit,
  type TreeEntry,
  type TreeRef,
  type TreeSettings,
} from '@dsv/store'

/** Nodes of some 256 bytes, so that a few dozen entries make several levels. */
export const TINY: TreeSettings = { unitBytes: 1, inlineBytes: 40 }

/** What a tree should hold: text of the key to entry. */
export type Model = ReadonlyMap<string, TreeEntry>

export function keyOf(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text))
}

export function entryOf(key: string, value: string, links: readonly AnyId[] = []): TreeEntry {
  return { key: keyOf(key), value: keyOf(value), links }
}

/** Returns `count` entries in order, with values of `valueBytes`. */
export function manyEntries(count: number, valueBytes = 12): TreeEntry[] {
  return Array.from({ length: count }, (_, index) =>
    entryOf(`k${String(index).padStart(7, '0')}`, String(index).padEnd(valueBytes, '.')),
  )
}

export function sortedEntries(model: Model): TreeEntry[] {
  return [...model.values()].toSorted((a, b) => Buffer.compare(a.key, b.key))
}

export async function buildModel(store: ObjectStore, model: Model): Promise<TreeRef> {
  return buildTree(store, sortedEntries(model), TINY)
}

export function applyToModel(model: Model, edits: readonly TreeEdit[]): Model {
  const result = new Map(model)
  for (const { key, entry } of edits) {
    const text = Buffer.from(key).toString()
    if (entry === undefined) result.delete(text)
    else result.set(text, entry)
  }
  return result
}

export async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const item of items) all.push(item)
  return all
}

export async function entriesOf(
  store: ObjectStore,
  tree: TreeRef,
  range?: KeyRange,
): Promise<TreeEntry[]> {
  return collect(scanTree(store, tree, range))
}

/** A memory store that counts the nodes read and written. */
export interface CountingStore extends ObjectStore {
  readonly read: string[]
  readonly written: string[]
}

/** Wraps a store; a new wrapper has an empty node cache. */
export function countingStore(inner: ObjectStore = memoryObjectStore()): CountingStore {
  const read: string[] = []
  const written: string[] = []
  return {
    ...inner,
    read,
    written,
    getObject: (kind, id) => {
      read.push(id)
      return inner.getObject(kind, id)
    },
    putObject: async (kind, object) => {
      const id = await inner.putObject(kind, object)
      written.push(id)
      return id
    },
  }
}

/** Few keys, so that sides collide; long ones, long values and links among them. */
const keyArbitrary = fc.oneof(
  { weight: 8, arbitrary: fc.integer({ min: 0, max: 150 }).map((n) => `train/${n}`) },
  { weight: 1, arbitrary: fc.constantFrom('', 'a', 'zz', 'train/', 'é', 'k'.repeat(1024)) },
)
const linkArbitrary = fc.constantFrom('1', '2', 'f').map((digit) => toBlobId(digit.repeat(64)))
const valueArbitrary = fc.oneof(
  { weight: 6, arbitrary: fc.string({ maxLength: 12 }) },
  { weight: 1, arbitrary: fc.constantFrom('v'.repeat(40), 'w'.repeat(41), 'x'.repeat(300)) },
)
const entryArbitrary = fc
  .tuple(keyArbitrary, valueArbitrary, fc.array(linkArbitrary, { maxLength: 2 }))
  .map(([key, value, links]) => entryOf(key, value, links))

export const modelArbitrary: fc.Arbitrary<Model> = fc
  .array(entryArbitrary, { maxLength: 120, size: 'max' })
  .map((entries) => new Map(entries.map((entry) => [Buffer.from(entry.key).toString(), entry])))

export const editsArbitrary: fc.Arbitrary<TreeEdit[]> = fc
  .array(fc.tuple(entryArbitrary, fc.boolean()), { maxLength: 40, size: 'max' })
  .map((pairs) => {
    const byKey = new Map<string, TreeEdit>()
    for (const [entry, keeps] of pairs) {
      const edit = { key: entry.key, entry: keeps ? entry : undefined }
      byKey.set(Buffer.from(entry.key).toString(), edit)
    }
    return [...byKey.values()].toSorted((a, b) => Buffer.compare(a.key, b.key))
  })

export const rangeArbitrary: fc.Arbitrary<KeyRange> = fc
  .tuple(fc.option(keyArbitrary), fc.option(keyArbitrary))
  .map(([from, to]) => ({
    ...(from === null ? {} : { from: keyOf(from) }),
    ...(to === null ? {} : { to: keyOf(to) }),
  }))

export function inRange({ key }: { readonly key: Uint8Array }, { from, to }: KeyRange): boolean {
  if (from !== undefined && Buffer.compare(key, from) < 0) return false
  return to === undefined || Buffer.compare(key, to) < 0
}
