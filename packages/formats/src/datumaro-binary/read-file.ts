import { formatSyntax, type OpenFile } from '@dsv/core'
import { datumaroReading } from '../shared/datumaro-bytes.ts'
import type { JsonObject } from '../shared/json-reader.ts'
import { SIGNATURE } from './find-files.ts'

/** What stands at the beginning of a file. */
export interface DatumHead {
  readonly infos: JsonObject
  readonly categories: JsonObject
  /** Where the blobs of items lie. */
  readonly blobs: readonly { readonly offset: number; readonly sizeBytes: number }[]
}

/** Blobs are a mebibyte and an item; more is not held in memory. */
const MAX_BLOB_BYTES = 2 ** 29

/**
 * Reads the beginning of a file: version, encryption, infos, categories, kind of media and sizes of blobs.
 *
 * @throws `DSV_FORMAT_SYNTAX`
 */
export async function readDatumHead(file: OpenFile, path: string): Promise<DatumHead> {
  let at = SIGNATURE.length
  const head = Buffer.from(await file.read(0, at)).toString('latin1')
  if (head !== SIGNATURE) throw formatSyntax(path, 'has no signature of Datumaro binary')
  const block = async (): Promise<Uint8Array> => {
    const length = await file.read(at, 4)
    const size = length.length < 4 ? Number.NaN : Buffer.from(length).readUInt32LE()
    if (!(at + 4 + size <= file.sizeBytes)) throw formatSyntax(path, `is cut off at byte ${at}`)
    at += 4 + size
    return file.read(at - size, size)
  }
  const dictionary = async (): Promise<JsonObject> =>
    datumaroReading(await block(), path).dictionary()
  await dictionary()
  const encrypted = await block()
  if (encrypted.length > 0) throw formatSyntax(path, 'is encrypted, which is not read')
  const infos = await dictionary()
  const categories = await dictionary()
  await dictionary()
  const sizes = datumaroReading(await block(), path).integers()
  const blobs = sizes.map((sizeBytes) => {
    const offset = at
    at += sizeBytes
    if (sizeBytes < 0 || sizeBytes > MAX_BLOB_BYTES || at > file.sizeBytes) {
      throw formatSyntax(path, `says that items take ${sizeBytes} bytes from byte ${offset}`)
    }
    return { offset, sizeBytes }
  })
  if (at !== file.sizeBytes) throw formatSyntax(path, `goes on after its items, at byte ${at}`)
  return { infos, categories, blobs }
}
