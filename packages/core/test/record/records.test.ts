import {
  compareItemKeys,
  decodeAnnotations,
  decodeCommit,
  decodeDataset,
  decodeFile,
  decodeItem,
  decodeItemKey,
  decodePath,
  decodeTag,
  encodeAnnotations,
  encodeCommit,
  encodeDataset,
  encodeFile,
  encodeItem,
  encodeItemKey,
  encodeTag,
  FIELD_NAMES,
  isAnnotation,
  isAnnotationDraft,
  MAX_ITEM_KEY_BYTES,
  subsetRange,
} from '@dsv/core'
import { isDsvError, type TreeEntry } from '@dsv/store'
import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import {
  annotationDraft,
  annotations,
  blobId,
  finite,
  item,
  itemKey,
  objectId,
  schema,
  text,
  treeRef,
} from '../arbitraries.ts'

const signature = fc.record({
  name: text,
  email: text,
  timeSeconds: fc.integer(),
  tzMinutes: fc.integer({ min: -840, max: 840 }),
})

function entry(value: Uint8Array): TreeEntry {
  return { key: Buffer.from('a\0b'), value, links: [] }
}

/** Returns what a decoder throws, unless it is an error of ours. */
function foreignError(decode: (bytes: Uint8Array) => unknown, bytes: Uint8Array): unknown {
  try {
    decode(bytes)
    return undefined
  } catch (error) {
    return isDsvError(error) ? undefined : error
  }
}

describe('encodeItemKey', () => {
  it('is undone by decodeItemKey, up to Unicode composition', () => {
    fc.assert(
      fc.property(itemKey, (key) => {
        expect(decodeItemKey(encodeItemKey(key))).toEqual(key)
      }),
    )
    const key = encodeItemKey({ subset: 'train', id: 'cafe\u0301' })
    expect(decodeItemKey(key)).toEqual({ subset: 'train', id: 'caf\u00e9' })
  })

  it('orders by subset first, though one subset begins like another', () => {
    expect(compareItemKeys({ subset: 'a', id: 'z' }, { subset: 'a!', id: 'a' })).toBeLessThan(0)
    expect(compareItemKeys({ subset: 'a', id: 'z' }, { subset: 'a', id: 'z' })).toBe(0)
  })

  it('puts all items of a subset into its range and no other', () => {
    const { from, to } = subsetRange('val')
    const inside = Buffer.from(encodeItemKey({ subset: 'val', id: '\u{10ffff}' }))
    const outside = Buffer.from(encodeItemKey({ subset: 'val2', id: 'a' }))
    expect(inside.compare(from ?? inside)).toBe(1)
    expect(inside.compare(to ?? inside)).toBe(-1)
    expect(outside.compare(to ?? outside)).toBe(1)
  })

  it.each([
    ['an empty id', { subset: 'train', id: '' }],
    ['a NUL in the id', { subset: 'train', id: 'a\0b' }],
    ['a NUL in the subset', { subset: '\0', id: 'a' }],
    ['half a character', { subset: 'train', id: '\ud800' }],
    ['too many bytes', { subset: '', id: 'x'.repeat(MAX_ITEM_KEY_BYTES) }],
  ])('refuses %s', (_name, key) => {
    expect(() => encodeItemKey(key)).toThrow(
      expect.objectContaining({ code: 'DSV_ITEM_KEY_INVALID' }),
    )
  })

  it('takes the longest key', () => {
    const id = 'x'.repeat(MAX_ITEM_KEY_BYTES - 1)
    expect(encodeItemKey({ subset: '', id })).toHaveLength(MAX_ITEM_KEY_BYTES)
  })
})

describe('encodeItem', () => {
  it('is undone by decodeItem', () => {
    fc.assert(
      fc.property(item, (value) => {
        expect(decodeItem(encodeItem(value))).toEqual(value)
      }),
    )
  })

  it('keeps the spelling that the key does not', () => {
    const value = { subset: 'train', id: 'cafe\u0301', media: [] }
    expect(decodeItem(encodeItem(value))).toEqual(value)
  })

  it('names each blob once', () => {
    const blob = fc.sample(blobId, 1)[0]
    if (blob === undefined) throw new Error('no sample')
    const medium = { role: 'primary', path: 'a', kind: 'image' as const, blob }
    const stored = encodeItem({ subset: '', id: 'a', media: [medium, medium] })
    expect(stored.links).toEqual([blob])
  })
})

describe('encodeAnnotations', () => {
  it('is undone by decodeAnnotations for every type', () => {
    fc.assert(
      fc.property(itemKey, annotations, (key, list) => {
        expect(decodeAnnotations(encodeAnnotations(key, list))).toEqual(list)
      }),
    )
  })

  it('keeps every float64 as it is', () => {
    fc.assert(
      fc.property(fc.array(finite), (values) => {
        const list = [{ uid: 'u', type: 'vector' as const, values }]
        expect(decodeAnnotations(encodeAnnotations({ subset: '', id: 'a' }, list))).toEqual(list)
      }),
    )
  })

  it('gives the same bytes whatever the order of fields', () => {
    const key = { subset: '', id: 'a' }
    const box = { uid: 'u', type: 'box' as const, x: 1, y: 2, width: 3, height: 4 }
    const reversed = { height: 4, width: 3, y: 2, x: 1, type: 'box' as const, uid: 'u' }
    expect(encodeAnnotations(key, [reversed])).toEqual(encodeAnnotations(key, [box]))
  })

  it('has one short name for each field', () => {
    expect(new Set(FIELD_NAMES.values()).size).toBe(FIELD_NAMES.size)
  })
})

describe('encodeDataset', () => {
  it('is undone by decodeDataset', () => {
    const dataset = fc.record({
      schema,
      format: fc.constantFrom('coco', 'voc'),
      layout: fc.constantFrom(null, { root: 'images' }),
      origin: fc.constantFrom('read' as const, 'rendered' as const),
      items: treeRef,
      layers: fc.array(fc.tuple(text, treeRef)).map((layers) => new Map(layers)),
    })
    fc.assert(
      fc.property(dataset, (value) => {
        expect(decodeDataset(encodeDataset(value))).toEqual(value)
      }),
    )
  })
})

describe('encodeCommit', () => {
  it('is undone by decodeCommit', () => {
    const commit = fc.record({
      files: treeRef,
      datasets: fc.array(fc.tuple(text, objectId)).map((datasets) => new Map(datasets)),
      parents: fc.array(objectId, { maxLength: 3 }),
      author: signature,
      committer: signature,
      message: text,
      extra: fc.constantFrom({}, { lineage: { step: 'infer' } }),
    })
    fc.assert(
      fc.property(commit, (value) => {
        expect(decodeCommit(encodeCommit(value))).toEqual(value)
      }),
    )
  })
})

describe('encodeTag', () => {
  it('is undone by decodeTag', () => {
    fc.assert(
      fc.property(
        fc.record({ target: objectId, name: text, tagger: signature, message: text }),
        (tag) => {
          expect(decodeTag(encodeTag(tag))).toEqual(tag)
        },
      ),
    )
  })
})

describe('encodeFile', () => {
  it('is undone by decodeFile and decodePath', () => {
    const file = fc.oneof(
      fc.record({
        type: fc.constantFrom('file' as const, 'executable' as const),
        blob: blobId,
        sizeBytes: fc.maxSafeNat(),
        role: fc.constantFrom('none' as const, 'annotation' as const, 'media' as const),
      }),
      fc.record({ type: fc.constant('symlink' as const), target: text }),
      fc.record({ type: fc.constant('empty-folder' as const) }),
    )
    fc.assert(
      fc.property(text, file, (path, value) => {
        const stored = encodeFile(path, value)
        expect([decodePath(stored.key), decodeFile(stored)]).toEqual([path, value])
      }),
    )
  })
})

describe('decoding', () => {
  const decoders: readonly ((bytes: Uint8Array) => unknown)[] = [
    (bytes) => decodeItem(entry(bytes)),
    (bytes) => decodeAnnotations(entry(bytes)),
    (bytes) => decodeFile(entry(bytes)),
    (bytes) => decodeDataset({ links: [], payload: bytes }),
    (bytes) => decodeCommit({ links: [], payload: bytes }),
    (bytes) => decodeTag({ links: [], payload: bytes }),
    (bytes) => decodeItemKey(bytes),
    (bytes) => decodePath(bytes),
  ]
  it('of any bytes returns or throws an error of ours', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 64 }),
        fc.constantFrom(...decoders),
        (bytes, decode) => {
          expect(foreignError(decode, bytes)).toBeUndefined()
        },
      ),
    )
  })

  it('of a damaged record returns or throws an error of ours', () => {
    fc.assert(
      fc.property(annotations, fc.nat(), fc.nat(255), (list, place, byte) => {
        const { value } = encodeAnnotations({ subset: '', id: 'a' }, list)
        const damaged = Uint8Array.from(value)
        damaged[place % damaged.length] = byte
        for (const decode of decoders) expect(foreignError(decode, damaged)).toBeUndefined()
      }),
    )
  })

  it('says when a link is not there', () => {
    const commit = {
      files: { root: undefined, count: 0, sizeBytes: 0 },
      datasets: new Map(),
      parents: fc.sample(objectId, 1),
      author: { name: '', email: '', timeSeconds: 0, tzMinutes: 0 },
      committer: { name: '', email: '', timeSeconds: 0, tzMinutes: 0 },
      message: '',
      extra: {},
    }
    const { payload } = encodeCommit(commit)
    expect(() => decodeCommit({ links: [], payload })).toThrow(
      expect.objectContaining({ code: 'DSV_RECORD_MALFORMED' }),
    )
  })
})

describe('isAnnotation', () => {
  it('holds for annotations, isAnnotationDraft for drafts, neither for the other', () => {
    fc.assert(
      fc.property(annotationDraft, (draft) => {
        const annotation = { ...draft, uid: 'u' }
        expect([isAnnotation(annotation), isAnnotationDraft(draft)]).toEqual([true, true])
        expect([isAnnotation(draft), isAnnotationDraft(annotation)]).toEqual([false, false])
      }),
    )
  })

  it.each([
    ['a field of another type', { uid: 'u', type: 'label', x: 1 }],
    ['a missing field', { uid: 'u', type: 'box', x: 1, y: 1, width: 1 }],
    ['a field of the wrong shape', { uid: 'u', type: 'caption', text: 5 }],
    ['an unknown type', { uid: 'u', type: 'constructor' }],
  ])('refuses %s', (_name, value) => {
    expect(isAnnotation(value)).toBe(false)
  })
})
