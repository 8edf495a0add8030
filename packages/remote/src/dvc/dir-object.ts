import { createHash } from 'node:crypto'
import { checkPath } from '@dsv/core'
import { compareBytes } from '@dsv/store'
import { dvcMetadataInvalid } from '../errors.ts'
import type { DvcEntry } from './dvc-out.ts'

/** A `.dir` object takes some 80 bytes for each file. */
export const MAX_DIR_BYTES: number = 512 * 2 ** 20

/**
 * Reads the files of a directory from its `.dir` object, a JSON list of `{md5, relpath}`.
 *
 * @param file names it in messages
 * @throws `DSV_DVC_METADATA_INVALID`, `DSV_PATH_UNSAFE`
 */
export function readDirObject(bytes: Uint8Array, file: string): readonly DvcEntry[] {
  const parsed = parseJson(bytes, file)
  if (!Array.isArray(parsed)) throw dvcMetadataInvalid(file, 'is no list of files')
  return checkEntries(
    parsed.map((each: unknown): DvcEntry => {
      const relpath = field(each, 'relpath')
      const md5 = field(each, 'md5')
      if (typeof relpath !== 'string' || typeof md5 !== 'string' || !/^[0-9a-f]{32}$/i.test(md5)) {
        throw dvcMetadataInvalid(file, 'has a file without relpath or md5')
      }
      const size = field(each, 'size')
      const isSize = typeof size === 'number' && Number.isSafeInteger(size) && size >= 0
      return { path: relpath, md5: md5.toLowerCase(), ...(isSize ? { sizeBytes: size } : {}) }
    }),
    file,
  )
}

/**
 * Returns the entries when they can lie side by side in one folder.
 *
 * @throws `DSV_PATH_UNSAFE` for a path that leaves the folder or is reserved,
 *   `DSV_DVC_METADATA_INVALID` for a path that is there twice, or is both a file and a folder
 */
export function checkEntries(entries: readonly DvcEntry[], file: string): readonly DvcEntry[] {
  const files = new Set<string>()
  for (const { path } of entries) {
    checkPath(path)
    if (path.endsWith('/')) throw dvcMetadataInvalid(file, `${JSON.stringify(path)} is no file`)
    if (files.has(path)) throw dvcMetadataInvalid(file, `has ${JSON.stringify(path)} twice`)
    files.add(path)
  }
  for (const path of files) {
    for (let at = path.indexOf('/'); at > 0; at = path.indexOf('/', at + 1)) {
      const folder = path.slice(0, at)
      if (!files.has(folder)) continue
      throw dvcMetadataInvalid(file, `has ${JSON.stringify(folder)} as a file and as a folder`)
    }
  }
  return entries
}

/**
 * Returns the bytes of a `.dir` object exactly as DVC writes them: one line, sorted by path, as Python's
 * `json.dumps(…, sort_keys=True)` spells it.
 */
export function writeDirObject(entries: readonly DvcEntry[]): Buffer {
  const lines = entries
    .map(({ path, md5 }) => ({ key: Buffer.from(path), path, md5 }))
    // UTF-8 sorts as code points do.
    .toSorted((a, b) => compareBytes(a.key, b.key))
    .map(({ path, md5 }) => `{"md5": "${md5}", "relpath": ${asciiJson(path)}}`)
  return Buffer.from(`[${lines.join(', ')}]`)
}

/** Returns the MD5 of the `.dir` object of some files, without the suffix. */
export function dirMd5(entries: readonly DvcEntry[]): string {
  return createHash('md5').update(writeDirObject(entries)).digest('hex')
}

function asciiJson(value: string): string {
  return JSON.stringify(value).replaceAll(
    /[\u007f-\uffff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

function parseJson(bytes: Uint8Array, file: string): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch (error) {
    throw dvcMetadataInvalid(file, 'is no valid JSON', error)
  }
}

function field(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, key)
    ? Object.getOwnPropertyDescriptor(value, key)?.value
    : undefined
}
