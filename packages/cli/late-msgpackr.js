// Stands for `msgpackr` in the bundle. That package looks for its native reader of strings when it is
// loaded, which takes 10 ms of every command; most read a few records, which gain nothing by it.
import { createRequire } from 'node:module'
import { Packr as PlainPackr } from '../../node_modules/msgpackr/pack.js'
import { setExtractor } from '../../node_modules/msgpackr/unpack.js'

/** From here on the native reader has paid for itself. */
const MANY_BYTES = 1024 * 1024

let readBytes = 0
let isSought = false

export class Packr extends PlainPackr {
  unpack(bytes) {
    readBytes += bytes.length
    if (readBytes > MANY_BYTES && !isSought) seekNativeReader()
    return super.unpack(bytes)
  }
}

function seekNativeReader() {
  isSought = true
  try {
    const { resolve } = createRequire(import.meta.url)
    const { extractStrings } = createRequire(resolve('msgpackr'))('msgpackr-extract')
    setExtractor(extractStrings)
  } catch {
    // It is optional: what reads without it reads the same.
  }
}
