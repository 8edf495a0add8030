import { encodeCanonical, type BlobId, type TreeEntry } from '@dsv/store'
import { recordMalformed } from '../errors.ts'
import { readRecord } from './record-reader.ts'

const VERSION = 1
const TYPES = ['file', 'executable', 'symlink', 'empty-folder'] as const
const ROLES = ['none', 'annotation', 'media'] as const

/** What a file is to the dataset it lies in: read by its adapter, named by an item, or nothing. */
export type FileRole = (typeof ROLES)[number]

/** A file of a snapshot. */
export type FileRecord =
  | {
      readonly type: 'file' | 'executable'
      readonly blob: BlobId
      readonly sizeBytes: number
      readonly role: FileRole
    }
  /** `target` is the text of the link, as the file system has it. */
  | { readonly type: 'symlink'; readonly target: string }
  | { readonly type: 'empty-folder' }

/**
 * Returns the entry of a file in the file tree of a snapshot. The key is the path in UTF-8, as
 * spelled. The value is canonical `[1, type, role, size]` with the blob as link 0, `[1, 2, target]`
 * for a symbolic link, `[1, 3]` for an empty folder; type: 0 file, 1 executable, 2 symbolic link,
 * 3 empty folder; role: 0 none, 1 annotation, 2 media.
 *
 * @param path - `/`-separated, relative to the root of the working tree
 */
export function encodeFile(path: string, file: FileRecord): TreeEntry {
  const type = TYPES.indexOf(file.type)
  const key = encodePath(path)
  if (file.type === 'empty-folder')
    return { key, value: encodeCanonical([VERSION, type]), links: [] }
  if (file.type === 'symlink') {
    return { key, value: encodeCanonical([VERSION, type, file.target]), links: [] }
  }
  const fields = [VERSION, type, ROLES.indexOf(file.role), file.sizeBytes]
  return { key, value: encodeCanonical(fields), links: [file.blob] }
}

/**
 * Returns the file in an entry of the file tree. Whether the path may be written is for the caller
 * to check.
 *
 * @throws `DSV_RECORD_CORRUPT`, `DSV_RECORD_MALFORMED`, `DSV_RECORD_VERSION_UNSUPPORTED`
 */
export function decodeFile(entry: TreeEntry): FileRecord {
  const reader = readRecord('A file record', entry.value, entry.links, VERSION)
  const type = TYPES[reader.number(reader.body[0], 'The type')]
  if (type === undefined) return reader.fail('the type is unknown')
  if (type === 'empty-folder') return { type }
  if (type === 'symlink') return { type, target: reader.text(reader.body[1], 'The target') }
  const role = ROLES[reader.number(reader.body[1], 'The role')]
  if (role === undefined) return reader.fail('the role is unknown')
  const sizeBytes = reader.count(reader.body[2], 'The size')
  return { type, blob: reader.blob(0, 'The file'), sizeBytes, role }
}

/** Returns the key of a path in the file tree. */
export function encodePath(path: string): Uint8Array {
  return Buffer.from(path)
}

/** Returns the path in a key of the file tree. @throws `DSV_RECORD_MALFORMED` */
export function decodePath(key: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(key)
  } catch (error) {
    throw recordMalformed('The key of a file', 'it is not UTF-8', error)
  }
}
