import { formatSyntax } from '@dsv/core'
import { decodeText, splitLines } from '../shared/text-reader.ts'

/** What `seqinfo.ini` says of a sequence. */
export interface SeqInfo {
  readonly name?: string
  /** Folder of the images. */
  readonly imDir?: string
  /** Images in a second, as written. */
  readonly frameRate?: string
  readonly seqLength?: number
  /** Pixels. */
  readonly width?: number
  readonly height?: number
  /** Extension of the images, with its dot. */
  readonly imExt?: string
}

/** More is no sequence, but a damaged number. */
const MAX_FRAMES = 1_000_000

/** Reads `seqinfo.ini`. @throws `DSV_FORMAT_SYNTAX` */
export function parseSeqInfo(bytes: Uint8Array, file: string): SeqInfo {
  const fields = new Map<string, string>()
  for (const line of splitLines(decodeText(bytes, file)).lines) {
    const match = /^\s*([A-Za-z]+)\s*=\s*(.*?)\s*$/u.exec(line)
    if (match !== null) fields.set((match[1] ?? '').toLowerCase(), match[2] ?? '')
  }
  const number = (name: string, most: number): number | undefined => {
    const text = fields.get(name)
    if (text === undefined) return undefined
    const value = Number(text)
    if (/^\d+$/u.test(text) && value <= most) return value
    throw formatSyntax(file, `${name} should be a whole number up to ${most}`)
  }
  const seqLength = number('seqlength', MAX_FRAMES)
  const width = number('imwidth', 2 ** 31)
  const height = number('imheight', 2 ** 31)
  const [name, imDir, frameRate, imExt] = ['name', 'imdir', 'framerate', 'imext'].map((field) =>
    fields.get(field),
  )
  return {
    ...(name !== undefined && { name }),
    ...(imDir !== undefined && { imDir }),
    ...(frameRate !== undefined && { frameRate }),
    ...(imExt !== undefined && { imExt }),
    ...(seqLength !== undefined && { seqLength }),
    ...(width !== undefined && { width }),
    ...(height !== undefined && { height }),
  }
}

/** Returns the text of `seqinfo.ini`. */
export function seqInfoText(info: Required<SeqInfo>): string {
  return [
    '[Sequence]',
    `name=${info.name}`,
    `imDir=${info.imDir}`,
    `frameRate=${info.frameRate}`,
    `seqLength=${info.seqLength}`,
    `imWidth=${info.width}`,
    `imHeight=${info.height}`,
    `imExt=${info.imExt}`,
    '',
  ].join('\n')
}
