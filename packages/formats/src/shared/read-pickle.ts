import { pickleBytes, type PickleReading } from './pickle-bytes.ts'
import {
  buildPickleValue,
  callPickleName,
  pickleName,
  type PickleValue,
  textOf,
} from './pickle-value.ts'

/**
 * Reads a Python pickle of protocol 0 to 5 that holds dictionaries, lists, texts, numbers and arrays of
 * numpy. Nothing is executed: a pickle that names or makes anything else is refused.
 *
 * @throws `DSV_FORMAT_SYNTAX` with the place
 * @see https://github.com/python/cpython/blob/main/Lib/pickletools.py
 */
export function readPickle(source: Uint8Array, file: string): PickleValue {
  const reading = pickleBytes(source, file)
  const stack = pickleStack(reading)
  for (;;) {
    const code = reading.byte()
    if (code === STOP) return stack.pop()
    const opcode = OPCODES.get(code)
    if (opcode === undefined) {
      throw reading.problem(`has the opcode 0x${code.toString(16)}, which is not read`)
    }
    opcode(reading, stack)
  }
}

type Opcode = (reading: PickleReading, stack: PickleStack) => void

interface PickleStack {
  readonly push: (value: PickleValue) => void
  readonly pop: () => PickleValue
  readonly top: () => PickleValue
  readonly mark: () => void
  /** Takes everything above the last mark. */
  readonly popMark: () => PickleValue[]
  readonly remember: (index: number) => void
  readonly memoise: () => void
  readonly recall: (index: number) => void
}

function pickleStack({ problem }: PickleReading): PickleStack {
  const values: PickleValue[] = []
  const marks: number[] = []
  const memo = new Map<number, PickleValue>()
  const isEmpty = (): boolean => values.length <= (marks.at(-1) ?? 0)
  const top = (): PickleValue => {
    const value = isEmpty() ? undefined : values.at(-1)
    if (value === undefined) throw problem('takes a value where there is none')
    return value
  }
  return {
    push: (value) => values.push(value),
    pop: () => {
      const value = top()
      values.pop()
      return value
    },
    top,
    mark: () => marks.push(values.length),
    popMark: () => {
      const start = marks.pop()
      if (start === undefined) throw problem('takes values up to a mark that is not there')
      return values.splice(start)
    },
    remember: (index) => memo.set(index, top()),
    memoise: () => memo.set(memo.size, top()),
    recall: (index) => {
      const value = memo.get(index)
      if (value === undefined) throw problem(`refers to the value ${index}, which is not there`)
      values.push(value)
    },
  }
}

const STOP = 0x2e

const OPCODES: ReadonlyMap<number, Opcode> = new Map<number, Opcode>([
  [0x80, (reading) => void reading.bytes(1)], // PROTO
  [0x95, (reading) => void reading.bytes(8)], // FRAME
  ['('.charCodeAt(0), (_, stack) => stack.mark()],
  ['0'.charCodeAt(0), (_, stack) => void stack.pop()],
  ['1'.charCodeAt(0), (_, stack) => void stack.popMark()],
  ['2'.charCodeAt(0), (_, stack) => stack.push(stack.top())],
  ['N'.charCodeAt(0), (_, stack) => stack.push(null)],
  [0x88, (_, stack) => stack.push(true)],
  [0x89, (_, stack) => stack.push(false)],
  // Numbers.
  ['I'.charCodeAt(0), (reading, stack) => stack.push(decimalOrFlag(reading))],
  ['L'.charCodeAt(0), (reading, stack) => stack.push(decimal(reading))],
  ['F'.charCodeAt(0), (reading, stack) => stack.push(decimal(reading))],
  ['J'.charCodeAt(0), (reading, stack) => stack.push(reading.signed())],
  ['K'.charCodeAt(0), (reading, stack) => stack.push(reading.unsigned(1))],
  ['M'.charCodeAt(0), (reading, stack) => stack.push(reading.unsigned(2))],
  ['G'.charCodeAt(0), (reading, stack) => stack.push(reading.double())],
  [0x8a, (reading, stack) => stack.push(long(reading, reading.unsigned(1)))],
  [0x8b, (reading, stack) => stack.push(long(reading, reading.unsigned(4)))],
  // Texts and bytes.
  ['S'.charCodeAt(0), (reading, stack) => stack.push(quotedText(reading))],
  ['T'.charCodeAt(0), (reading, stack) => stack.push(reading.bytes(reading.unsigned(4)))],
  ['U'.charCodeAt(0), (reading, stack) => stack.push(reading.bytes(reading.unsigned(1)))],
  ['V'.charCodeAt(0), (reading, stack) => stack.push(escapedText(reading))],
  ['X'.charCodeAt(0), (reading, stack) => stack.push(text(reading, reading.unsigned(4)))],
  [0x8c, (reading, stack) => stack.push(text(reading, reading.unsigned(1)))],
  [0x8d, (reading, stack) => stack.push(text(reading, reading.unsigned(8)))],
  ['B'.charCodeAt(0), (reading, stack) => stack.push(reading.bytes(reading.unsigned(4)))],
  ['C'.charCodeAt(0), (reading, stack) => stack.push(reading.bytes(reading.unsigned(1)))],
  [0x8e, (reading, stack) => stack.push(reading.bytes(reading.unsigned(8)))],
  [0x96, (reading, stack) => stack.push(reading.bytes(reading.unsigned(8)))],
  // Lists, tuples and dictionaries.
  [']'.charCodeAt(0), (_, stack) => stack.push([])],
  ['l'.charCodeAt(0), (_, stack) => stack.push(stack.popMark())],
  [')'.charCodeAt(0), (_, stack) => stack.push([])],
  ['t'.charCodeAt(0), (_, stack) => stack.push(stack.popMark())],
  [0x85, (_, stack) => stack.push(lastOf(stack, 1))],
  [0x86, (_, stack) => stack.push(lastOf(stack, 2))],
  [0x87, (_, stack) => stack.push(lastOf(stack, 3))],
  ['a'.charCodeAt(0), (reading, stack) => append(reading, lastOf(stack, 1), stack.top())],
  ['e'.charCodeAt(0), (reading, stack) => append(reading, stack.popMark(), stack.top())],
  ['}'.charCodeAt(0), (_, stack) => stack.push(new Map())],
  ['d'.charCodeAt(0), (reading, stack) => putDictionary(reading, stack)],
  ['s'.charCodeAt(0), (reading, stack) => setItems(reading, lastOf(stack, 2), stack.top())],
  ['u'.charCodeAt(0), (reading, stack) => setItems(reading, stack.popMark(), stack.top())],
  // Values that come again.
  ['p'.charCodeAt(0), (reading, stack) => stack.remember(decimal(reading))],
  ['q'.charCodeAt(0), (reading, stack) => stack.remember(reading.unsigned(1))],
  ['r'.charCodeAt(0), (reading, stack) => stack.remember(reading.unsigned(4))],
  [0x94, (_, stack) => stack.memoise()],
  ['g'.charCodeAt(0), (reading, stack) => stack.recall(decimal(reading))],
  ['h'.charCodeAt(0), (reading, stack) => stack.recall(reading.unsigned(1))],
  ['j'.charCodeAt(0), (reading, stack) => stack.recall(reading.unsigned(4))],
  // What numpy needs.
  [
    'c'.charCodeAt(0),
    (reading, stack) => {
      const module = reading.line()
      stack.push(pickleName(`${module}.${reading.line()}`, reading))
    },
  ],
  [
    0x93,
    (reading, stack) => {
      const [module = null, name = null] = lastOf(stack, 2)
      stack.push(pickleName(`${textOf(module) ?? ''}.${textOf(name) ?? ''}`, reading))
    },
  ],
  [
    'R'.charCodeAt(0),
    (reading, stack) => {
      const [callee = null, args = null] = lastOf(stack, 2)
      stack.push(callPickleName(callee, args, reading))
    },
  ],
  [
    'b'.charCodeAt(0),
    (reading, stack) => {
      const state = stack.pop()
      buildPickleValue(stack.top(), state, reading)
    },
  ],
])

function lastOf(stack: PickleStack, count: number): PickleValue[] {
  return Array.from({ length: count }, () => stack.pop()).toReversed()
}

function append(reading: PickleReading, values: readonly PickleValue[], list: PickleValue): void {
  if (!Array.isArray(list)) throw reading.problem('appends to something that is no list')
  for (const value of values) list.push(value)
}

function putDictionary(reading: PickleReading, stack: PickleStack): void {
  const pairs = stack.popMark()
  stack.push(new Map())
  setItems(reading, pairs, stack.top())
}

function setItems(
  reading: PickleReading,
  pairs: readonly PickleValue[],
  dictionary: PickleValue,
): void {
  if (!(dictionary instanceof Map) || pairs.length % 2 > 0) {
    throw reading.problem('puts values into something that is no dictionary')
  }
  for (let at = 0; at < pairs.length; at += 2) {
    const key = pairs[at] ?? null
    const name = typeof key === 'number' ? `${key}` : textOf(key)
    if (name === undefined) throw reading.problem('has a key that is no text')
    dictionary.set(name, pairs[at + 1] ?? null)
  }
}

function text(reading: PickleReading, length: number): string {
  return reading.bytes(length).toString()
}

function decimal(reading: PickleReading): number {
  const line = reading.line()
  const value = Number(line.replace(/L$/u, ''))
  if (line.trim() === '' || Number.isNaN(value)) throw reading.problem(`has "${line}" as a number`)
  return value
}

function decimalOrFlag(reading: PickleReading): number | boolean {
  const line = reading.line()
  if (line === '00' || line === '01') return line === '01'
  const value = Number(line)
  if (line.trim() === '' || Number.isNaN(value)) throw reading.problem(`has "${line}" as a number`)
  return value
}

/** A whole number of any length, little endian, in two's complement. */
function long(reading: PickleReading, length: number): number {
  if (length > 8) throw reading.problem(`has a number of ${length} bytes`)
  if (length === 0) return 0
  const bytes = reading.bytes(length)
  const padded = Buffer.alloc(8, (bytes[length - 1] ?? 0) >= 0x80 ? 0xff : 0)
  padded.set(bytes)
  return Number(padded.readBigInt64LE())
}

/** A text of protocol 0: what a line cannot hold is written as its number. */
function escapedText(reading: PickleReading): string {
  return reading
    .line()
    .replaceAll(
      /\\u([0-9a-f]{4})|\\U000([01][0-9a-f]{4})/gu,
      (_, short: string | undefined, wide: string) =>
        String.fromCodePoint(Math.min(Number.parseInt(short ?? wide, 16), 0x10ffff)),
    )
}

const ESCAPES: ReadonlyMap<string, string> = new Map([
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
])

/** A text of protocol 0, as Python prints it. */
function quotedText(reading: PickleReading): Uint8Array {
  const line = reading.line().trim()
  if (!/^(['"]).*\1$/u.test(line)) throw reading.problem('has a text without quotes')
  const plain = line
    .slice(1, -1)
    .replaceAll(/\\(?:x([0-9a-f]{2})|(.))/gu, (_, hex: string | undefined, other: string) =>
      hex === undefined
        ? (ESCAPES.get(other) ?? other)
        : String.fromCharCode(Number.parseInt(hex, 16)),
    )
  return Buffer.from(plain, 'latin1')
}
