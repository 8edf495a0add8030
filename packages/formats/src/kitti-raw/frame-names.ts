import { formatSyntax } from '@dsv/core'
import { decodeText } from '../shared/text-reader.ts'

/** Returns the name that a frame has in KITTI: ten digits. */
export function usualFrameName(frame: number): string {
  return String(frame).padStart(10, '0')
}

/** Returns the frame that has this name in KITTI; undefined for other names. */
export function usualFrame(name: string): number | undefined {
  return /^\d{10}$/u.test(name) ? Number(name) : undefined
}

/** Reads lines of a frame and its name; `#` begins a comment. @throws `DSV_FORMAT_SYNTAX` */
export function parseFrameList(bytes: Uint8Array, file: string): ReadonlyMap<number, string> {
  const names = new Map<number, string>()
  for (const [index, line] of decodeText(bytes, file).split(/\r?\n/u).entries()) {
    const text = line.trim()
    if (text === '' || text.startsWith('#')) continue
    const [, frame, name] = /^(\d{1,15})\s+(\S.*)$/u.exec(text) ?? []
    if (frame === undefined || name === undefined) {
      throw formatSyntax(file, `line ${index + 1}: "${text.slice(0, 100)}" is no frame and name`)
    }
    names.set(Number(frame), name)
  }
  return names
}
