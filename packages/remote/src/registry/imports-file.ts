import { encodeFile, encodePath, fileIn, type Json, type Snapshot } from '@dsv/core'
import { editTree, type ObjectReader, type ObjectStore, toBlobId } from '@dsv/store'
import { importsInvalid } from '../errors.ts'

/** The file that says what came from where; it is versioned like any other. */
export const IMPORTS_FILE = '.dsvimports'
const MOST_BYTES = 16 * 2 ** 20

/** Where a folder or file of this repository came from. */
export interface Import {
  /** Where it lies here. */
  readonly path: string
  /** Of the registry; absent for a repository of ours. */
  readonly kind?: 'dvc'
  /** The repository it came from: a folder or a URL. */
  readonly url: string
  readonly options: Readonly<Record<string, string>>
  /** Where it lies there. */
  readonly from: string
  /** What was asked for; absent for the main branch. */
  readonly revision?: string
  /** The commit that it meant. */
  readonly commit: string
  /** A query that chose items; absent for all. */
  readonly where?: string
  /** The format that was asked for; absent for what the folder looked like. */
  readonly format?: string
  /** The stage over there that was run here to make it; absent for what is stored over there. */
  readonly madeBy?: string
  /** What the registry recorded of how it came to be: stages and imports over there. */
  readonly lineage?: Json
}

/** Reads what a snapshot says of its imports, by path. @throws `DSV_IMPORTS_INVALID` */
export async function readImports(
  reader: ObjectReader,
  snapshot: Snapshot,
): Promise<readonly Import[]> {
  const found = await fileIn(reader, snapshot.files, IMPORTS_FILE)
  if (found === undefined || !('blob' in found)) return []
  // The size in the file record is a claim.
  const { sizeBytes = 0 } = (await reader.info(found.blob)) ?? {}
  if (sizeBytes > MOST_BYTES) throw importsInvalid(IMPORTS_FILE, 'it is larger than 16 MiB')
  const text = Buffer.from(await reader.getBlob(found.blob)).toString('utf8')
  return parseImports(text)
}

/** Returns the snapshot with these imports on record. */
export async function withImports(
  store: ObjectStore,
  snapshot: Snapshot,
  imports: readonly Import[],
): Promise<Snapshot> {
  const key = encodePath(IMPORTS_FILE)
  if (imports.length === 0)
    return {
      ...snapshot,
      files: await editTree(store, snapshot.files, [{ key, entry: undefined }]),
    }
  const bytes = bytesOf(imports)
  const blob = toBlobId(await store.putBlob(bytes))
  const record = { type: 'file', blob, sizeBytes: bytes.length, role: 'none' } as const
  const entry = encodeFile(IMPORTS_FILE, record)
  return { ...snapshot, files: await editTree(store, snapshot.files, [{ key, entry }]) }
}

/** What is too large would never be read again: lineages go first. */
function bytesOf(imports: readonly Import[]): Buffer {
  const bytes = Buffer.from(formatImports(imports))
  if (bytes.length <= MOST_BYTES) return bytes
  return Buffer.from(formatImports(imports.map(({ lineage: _lineage, ...rest }) => rest)))
}

/** Returns the text of the file: one entry for each import, by path. */
export function formatImports(imports: readonly Import[]): string {
  return `${JSON.stringify({ version: 1, imports: importsToJson(imports) }, undefined, 2)}\n`
}

/** Returns imports as the file has them: one entry for each, by path. */
export function importsToJson(imports: readonly Import[]): Readonly<Record<string, Json>> {
  const sorted = imports.toSorted((a, b) => (a.path < b.path ? -1 : 1))
  const entries = sorted.map(({ path, options, ...rest }): [string, Json] => [
    path,
    Object.keys(options).length === 0 ? { ...rest } : { ...rest, options },
  ])
  return Object.fromEntries(entries)
}

/** Reads the text of the file. @throws `DSV_IMPORTS_INVALID` */
export function parseImports(text: string): readonly Import[] {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    throw importsInvalid(IMPORTS_FILE, 'it is no JSON', error)
  }
  if (!isObject(value)) throw importsInvalid(IMPORTS_FILE, 'it has no imports')
  if (value['version'] !== 1) throw importsInvalid(IMPORTS_FILE, 'its version is not known')
  return importsFromJson(value['imports'])
}

/** Reads what {@link importsToJson} returned. @throws `DSV_IMPORTS_INVALID` */
export function importsFromJson(value: unknown): readonly Import[] {
  if (!isObject(value)) throw importsInvalid(IMPORTS_FILE, 'it has no imports')
  return Object.entries(value).map(([path, entry]) => readImport(path, entry))
}

function readImport(path: string, entry: unknown): Import {
  const place = `imports.${path}`
  if (!isObject(entry)) throw importsInvalid(IMPORTS_FILE, `${place} is no object`)
  const text = (name: string): string => {
    const value = entry[name]
    if (typeof value === 'string') return value
    throw importsInvalid(IMPORTS_FILE, `${place}.${name} is no text`)
  }
  const { options = {} } = entry
  if (!isObject(options)) throw importsInvalid(IMPORTS_FILE, `${place}.options is no object`)
  for (const [name, value] of Object.entries(options))
    if (typeof value !== 'string')
      throw importsInvalid(IMPORTS_FILE, `${place}.options.${name} is no text`)
  const { kind } = entry
  if (kind !== undefined && kind !== 'dvc')
    throw importsInvalid(IMPORTS_FILE, `${place}.kind is not known`)
  return {
    path,
    ...(kind !== undefined && { kind }),
    url: text('url'),
    options: Object.fromEntries(
      Object.entries(options).map(([name, value]) => [name, String(value)]),
    ),
    from: text('from'),
    ...(entry['revision'] !== undefined && { revision: text('revision') }),
    commit: text('commit'),
    ...(entry['where'] !== undefined && { where: text('where') }),
    ...(entry['format'] !== undefined && { format: text('format') }),
    ...(entry['madeBy'] !== undefined && { madeBy: text('madeBy') }),
    ...(isJson(entry['lineage']) && { lineage: entry['lineage'] }),
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Whoever looks into it checks what it finds. */
function isJson(value: unknown): value is Json {
  return isObject(value)
}
