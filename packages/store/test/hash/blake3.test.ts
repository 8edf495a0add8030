import { afterAll, describe, expect, it } from '@jest/globals'
import {
  createBlobHasher,
  deriveKeyHash,
  hashBlob,
  hashObject,
  keyHash32,
  selectBlake3,
} from '@dsv/store'
import fc from 'fast-check'

import { openBlake3Engine } from '../../src/hash/blake3-engine.ts'

/**
 * The first 32 bytes of the official vectors (test_vectors.json of the BLAKE3 reference implementation):
 * input length, hash, derive_key. Two independent implementations agree on them.
 */
const VECTORS: readonly (readonly [number, string, string])[] = [
  [
    0,
    'af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262',
    '2cc39783c223154fea8dfb7c1b1660f2ac2dcbd1c1de8277b0b0dd39b7e50d7d',
  ],
  [
    1,
    '2d3adedff11b61f14c886e35afa036736dcd87a74d27b5c1510225d0f592e213',
    'b3e2e340a117a499c6cf2398a19ee0d29cca2bb7404c73063382693bf66cb06c',
  ],
  [
    2,
    '7b7015bb92cf0b318037702a6cdd81dee41224f734684c2c122cd6359cb1ee63',
    '1f166565a7df0098ee65922d7fea425fb18b9943f19d6161e2d17939356168e6',
  ],
  [
    63,
    'e9bc37a594daad83be9470df7f7b3798297c3d834ce80ba85d6e207627b7db7b',
    'b6451e30b953c206e34644c6803724e9d2725e0893039cfc49584f991f451af3',
  ],
  [
    64,
    '4eed7141ea4a5cd4b788606bd23f46e212af9cacebacdc7d1f4c6dc7f2511b98',
    'a5c4a7053fa86b64746d4bb688d06ad1f02a18fce9afd3e818fefaa7126bf73e',
  ],
  [
    65,
    'de1e5fa0be70df6d2be8fffd0e99ceaa8eb6e8c93a63f2d8d1c30ecb6b263dee',
    '51fd05c3c1cfbc8ed67d139ad76f5cf8236cd2acd26627a30c104dfd9d3ff8a8',
  ],
  [
    1023,
    '10108970eeda3eb932baac1428c7a2163b0e924c9a9e25b35bba72b28f70bd11',
    '74a16c1c3d44368a86e1ca6df64be6a2f64cce8f09220787450722d85725dea5',
  ],
  [
    1024,
    '42214739f095a406f3fc83deb889744ac00df831c10daa55189b5d121c855af7',
    '7356cd7720d5b66b6d0697eb3177d9f8d73a4a5c5e968896eb6a689684302706',
  ],
  [
    1025,
    'd00278ae47eb27b34faecf67b4fe263f82d5412916c1ffd97c8cb7fb814b8444',
    'effaa245f065fbf82ac186839a249707c3bddf6d3fdda22d1b95a3c970379bcb',
  ],
  [
    2048,
    'e776b6028c7cd22a4d0ba182a8bf62205d2ef576467e838ed6f2529b85fba24a',
    '7b2945cb4fef70885cc5d78a87bf6f6207dd901ff239201351ffac04e1088a23',
  ],
  [
    2049,
    '5f4d72f40d7a5f82b15ca2b2e44b1de3c2ef86c426c95c1af0b6879522563030',
    '2ea477c5515cc3dd606512ee72bb3e0e758cfae7232826f35fb98ca1bcbdf273',
  ],
  [
    4096,
    '015094013f57a5277b59d8475c0501042c0b642e531b0a1c8f58d2163229e969',
    '1e0d7f3db8c414c97c6307cbda6cd27ac3b030949da8e23be1a1a924ad2f25b9',
  ],
  [
    31744,
    '62b6960e1a44bcc1eb1a611a8d6235b6b4b78f32e7abc4fb4c6cdcce94895c47',
    '39772aef80e0ebe60596361e45b061e8f417429d529171b6764468c22928e28e',
  ],
  [
    102400,
    'bc3e3d41a1146b069abffad3c0d44860cf664390afce4d9661f7902e7943e085',
    '4652cff7a3f385a6103b5c260fc1593e13c778dbe608efb092fe7ee69df6e9c6',
  ],
]
const CONTEXT = 'BLAKE3 2019-12-27 16:29:52 test vectors context'
const input = Uint8Array.from({ length: 102_400 }, (_, index) => index % 251)

afterAll(() => {
  selectBlake3('auto')
})

describe.each(['native', 'wasm'] as const)('BLAKE3, %s', (choice) => {
  it.each(VECTORS)('agrees with the official vector of %i bytes', (length, plain, derived) => {
    selectBlake3(choice)
    const bytes = input.subarray(0, length)
    expect(hashBlob(bytes)).toBe(plain)
    expect(Buffer.from(deriveKeyHash(CONTEXT, bytes)).toString('hex')).toBe(derived)
  })

  it('gives one id however a blob is cut', () => {
    selectBlake3(choice)
    fc.assert(
      fc.property(fc.array(fc.nat(5000), { maxLength: 8 }), (sizes) => {
        const hasher = createBlobHasher()
        let at = 0
        for (const size of sizes) {
          hasher.update(input.subarray(at, at + size))
          at = Math.min(input.length, at + size)
        }
        expect(hasher.digest()).toBe(hashBlob(input.subarray(0, at)))
      }),
      { numRuns: 30 },
    )
  })

  it('survives as many hashes as a large tree needs', () => {
    selectBlake3(choice)
    for (let index = 0; index < 20_000; index += 1) keyHash32(0, input.subarray(0, index % 64))
    expect(keyHash32(0, input.subarray(0, 3))).toBe(
      Buffer.from(deriveKeyHash('dsv prolly v1', Uint8Array.of(0, 0, 1, 2))).readUInt32LE(0),
    )
  })
})

describe('the two implementations', () => {
  it('agree on random bytes of any size', () => {
    const [native, wasm] = [openBlake3Engine('native'), openBlake3Engine('wasm')]
    fc.assert(
      fc.property(fc.nat(3_000_000), fc.option(fc.string()), fc.nat(250), (size, context, seed) => {
        const bytes = new Uint8Array(size).fill(seed)
        const used = context ?? undefined
        expect(native.hashHex(bytes, used)).toBe(wasm.hashHex(bytes, used))
      }),
      { numRuns: 20 },
    )
  })

  it('read views of larger memory as what they show', () => {
    const [native, wasm] = [openBlake3Engine('native'), openBlake3Engine('wasm')]
    const view = new Uint8Array(input.buffer, 7, 100)
    expect(native.hashHex(view, undefined)).toBe(wasm.hashHex(Uint8Array.from(view), undefined))
  })
})

describe('hashObject', () => {
  it('gives the same bytes another id in every kind', () => {
    const bytes = input.subarray(0, 10)
    const kinds = ['node', 'dataset', 'commit', 'tag', 'operation'] as const
    const ids = new Set<string>(kinds.map((kind) => hashObject(kind, bytes)))
    expect(ids.add(hashBlob(bytes)).size).toBe(6)
    expect(hashObject('node', bytes)).toBe(
      Buffer.from(deriveKeyHash('dsv node v1', bytes)).toString('hex'),
    )
  })
})
