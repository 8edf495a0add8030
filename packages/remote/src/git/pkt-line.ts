/** Returns one line of Git's protocol: four hexadecimal digits of length, then the text. */
export function pktLine(text: string): Buffer {
  const bytes = Buffer.from(text)
  return Buffer.concat([Buffer.from((bytes.length + 4).toString(16).padStart(4, '0')), bytes])
}

/** Ends a section. */
export const FLUSH: Buffer = Buffer.from('0000')

/** One line and where the next begins; `line` is undefined for the end of a section. */
export interface PktLine {
  readonly line: string | undefined
  readonly next: number
}

/** Reads the line at an offset. Returns undefined at the end, and for what is no line. */
export function readPktLine(bytes: Buffer, offset: number): PktLine | undefined {
  const digits = bytes.toString('latin1', offset, offset + 4)
  if (!/^[0-9a-f]{4}$/i.test(digits)) return undefined
  const length = Number.parseInt(digits, 16)
  if (length === 0) return { line: undefined, next: offset + 4 }
  if (length < 4 || offset + length > bytes.length) return undefined
  const line = bytes.toString('utf8', offset + 4, offset + length).replace(/\n$/, '')
  return { line, next: offset + length }
}
