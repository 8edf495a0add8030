import { PUBLIC } from './library.mjs'

/** The decoders that are private to their packages, beside all that is public. */
export const FUZZ_LIBRARY = `
  ${PUBLIC}
  export { decodeNode } from './packages/store/src/tree/decode-node.ts'
  export { decodeRoot, encodeRoot } from './packages/store/src/root/encode-root.ts'
  export { decodeOperation } from './packages/store/src/root/operation.ts'
  export { decodeChunkList, encodeChunkList } from './packages/store/src/pack/chunk-list.ts'
  export { decompressPayload } from './packages/store/src/pack/entry-codec.ts'
  export { openIndexFragment } from './packages/store/src/pack/index-fragment.ts'
  export { OpenFiles } from './packages/store/src/pack/open-files.ts'
  export { bucketEntries, openBucket } from './packages/store/src/cache/stat-bucket.ts'
  export { encodeLease, readLeases } from './packages/store/src/root/lease.ts'
  export { decodeWorkState } from './packages/core/src/stage/work-state.ts'
  export { readConflicts } from './packages/core/src/stage/conflicts.ts'
  export { interruptedCheckout } from './packages/core/src/checkout/checkout-journal.ts'
  export { readConfigFile } from './packages/core/src/config/config-file.ts'
  export { listConfig } from './packages/core/src/config/config.ts'
  export { itemWith, writeSample } from './packages/formats/test/format-matrix.ts'
  export { sampleAnnotation } from './packages/formats/test/sample-annotations.ts'
  export { decodePng } from './packages/formats/src/media/png-decode.ts'
`
