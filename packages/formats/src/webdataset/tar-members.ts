import { formatSyntax, type OpenFile } from '@dsv/core'

/** One file in a tar. */
export interface TarMember {
  readonly name: string
  /** Where its bytes begin in the tar. */
  readonly offset: number
  readonly sizeBytes: number
}

const BLOCK = 512
const WINDOW_BYTES = 16_384
const MAX_EXTENSION_BYTES = 2 ** 20
const FILES: ReadonlySet<string> = new Set(['0', '\0', '7'])

/**
 * Lists the files of a tar (ustar, pax and GNU names) by reading its headers alone.
 *
 * @see {@link https://pubs.opengroup.org/onlinepubs/9799919799/utilities/pax.html | POSIX, pax}
 * @throws `DSV_FORMAT_SYNTAX` where it is damaged or cut off
 */
export async function* tarMembers(file: OpenFile, path: string): AsyncGenerator<TarMember> {
  const window = windowOn(file)
  let long: { readonly name?: string; readonly sizeBytes?: number } = {}
  for (let at = 0; at + BLOCK <= file.sizeBytes;) {
    const header = await window(at, BLOCK)
    if (header.every((byte) => byte === 0)) return
    if (!hasChecksum(header)) throw formatSyntax(path, `has a damaged header at byte ${at}`)
    const type = header.toString('latin1', 156, 157)
    const isExtension = type === 'x' || type === 'L'
    const sizeBytes = (isExtension ? undefined : long.sizeBytes) ?? sizeIn(header)
    const offset = at + BLOCK
    const end = offset + Math.ceil((sizeBytes ?? 0) / BLOCK) * BLOCK
    if (sizeBytes === undefined || end > file.sizeBytes) {
      throw formatSyntax(path, `is cut off, or has a wrong size at byte ${at}`)
    }
    if (isExtension) {
      if (sizeBytes > MAX_EXTENSION_BYTES) {
        throw formatSyntax(path, `has a name of ${sizeBytes} bytes at byte ${at}`)
      }
      const bytes = Buffer.from(await file.read(offset, sizeBytes))
      long = type === 'L' ? { name: textIn(bytes) } : { ...long, ...recordsIn(bytes) }
    } else {
      if (FILES.has(type)) yield { name: long.name ?? nameIn(header), offset, sizeBytes }
      long = {}
    }
    at = end
  }
}

type ReadWindow = (at: number, length: number) => Promise<Buffer>

/** Small members lie close together: their headers come with one read. */
function windowOn(file: OpenFile): ReadWindow {
  let start = 0
  let bytes = Buffer.alloc(0)
  return async (at, length) => {
    if (at < start || at + length > start + bytes.length) {
      start = at
      bytes = Buffer.from(await file.read(at, WINDOW_BYTES))
    }
    return bytes.subarray(at - start, at - start + length)
  }
}

function hasChecksum(header: Buffer): boolean {
  const text = textIn(header.subarray(148, 156)).trim()
  if (header.length < BLOCK || !/^[0-7]{1,7}$/u.test(text)) return false
  let [unsigned, signed] = [0, 0]
  for (const [at, byte] of header.entries()) {
    const value = at >= 148 && at < 156 ? 0x20 : byte
    unsigned += value
    signed += value > 127 ? value - 256 : value
  }
  const stated = Number.parseInt(text, 8)
  return stated === unsigned || stated === signed
}

/** Sizes are octal digits, or binary when the first bit is set. */
function sizeIn(header: Buffer): number | undefined {
  const field = header.subarray(124, 136)
  if (((field[0] ?? 0) & 0x80) !== 0) {
    const size = field.subarray(4).readBigUInt64BE()
    return size <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(size) : undefined
  }
  const text = textIn(field).trim()
  return /^[0-7]*$/u.test(text) ? Number.parseInt(text || '0', 8) : undefined
}

function nameIn(header: Buffer): string {
  const name = textIn(header.subarray(0, 100))
  const isPosix = header.toString('latin1', 257, 263) === 'ustar\0'
  const prefix = isPosix ? textIn(header.subarray(345, 500)) : ''
  return prefix === '' ? name : `${prefix}/${name}`
}

/** Records of pax are `length name=value` and a newline. */
function recordsIn(bytes: Buffer): { readonly name?: string; readonly sizeBytes?: number } {
  let found: { readonly name?: string; readonly sizeBytes?: number } = {}
  for (let at = 0; at < bytes.length;) {
    const digits = /^(\d{1,7}) /u.exec(bytes.toString('latin1', at, at + 8))?.[1]
    const length = Number(digits ?? 0)
    if (digits === undefined || length <= digits.length + 1) return found
    const record = bytes.toString('utf8', at + digits.length + 1, at + length - 1)
    if (record.startsWith('path=')) found = { ...found, name: record.slice(5) }
    const size = /^size=(\d{1,15})$/u.exec(record)?.[1]
    if (size !== undefined) found = { ...found, sizeBytes: Number(size) }
    at += length
  }
  return found
}

function textIn(bytes: Buffer): string {
  const end = bytes.indexOf(0)
  return bytes.toString('utf8', 0, end < 0 ? bytes.length : end)
}
