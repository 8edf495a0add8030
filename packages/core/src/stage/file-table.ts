import { type BlobId, ID_BYTES, idFromBytes, toBlobId } from '@dsv/store'
import type { FileRecord, FileRole } from '../record/file-record.ts'

/** What the stage said of a path before: nothing, a link or an empty folder, or a file of this role. */
export type BeforeChange = 'new' | 'other' | FileRole

/** A path that differed on disk from the stage when it was staged. */
export interface StagedChange {
  readonly path: string
  readonly type: FileRecord['type'] | undefined
  readonly before: BeforeChange
  /** The `ctime` that the bytes of a file were read under, in nanoseconds since 1970 UTC. */
  readonly changedNs: bigint
}

/**
 * New records of files by path, undefined where one is removed. A stage may change a million files:
 * each takes some 50 bytes here besides its path.
 */
export interface FileTable {
  paths(): Iterable<string>
  has(path: string): boolean
  get(path: string): FileRecord | undefined
  set(path: string, record: FileRecord | undefined): void
  /** Notes that the path, which has a record, is one that differed on disk. */
  noteChange(path: string, before: BeforeChange, changedNs: bigint): void
  /** Yields the noted ones. */
  changes(): Generator<StagedChange>
}

const TYPES = [undefined, 'file', 'executable', 'symlink', 'empty-folder'] as const
const ROLES = ['none', 'annotation', 'media'] as const
/** The first stands for a path that was not noted as a change. */
const BEFORE = [undefined, 'new', 'other', ...ROLES] as const

/** type u8 · role u8 · before u8 · size f64 · ctime i64 · blob 32 */
const ROW_BYTES = 3 + 8 + 8 + ID_BYTES
const PAGE_ROWS = 4096

/** Returns an empty table. */
export function createFileTable(): FileTable {
  const rows = new Map<string, number>()
  const pages: Buffer[] = []
  const targets = new Map<number, string>()
  const place = (row: number): readonly [page: Buffer, at: number] => {
    const page = (pages[Math.floor(row / PAGE_ROWS)] ??= Buffer.alloc(PAGE_ROWS * ROW_BYTES))
    return [page, (row % PAGE_ROWS) * ROW_BYTES]
  }
  const recordAt = (row: number): FileRecord | undefined => {
    const [page, at] = place(row)
    const type = TYPES[page.readUInt8(at)]
    switch (type) {
      case undefined:
        return undefined
      case 'empty-folder':
        return { type }
      case 'symlink':
        return { type, target: targets.get(row) ?? '' }
      case 'file':
      case 'executable':
        return {
          type,
          blob: toBlobId(idFromBytes(page, at + 19)),
          sizeBytes: page.readDoubleLE(at + 3),
          role: ROLES[page.readUInt8(at + 1)] ?? 'none',
        }
    }
  }
  return {
    paths: () => rows.keys(),
    has: (path) => rows.has(path),
    get: (path) => {
      const row = rows.get(path)
      return row === undefined ? undefined : recordAt(row)
    },
    set: (path, record) => {
      const row = rows.get(path) ?? rows.size
      rows.set(path, row)
      const [page, at] = place(row)
      page.writeUInt8(TYPES.indexOf(record?.type), at)
      if (record?.type === 'symlink') targets.set(row, record.target)
      if (record !== undefined && 'blob' in record) writeBlob(page, at, record)
    },
    noteChange: (path, before, changedNs) => {
      const row = rows.get(path)
      if (row === undefined) throw new Error(`${path} has no record.`)
      const [page, at] = place(row)
      page.writeUInt8(BEFORE.indexOf(before), at + 2)
      page.writeBigInt64LE(BigInt.asIntN(64, changedNs), at + 11)
    },
    *changes() {
      for (const [path, row] of rows) {
        const [page, at] = place(row)
        const before = BEFORE[page.readUInt8(at + 2)]
        if (before === undefined) continue
        const type = TYPES[page.readUInt8(at)]
        yield { path, type, before, changedNs: page.readBigInt64LE(at + 11) }
      }
    },
  }
}

function writeBlob(
  page: Buffer,
  at: number,
  record: { readonly blob: BlobId; readonly sizeBytes: number; readonly role: FileRole },
): void {
  page.writeUInt8(ROLES.indexOf(record.role), at + 1)
  page.writeDoubleLE(record.sizeBytes, at + 3)
  page.write(record.blob, at + 19, 'hex')
}
