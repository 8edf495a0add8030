import { gunzipSync, gzipSync } from 'node:zlib'

/** A file with something wrong in it. */
export interface Damaged {
  /** What was done, for messages. */
  readonly what: string
  readonly bytes: Uint8Array
  /** Whether what is wrong stands at one place of a text. */
  readonly isLocal: boolean
}

/** What leaves its folder, on any system. */
export const ESCAPING_NAMES: readonly string[] = [
  '../../etc/passwd',
  '/etc/passwd',
  'C:\\Windows\\x.png',
  '..\\..\\x.png',
  '../x.png',
  'a\0b.png',
]

/** Put where JSON has a value. */
const JSON_VALUES: readonly string[] = [
  ...ESCAPING_NAMES.map((name) => JSON.stringify(name)),
  ...'NaN 1e999 -1e999 null true -1 1.5 2147483648 9007199254740993 "text" "12"'.split(' '),
  ...String.raw`"__proto__" "\ud800" "" [] {} [[1e999]]`.split(' '),
  '{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}',
]

/** Put where text has a word or number. */
const WORDS: readonly string[] = [
  ...ESCAPING_NAMES,
  ...'NaN nan inf -Infinity 1e999 -1 1e5 0x10 1.5 2147483648 9007199254740993'.split(' '),
  '__proto__',
  'word',
  '',
  '"',
]

/** Put over four bytes: the largest and smallest numbers in both byte orders. */
const NUMBERS: readonly (readonly number[])[] = [
  [0xff, 0xff, 0xff, 0x7f],
  [0x7f, 0xff, 0xff, 0xff],
  [0xff, 0xff, 0xff, 0xff],
  [0, 0, 0, 0x80],
  [0x80, 0, 0, 0],
]

const DEEP = 100_000

/**
 * Returns a file damaged in many ways, by what kind of file it is: `perPlace` of the hostile values at
 * each place, other ones at the next.
 */
export function damaged(path: string, bytes: Uint8Array, perPlace: number): readonly Damaged[] {
  if (path.endsWith('.gz')) {
    const inner = damaged(path.slice(0, -3), gunzipSync(bytes), perPlace)
    const packed = inner.map((each) => ({ ...each, bytes: gzipSync(each.bytes, { level: 1 }) }))
    return [...packed, ...damagedBytes(bytes, perPlace)]
  }
  const text = Buffer.from(bytes).toString()
  if (path.endsWith('.json')) return [...damagedJson(text, perPlace)]
  if (path.endsWith('.xml')) return [...damagedXml(text, perPlace)]
  if (!text.includes('\ufffd') && !text.includes('\0')) return [...damagedText(text, perPlace)]
  return [...damagedBytes(bytes, perPlace)]
}

/** Some of a list, the next ones at each call. */
function turns<Value>(values: readonly Value[], perPlace: number): () => readonly Value[] {
  let next = 0
  return () => {
    const some = values.slice(next, next + perPlace)
    next = next + perPlace < values.length ? next + perPlace : 0
    return some
  }
}

type JsonPath = readonly (string | number)[]

function* damagedJson(text: string, perPlace: number): Generator<Damaged> {
  const value: unknown = JSON.parse(text)
  const someValues = turns(JSON_VALUES, perPlace)
  for (const path of placesIn(value)) {
    const what = path.length === 0 ? 'the file' : path.join('.')
    const isLocal = path.length > 0
    for (const raw of someValues()) {
      yield { what: `${what} is ${raw}`, bytes: replaced(value, path, raw), isLocal }
    }
    const here = valueAt(value, path)
    if (Array.isArray(here) && here.length > 0) {
      const twice = JSON.stringify([...here, ...here])
      yield { what: `${what} has all twice`, bytes: replaced(value, path, twice), isLocal: false }
    }
    if (typeof here === 'object' && here !== null && !Array.isArray(here)) {
      const members = Object.entries(here).map((each) => each.map((it) => JSON.stringify(it)))
      const pairs = [...members, ...members].map(([key, member]) => `${key}:${member}`).join()
      const raw = `{${pairs}}`
      yield { what: `${what} has keys twice`, bytes: replaced(value, path, raw), isLocal: false }
    }
    if (path.length === 1) {
      const raw = '['.repeat(DEEP) + ']'.repeat(DEEP)
      yield { what: `${what} is deep`, bytes: replaced(value, path, raw), isLocal: false }
    }
  }
  const deep = '{"a":'.repeat(DEEP) + '1' + '}'.repeat(DEEP)
  yield { what: 'the file is deep', bytes: Buffer.from(deep), isLocal: false }
  yield {
    what: 'the file is cut',
    bytes: Buffer.from(text.slice(0, text.length / 2)),
    isLocal: true,
  }
}

/** The places of values, of lists the first element alone. */
function* placesIn(value: unknown, path: JsonPath = []): Generator<JsonPath> {
  yield path
  if (Array.isArray(value)) {
    if (value.length > 0) yield* placesIn(value[0], [...path, 0])
  } else if (typeof value === 'object' && value !== null) {
    for (const [key, member] of Object.entries(value)) yield* placesIn(member, [...path, key])
  }
}

function valueAt(value: unknown, path: JsonPath): unknown {
  return path.reduce<unknown>((at, key) => Reflect.get(Object(at), key), value)
}

/** JSON with `raw` for the value at a place. */
function replaced(value: unknown, path: JsonPath, raw: string): Uint8Array {
  const mark = '@@here@@'
  const [key, ...rest] = path
  const put = (inner: unknown, at: string | number | undefined, left: JsonPath): unknown => {
    if (at === undefined) return mark
    const [next, ...others] = left
    const changed = put(Reflect.get(Object(inner), at), next, others)
    if (Array.isArray(inner)) return inner.map((each, index) => (index === at ? changed : each))
    return { ...Object(inner), [at]: changed }
  }
  const text = JSON.stringify(put(value, key, rest))
  return Buffer.from(text.replace(`"${mark}"`, () => raw))
}

function* damagedXml(text: string, perPlace: number): Generator<Damaged> {
  const someWords = turns(WORDS, perPlace)
  for (const { 0: all, 1: inner = '', index } of places(text, />([^<>\s][^<>]*)<|="([^"]*)"/gu)) {
    const isText = all.startsWith('>')
    const value = isText ? inner : all.slice(2, -1)
    for (const word of someWords()) {
      yield inPlace(text, index + (isText ? 1 : 2), value, word.replaceAll('"', '&quot;'))
    }
  }
}

function* damagedText(text: string, perPlace: number): Generator<Damaged> {
  const someWords = turns(WORDS, perPlace)
  for (const { 0: word, index } of places(text, /[^\s,;:"'()[\]={}]+/gu)) {
    for (const other of someWords()) yield inPlace(text, index, word, other)
  }
  yield { what: 'all is there twice', bytes: Buffer.from(text + text), isLocal: false }
  yield { what: 'one long line', bytes: Buffer.from('x'.repeat(2 ** 20)), isLocal: false }
  yield { what: 'deep brackets', bytes: Buffer.from('['.repeat(DEEP)), isLocal: false }
}

const MOST_PLACES = 26

/** The first matches and the last. */
function places(text: string, pattern: RegExp): readonly RegExpExecArray[] {
  const all = [...text.matchAll(pattern)]
  return all.length <= MOST_PLACES ? all : [...all.slice(0, MOST_PLACES - 5), ...all.slice(-5)]
}

function inPlace(text: string, at: number, old: string, word: string): Damaged {
  const bytes = Buffer.from(text.slice(0, at) + word + text.slice(at + old.length))
  const what = `${JSON.stringify(old)} at ${at} is ${JSON.stringify(word)}`
  return { what, bytes, isLocal: true }
}

function* damagedBytes(bytes: Uint8Array, perPlace: number): Generator<Damaged> {
  const someNumbers = turns(NUMBERS, perPlace)
  const step = Math.max(1, Math.floor(bytes.length / 60))
  for (let at = 0; at + 4 <= bytes.length; at += at < 48 ? 1 : step) {
    for (const number of someNumbers()) {
      const copy = Buffer.from(bytes)
      copy.set(number, at)
      yield { what: `bytes ${number.join()} at ${at}`, bytes: copy, isLocal: false }
    }
  }
  for (let part = 0; part < 16; part += 1) {
    const end = Math.floor((bytes.length * part) / 16)
    yield { what: `cut after ${end} bytes`, bytes: bytes.subarray(0, end), isLocal: false }
  }
}
