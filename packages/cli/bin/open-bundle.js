'use strict'
// Loads the files of the bundle. V8 takes a good part of a short command to parse and compile them;
// `code-cache`, made by the build, holds what it made of them then.
const { readFileSync } = require('node:fs')
const { createRequire } = require('node:module')
const path = require('node:path')
const { setFlagsFromString } = require('node:v8')
const { Script } = require('node:vm')
const { crc32 } = require('node:zlib')

const CACHE_FILE = 'code-cache'
/** Checksum of all that follows u32 · length of the header u32 */
const START_BYTES = 8

/** Opens the bundle in `folder`; `load('./main.js')` returns what a file of it exports. */
exports.openBundle = (folder) => {
  // V8 lets a heap double before it collects: with 100,000 files that is 100 MB of garbage. It takes
  // no code that was compiled under other flags.
  setFlagsFromString('--heap-growing-percent=30')
  const requireOutside = createRequire(path.join(folder, 'main.js'))
  const cached = readCodeCache(folder)
  const modules = new Map()
  const scripts = new Map()
  const load = (name) => {
    if (!name.startsWith('./')) return requireOutside(name)
    const known = modules.get(name)
    if (known !== undefined) return known.exports
    const module = { exports: {} }
    modules.set(name, module)
    const filename = path.join(folder, name)
    const text = readFileSync(filename, 'utf8')
    const script = new Script(`(function (exports, require, module, __filename) {${text}\n})`, {
      // The compiled code keeps this name, wherever it was compiled.
      filename: path.posix.join('dsv/bundle', name),
      cachedData: cached(name),
    })
    scripts.set(name, script)
    script.runInThisContext()(module.exports, load, module, filename)
    return module.exports
  }
  return { load, codeCache: () => codeCacheOf(scripts) }
}

/** Code of another V8 would be refused file by file. */
function engine() {
  return `${process.versions.v8} ${process.arch}`
}

/** Returns a function from the name of a file to its compiled code, which may be absent. */
function readCodeCache(folder) {
  try {
    const bytes = readFileSync(path.join(folder, CACHE_FILE))
    // V8 runs damaged code as it is.
    if (bytes.readUInt32LE(0) !== crc32(bytes.subarray(4))) return () => undefined
    const start = START_BYTES + bytes.readUInt32LE(4)
    const header = JSON.parse(bytes.toString('utf8', START_BYTES, start))
    if (header.engine !== engine()) return () => undefined
    const places = new Map(header.places)
    return (name) => {
      const place = places.get(name)
      return place && bytes.subarray(start + place.at, start + place.at + place.length)
    }
  } catch {
    // Without it, or with a part of it, everything works as well and starts later.
    return () => undefined
  }
}

/** Returns the bytes of the cache: start · header, JSON · code of each file. */
function codeCacheOf(scripts) {
  const parts = []
  const places = []
  let at = 0
  for (const [name, script] of scripts) {
    const code = script.createCachedData()
    places.push([name, { at, length: code.length }])
    parts.push(code)
    at += code.length
  }
  const header = Buffer.from(JSON.stringify({ engine: engine(), places }))
  const bytes = Buffer.concat([Buffer.alloc(START_BYTES), header, ...parts])
  bytes.writeUInt32LE(header.length, 4)
  bytes.writeUInt32LE(crc32(bytes.subarray(4)), 0)
  return bytes
}
