import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import {
  getEntry,
  isDsvError,
  memoryObjectStore,
  type StoredObject,
  toBlobId,
  toObjectId,
} from '@dsv/store'
import { decodeNode } from '../../src/tree/decode-node.ts'
import { encodeInternal, encodeLeaf } from '../../src/tree/encode-node.ts'
import { nodeChild, nodeEntry } from '../../src/tree/node.ts'
import { entryOf, keyOf, modelArbitrary, sortedEntries } from './tree-model.ts'

const NODE_ID = toObjectId('0'.repeat(64))

const leafArbitrary = modelArbitrary
  .filter((model) => model.size > 0)
  .map((model) => sortedEntries(model).map((entry) => ({ ...entry, isIndirect: false })))

describe('decodeNode', () => {
  it('gives back the entries of a leaf', () => {
    fc.assert(
      fc.property(leafArbitrary, fc.nat(), (inline, pick) => {
        const entries = inline.map((entry, at) =>
          at === pick % inline.length
            ? { key: entry.key, value: new Uint8Array(0), links: [BLOB], isIndirect: true }
            : entry,
        )
        const node = decodeNode(NODE_ID, encodeLeaf(entries))
        expect(entries.map((_, at) => nodeEntry(node, at))).toEqual(entries)
        expect(node.count).toBe(entries.length)
      }),
    )
  })

  it('gives back the children of an internal node', () => {
    fc.assert(
      fc.property(leafArbitrary, fc.nat({ max: 2 ** 30 }), (entries, count) => {
        const children = entries.map(({ key }, at) => {
          return { id: NODE_ID, level: 2, key, count: count + at, sizeBytes: count * 300 }
        })
        const node = decodeNode(NODE_ID, encodeInternal(3, children))
        expect(children.map((_, at) => nodeChild(node, at))).toEqual(children)
      }),
    )
  })

  it('reads one spelling only: what it accepts is encoded to the same bytes', () => {
    fc.assert(
      fc.property(
        leafArbitrary,
        fc.nat(),
        fc.nat({ max: 255 }),
        fc.constantFrom('replace', 'cut', 'insert'),
        (entries, place, byte, how) => {
          const { links, payload } = encodeLeaf(entries)
          const damaged = damage(payload, place % (payload.length + 1), byte, how)
          const object = { links, payload: damaged }
          expect(decodedAndEncoded(object)).toEqual(object)
        },
      ),
      { numRuns: 500 },
    )
  })

  it('answers any bytes with an error or a node', () => {
    const object = fc.record({
      links: fc.array(fc.constant(toBlobId('1'.repeat(64))), { maxLength: 5 }),
      payload: fc
        .tuple(fc.constantFrom(0, 1, 2), fc.uint8Array({ maxLength: 30 }))
        .map(([level, rest]) => Uint8Array.from([1, level, ...rest])),
    })
    fc.assert(
      fc.property(object, (any) => {
        expect(decodedAndEncoded(any)).toEqual(any)
      }),
      { numRuns: 2000 },
    )
  })

  it.each([
    ['nothing', []],
    ['another version', [2, 0, 1, 0, 0, 0, 0]],
    ['no entries', [1, 0, 0, 0]],
    ['more entries than bytes', [1, 0, 0xff, 0xff, 0xff, 0x7f, 0, 0, 0, 0]],
    ['a terabyte of keys', [1, 0, 1, 0x80, 0x80, 0x80, 0x80, 0x80, 0x20, 0, 0, 0]],
    ['equal keys', [1, 0, 2, 2, 1, 97, 1, 0, 0, 0, 0, 0]],
    ['keys in the wrong order', [1, 0, 2, 2, 1, 98, 0, 1, 97, 0, 0, 0, 0]],
    ['a shared part that is too short', [1, 0, 2, 4, 2, 97, 97, 0, 2, 97, 98, 0, 0, 0, 0]],
    ['an indirect value without blob', [1, 0, 1, 1, 1, 97, 1, 0]],
    ['bytes behind the values', [1, 0, 1, 1, 1, 97, 0, 0, 9]],
    ['a child without link', [1, 1, 1, 1, 1, 97, 1, 1]],
  ])('refuses %s', (_, payload) => {
    expect(() => decodeNode(NODE_ID, { links: [], payload: Uint8Array.from(payload) })).toThrow(
      expect.objectContaining({ code: 'DSV_TREE_CORRUPT' }),
    )
  })
})

describe('reading a child', () => {
  const leaf = ['a', 'b'].map((key) => ({ ...entryOf(key, '1'), isIndirect: false }))
  const said = { level: 0, key: keyOf('b'), count: 2, sizeBytes: 8 }

  it.each([
    ['what its parent says', {}, undefined],
    ['another last key', { key: keyOf('c') }, 'DSV_TREE_CORRUPT'],
    ['another number of entries', { count: 3 }, 'DSV_TREE_CORRUPT'],
    ['another size', { sizeBytes: 9 }, 'DSV_TREE_CORRUPT'],
    ['another level', { level: 1 }, 'DSV_TREE_CORRUPT'],
  ])('finds %s', async (_, wrong, code) => {
    const store = memoryObjectStore()
    const id = await store.putObject('node', encodeLeaf(leaf))
    const child = { ...said, ...wrong, id }
    const root = await store.putObject('node', encodeInternal(child.level + 1, [child]))
    const tree = { root, count: child.count, sizeBytes: child.sizeBytes }
    const found = await getEntry(store, tree, keyOf('a')).catch((error: unknown) => error)
    expect(found).toMatchObject(code === undefined ? entryOf('a', '1') : { code })
  })
})

const BLOB = toBlobId('2'.repeat(64))

function damage(bytes: Uint8Array, at: number, byte: number, how: string): Uint8Array {
  if (how === 'cut') return bytes.slice(0, at)
  const rest = bytes.slice(how === 'insert' ? at : at + 1)
  return Uint8Array.from([...bytes.slice(0, at), byte, ...rest])
}

/** Encodes again what was decoded; an object that is refused comes back as it is. */
function decodedAndEncoded(object: StoredObject): StoredObject {
  try {
    const node = decodeNode(NODE_ID, object)
    const places = Array.from({ length: node.length }, (_, at) => at)
    if (node.level === 0) return encodeLeaf(places.map((at) => nodeEntry(node, at)))
    const children = places.map((at) => nodeChild(node, at))
    return encodeInternal(node.level, children)
  } catch (error) {
    if (isDsvError(error, 'DSV_TREE_CORRUPT')) return object
    throw error
  }
}
