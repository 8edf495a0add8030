import { pick } from './random.mjs'

const BYTES = [0, 1, 0x7f, 0x80, 0xff, 0x22, 0x5b, 0x7b, 0x3c, 0x26, 0x0a, 0x2d]
const NUMBERS = [0, -1, 1, 255, 256, 65535, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1]
const TOKENS = [
  '__proto__',
  'constructor',
  'NaN',
  'Infinity',
  '-0',
  '1e309',
  '1e-400',
  '9007199254740993',
  '99999999999999999999',
  '../',
  '\0',
  '\\',
  '\u2028',
  '\ud800',
  'null',
  '{}',
  '[]',
  '&a;',
  '<!DOCTYPE',
  '*a',
]

/** Returns bytes that differ from `seed` in a few places; `others` are spliced in at times. */
export function mutateBytes(seed, others, random) {
  let bytes = Buffer.from(seed)
  const rounds = 1 + Math.floor(random() ** 3 * 12)
  for (let round = 0; round < rounds; round += 1) bytes = mutateOnce(bytes, others, random)
  return bytes
}

function mutateOnce(bytes, others, random) {
  const at = Math.floor(random() * (bytes.length + 1))
  const length = 1 + Math.floor(random() ** 2 * 24)
  const insert = (more) => Buffer.concat([bytes.subarray(0, at), more, bytes.subarray(at)])
  switch (Math.floor(random() * 10)) {
    case 0:
      if (at < bytes.length) bytes[at] ^= 1 << Math.floor(random() * 8)
      return bytes
    case 1:
      if (at < bytes.length) bytes[at] = pick(random, BYTES)
      return bytes
    case 2:
      return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + length)])
    case 3:
      return insert(Buffer.from(Array.from({ length }, () => Math.floor(random() * 256))))
    case 4:
      return insert(bytes.subarray(at, at + length))
    case 5:
      return insert(Buffer.from(pick(random, TOKENS)))
    case 6: {
      if (at + 4 > bytes.length) return bytes
      const value = pick(random, NUMBERS) >>> 0
      if (random() < 0.5) bytes.writeUInt32LE(value, at)
      else bytes.writeUInt32BE(value, at)
      return bytes
    }
    case 7:
      return bytes.subarray(0, at)
    case 8: {
      const other = pick(random, others)
      const from = Math.floor(random() * other.length)
      return Buffer.concat([bytes.subarray(0, at), other.subarray(from)])
    }
    default: {
      const other = pick(random, others)
      const from = Math.floor(random() * other.length)
      return insert(other.subarray(from, from + length * 4))
    }
  }
}

const VALUES = [
  null,
  true,
  '',
  'x',
  '__proto__',
  'constructor',
  '../up',
  '\0',
  '\u2028',
  0,
  -1,
  0.5,
  -0,
  1e300,
  NaN,
  Infinity,
  2 ** 53,
  -(2 ** 53),
  [],
  {},
  [[]],
  ['x', 1],
]

/** Returns a value of the same kind of shape as `seed` in which a few places hold something else. */
export function mutateValue(seed, random) {
  let value = structuredClone(seed)
  const rounds = 1 + Math.floor(random() ** 2 * 4)
  for (let round = 0; round < rounds; round += 1) {
    const places = []
    collect(value, places, (replaced) => {
      value = replaced
    })
    changePlace(pick(random, places), random, places)
  }
  return value
}

function collect(value, places, replace, depth = 0) {
  places.push({ value, replace })
  if (depth > 12 || places.length > 5000) return
  if (Array.isArray(value)) {
    value.forEach((element, at) =>
      collect(element, places, (replaced) => value.splice(at, 1, replaced), depth + 1),
    )
  } else if (typeof value === 'object' && value !== null && !ArrayBuffer.isView(value)) {
    for (const [key, member] of Object.entries(value)) {
      collect(member, places, (replaced) => define(value, key, replaced), depth + 1)
    }
  }
}

/** Assigning to `__proto__` would change the prototype instead. */
function define(object, key, value) {
  Object.defineProperty(object, key, {
    value,
    enumerable: true,
    configurable: true,
    writable: true,
  })
}

function changePlace({ value, replace }, random, places) {
  const choice = random()
  if (choice < 0.4) replace(structuredClone(pick(random, VALUES)))
  else if (choice < 0.55) replace(structuredClone(pick(random, places).value))
  else if (Array.isArray(value)) {
    if (choice < 0.7) value.splice(Math.floor(random() * (value.length + 1)), 1)
    else if (choice < 0.8) value.push(structuredClone(pick(random, places).value))
    else value.splice(0, 0, structuredClone(pick(random, VALUES)))
  } else if (typeof value === 'object' && value !== null && !ArrayBuffer.isView(value)) {
    const keys = Object.keys(value)
    if (choice < 0.75 && keys.length > 0) delete value[pick(random, keys)]
    else define(value, pick(random, ['__proto__', 'toString', 'x', 'id', 'constructor']), 1)
  } else if (typeof value === 'number') {
    replace(pick(random, [value + 1, -value, value * 1e9, value / 3, String(value)]))
  } else if (typeof value === 'string') {
    replace(pick(random, [`${value}/..`, value.repeat(50), `${value}\0`, value.slice(1), [value]]))
  } else {
    replace(structuredClone(pick(random, VALUES)))
  }
}
