import { formatSyntax, type Json, type OpenFile } from '@dsv/core'
import { parseJson } from './json-reader.ts'

/** One line of a file of JSON lines. */
export interface JsonLine {
  /** From 1. */
  readonly number: number
  /** Reads the line. @throws `DSV_FORMAT_SYNTAX` */
  readonly value: () => Json
}

const BLOCK_BYTES = 2 ** 20
const MAX_LINE_BYTES = 64 * 2 ** 20
const NEWLINE = 0x0a

/** Reads a file of JSON lines in blocks; empty lines are left out. @throws `DSV_FORMAT_SYNTAX` */
export async function* jsonLines(file: OpenFile, path: string): AsyncGenerator<JsonLine> {
  let pending = Buffer.alloc(0)
  let number = 0
  for (let at = 0; at < file.sizeBytes;) {
    const read = await file.read(at, BLOCK_BYTES)
    if (read.length === 0) break
    at += read.length
    const bytes = Buffer.concat([pending, read])
    let start = 0
    for (let end = bytes.indexOf(NEWLINE); end >= 0; end = bytes.indexOf(NEWLINE, start)) {
      number += 1
      if (!isBlank(bytes.subarray(start, end)))
        yield lineOf(bytes.subarray(start, end), path, number)
      start = end + 1
    }
    pending = bytes.subarray(start)
    if (pending.length > MAX_LINE_BYTES) {
      throw formatSyntax(path, `line ${number + 1} has no end within 64 MiB`)
    }
  }
  if (!isBlank(pending)) yield lineOf(pending, path, number + 1)
}

function lineOf(bytes: Uint8Array, path: string, number: number): JsonLine {
  return { number, value: () => parseJson(bytes, `${path}: line ${number}`) }
}

function isBlank(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte === 0x20 || byte === 0x0d || byte === 0x09)
}
