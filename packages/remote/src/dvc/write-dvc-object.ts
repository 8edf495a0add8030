import { createHash, randomUUID } from 'node:crypto'
import fs from 'node:fs'
import path from 'node:path'
import { dvcExportBlocked } from '../errors.ts'
import { objectPaths } from './read-dvc-object.ts'

/** What was written to a cache or remote of DVC. */
export interface WrittenObject {
  /** 32 hexadecimal digits. */
  readonly md5: string
  readonly sizeBytes: number
}

/**
 * Stores a file as an object of DVC 3, under the MD5 of its bytes. What is there already is checked and
 * stays.
 *
 * @param objects - The folder of a cache or remote
 * @throws `DSV_DVC_EXPORT_BLOCKED` when what is there has another MD5, and what reading throws
 */
export async function writeDvcObject(
  objects: string,
  pieces: AsyncIterable<Uint8Array>,
  { isFolder = false }: { readonly isFolder?: boolean } = {},
): Promise<WrittenObject> {
  const temporary = temporaryIn(objects)
  const hash = createHash('md5')
  let sizeBytes = 0
  const descriptor = fs.openSync(temporary, 'wx')
  try {
    for await (const bytes of pieces) {
      hash.update(bytes)
      sizeBytes += bytes.length
      fs.writeFileSync(descriptor, bytes)
    }
    fs.fsyncSync(descriptor)
  } catch (error) {
    fs.rmSync(temporary, { force: true })
    throw error
  } finally {
    fs.closeSync(descriptor)
  }
  const md5 = hash.digest('hex')
  place(objects, { md5, isFolder }, temporary)
  return { md5, sizeBytes }
}

/** Moves an object to its place, where DVC lets nobody write. */
function place(
  objects: string,
  { md5, isFolder }: { readonly md5: string; readonly isFolder: boolean },
  temporary: string,
): void {
  const [inside = ''] = objectPaths({ hash: 'md5', md5, isFolder })
  const target = path.join(objects, inside)
  try {
    if (fs.existsSync(target)) {
      if (md5OfFile(target) !== md5) throw dvcExportBlocked(target)
      return
    }
    fs.mkdirSync(path.dirname(target), { recursive: true })
    fs.chmodSync(temporary, 0o444)
    fs.renameSync(temporary, target)
  } finally {
    fs.rmSync(temporary, { force: true })
  }
}

function md5OfFile(file: string): string {
  const hash = createHash('md5')
  const buffer = Buffer.alloc(2 ** 20)
  const descriptor = fs.openSync(file, 'r')
  try {
    for (;;) {
      const length = fs.readSync(descriptor, buffer)
      if (length === 0) return hash.digest('hex')
      hash.update(buffer.subarray(0, length))
    }
  } finally {
    fs.closeSync(descriptor)
  }
}

function temporaryIn(objects: string): string {
  fs.mkdirSync(objects, { recursive: true })
  return path.join(objects, `.${randomUUID()}.tmp`)
}
