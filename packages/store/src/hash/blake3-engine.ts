import { createRequire } from 'node:module'

/** One BLAKE3 computation that takes its input in pieces. */
export interface Blake3State {
  update(bytes: Uint8Array): void
  /** Returns the digest as 64 hexadecimal digits and frees the state; no call may follow. */
  digestHex(): string
}

/** An implementation of BLAKE3. */
export interface Blake3Engine {
  readonly name: 'native' | 'wasm'
  /** Hashes in the plain mode, or in the derive-key mode of `context`. */
  hashHex(bytes: Uint8Array, context: string | undefined): string
  start(context: string | undefined): Blake3State
}

/** Which implementation to use: `auto` is native where it loads, else WebAssembly. */
export type Blake3Choice = 'auto' | 'native' | 'wasm'

/**
 * Loads an implementation, checked against known digests.
 *
 * @throws a plain `Error` when `native` is asked for and does not load
 */
export function openBlake3Engine(choice: Blake3Choice): Blake3Engine {
  if (choice !== 'wasm') {
    const native = openNative()
    if (native !== undefined && isRight(native)) return native
    if (choice === 'native') throw new Error('The native BLAKE3 does not load on this machine.')
  }
  const wasm = openWasm()
  if (!isRight(wasm)) throw new Error('BLAKE3 computes wrong digests on this machine.')
  return wasm
}

interface NativeHasher {
  reset(): void
  update(bytes: Uint8Array): unknown
  digest(format: 'hex'): string
}

interface NativeModule {
  readonly Blake3Hasher: {
    new (): NativeHasher
    newDeriveKey(context: string): NativeHasher
  }
}

function openNative(): Blake3Engine | undefined {
  const loaded = loadNative()
  if (loaded === undefined) return undefined
  const { Blake3Hasher } = loaded
  const create = (context: string | undefined): NativeHasher =>
    context === undefined ? new Blake3Hasher() : Blake3Hasher.newDeriveKey(context)
  // Constructing costs ten times a reset, so one hasher per context is kept for one-shot calls.
  const kept = new Map<string | undefined, NativeHasher>()
  return {
    name: 'native',
    hashHex(bytes, context) {
      let hasher = kept.get(context)
      if (hasher === undefined) kept.set(context, (hasher = create(context)))
      hasher.reset()
      hasher.update(bytes)
      return hasher.digest('hex')
    },
    start(context) {
      const hasher = create(context)
      return {
        update: (bytes) => void hasher.update(bytes),
        digestHex: () => hasher.digest('hex'),
      }
    },
  }
}

interface WasmHash {
  update(bytes: Uint8Array): void
  digest(into: Uint8Array): void
  free(): void
}

interface WasmModule {
  hash(bytes: Uint8Array, into: Uint8Array): void
  create_hasher(): WasmHash
  create_derive(context: string): WasmHash
}

/** Larger inputs are copied into the WebAssembly heap piece by piece, so that it stays small. */
const WASM_PIECE_BYTES = 1024 * 1024

function openWasm(): Blake3Engine {
  // The package's own `deriveKey` never frees its state, so the layer below it is used.
  const wasm: WasmModule = requireHere('blake3-wasm/dist/wasm/nodejs/blake3_js.js')
  const out = Buffer.alloc(32)
  function start(context: string | undefined): Blake3State {
    const hash = context === undefined ? wasm.create_hasher() : wasm.create_derive(context)
    return {
      update(bytes) {
        for (let at = 0; at < bytes.length; at += WASM_PIECE_BYTES) {
          hash.update(bytes.subarray(at, at + WASM_PIECE_BYTES))
        }
      },
      digestHex() {
        hash.digest(out)
        hash.free()
        return out.toString('hex')
      },
    }
  }
  return {
    name: 'wasm',
    start,
    hashHex(bytes, context) {
      if (context === undefined && bytes.length <= WASM_PIECE_BYTES) {
        wasm.hash(bytes, out)
        return out.toString('hex')
      }
      const state = start(context)
      state.update(bytes)
      return state.digestHex()
    },
  }
}

/** The digests of 1,025 bytes `i % 251`, from the BLAKE3 test vectors. */
const KNOWN_PLAIN = 'd00278ae47eb27b34faecf67b4fe263f82d5412916c1ffd97c8cb7fb814b8444'
const KNOWN_DERIVED = 'effaa245f065fbf82ac186839a249707c3bddf6d3fdda22d1b95a3c970379bcb'
const KNOWN_CONTEXT = 'BLAKE3 2019-12-27 16:29:52 test vectors context'

function isRight(engine: Blake3Engine): boolean {
  const input = Uint8Array.from({ length: 1025 }, (_, index) => index % 251)
  return (
    engine.hashHex(input, undefined) === KNOWN_PLAIN &&
    engine.hashHex(input, KNOWN_CONTEXT) === KNOWN_DERIVED
  )
}

const requireHere = createRequire(import.meta.url)

function loadNative(): NativeModule | undefined {
  try {
    const loaded: NativeModule = loadForGlibc() ?? requireHere('@napi-rs/blake-hash')
    return loaded
  } catch {
    // Whatever keeps an optional native module from loading, there is the fallback.
    return undefined
  }
}

/**
 * On Linux the package asks for a report on the whole process to learn which C library it runs on, which
 * takes 4 ms; where this one loads, it is the right one.
 */
function loadForGlibc(): NativeModule | undefined {
  if (process.platform !== 'linux') return undefined
  try {
    const { resolve } = requireHere
    const requireThere = createRequire(resolve('@napi-rs/blake-hash'))
    const loaded: NativeModule = requireThere(`@napi-rs/blake-hash-linux-${process.arch}-gnu`)
    return loaded
  } catch {
    return undefined
  }
}
