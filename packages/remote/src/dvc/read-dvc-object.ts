import { createHash } from 'node:crypto'
import { isDsvError, type StorageDriver } from '@dsv/store'
import { dvcObjectCorrupt, dvcObjectMissing } from '../errors.ts'
import type { DvcHash } from './dvc-out.ts'
import { md5Check } from './dvc-md5.ts'

/** An object of DVC: what names it, and where it may lie. */
export interface DvcObject {
  readonly hash: DvcHash
  /** 32 hexadecimal digits. */
  readonly md5: string
  readonly isFolder: boolean
  /** For messages: the output or the file in it. */
  readonly name: string
  /** Where a remote that versions files itself keeps it. */
  readonly plainPath?: string | undefined
}

/** How much is asked for at once: most objects come whole, and are checked before any byte is given. */
const PIECE_BYTES = 8 * 2 ** 20

const EMPTY_MD5 = createHash('md5').digest('hex')

/**
 * Reads an object from the first storage that has it, checked against its MD5. Both layouts are tried, that
 * of its hash first: registries that are older than DVC 3 hold both.
 *
 * Objects of up to 8 MiB are checked before their bytes are given; for larger ones the last `next` throws.
 *
 * @throws `DSV_DVC_OBJECT_MISSING`, `DSV_DVC_OBJECT_CORRUPT`, and what the storage throws
 */
export async function* readDvcObject(
  object: DvcObject,
  storages: readonly StorageDriver[],
): AsyncGenerator<Uint8Array, void, undefined> {
  if (object.md5 === EMPTY_MD5 && !object.isFolder) return
  let failure: unknown
  for (const storage of storages) {
    for (const path of objectPaths(object)) {
      const first = await readFirst(storage, path).catch((error: unknown) => {
        // A bucket that may not be listed denies what it does not have.
        if (isDsvError(error, 'DSV_STORAGE_DENIED')) failure ??= error
        else if (!isDsvError(error, 'DSV_STORAGE_NOT_FOUND')) throw error
        return undefined
      })
      if (first === undefined) continue
      const check = md5Check(object.hash, object.md5)
      check.update(first)
      if (first.length < PIECE_BYTES) {
        const actual = check.mismatch()
        if (actual === undefined) {
          yield first
          return
        }
        failure = corrupt(object, actual, storage, path)
        continue
      }
      yield first
      for (let offset = first.length; ;) {
        const piece = await storage.readRange(path, offset, PIECE_BYTES)
        check.update(piece)
        if (piece.length > 0) yield piece
        offset += piece.length
        if (piece.length < PIECE_BYTES) break
      }
      const actual = check.mismatch()
      if (actual !== undefined) throw corrupt(object, actual, storage, path)
      return
    }
  }
  throw (
    failure ??
    dvcObjectMissing(
      object.name,
      object.md5,
      storages.map(({ location }) => location),
    )
  )
}

/** Returns the places of an object in a cache or a remote, the likeliest first. */
export function objectPaths(
  object: Pick<DvcObject, 'hash' | 'isFolder' | 'md5' | 'plainPath'>,
): readonly string[] {
  const name = `${object.md5.slice(0, 2)}/${object.md5.slice(2)}${object.isFolder ? '.dir' : ''}`
  const layouts = [`files/md5/${name}`, name]
  const paths = object.hash === 'md5' ? layouts : layouts.toReversed()
  return object.plainPath === undefined ? paths : [...paths, object.plainPath]
}

async function readFirst(storage: StorageDriver, path: string): Promise<Uint8Array> {
  return storage.readRange(path, 0, PIECE_BYTES)
}

function corrupt(object: DvcObject, actual: string, storage: StorageDriver, path: string): Error {
  const problem = `its md5 is ${actual}, not ${object.md5}`
  return dvcObjectCorrupt(object.name, problem, `${storage.location}/${path}`)
}
