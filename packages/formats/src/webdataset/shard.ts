import { type Folder, formatSyntax, type OpenFile, type ReadContext } from '@dsv/core'
import { spoolFile } from '../folder/spool-file.ts'
import { tarMembers, type TarMember } from './tar-members.ts'

/** A tar file of a dataset. */
export interface Shard {
  readonly path: string
  readonly subset: string
}

/** The files of one sample by what comes after its name, in lower case: `jpg`, `seg.png`. */
export interface Sample {
  readonly key: string
  readonly members: ReadonlyMap<string, TarMember>
}

const SHARD = /\.(?:tar|tar\.gz|tgz)$/iu
const SUBSETS = /^(?:train|training|val|valid|validation|dev|test|testing)$/u
const NO_NAMES: ReadonlySet<string> = new Set(['', 'shard', 'shards', 'data', 'dataset', 'part'])

/** What a packed shard may unpack to: as much as a zip file may. */
function limitFor(packedBytes: number): number {
  return Math.max(4 * 2 ** 30, packedBytes * 200)
}

/** Finds the shards of a folder. */
export async function findShards(folder: Folder): Promise<readonly Shard[]> {
  return (await folder.list())
    .filter((path) => SHARD.test(path))
    .map((path) => ({ path, subset: subsetOf(path) }))
}

/** Returns the subset that the name of a shard says: what stands before its number. */
export function subsetOf(path: string): string {
  const [name = '', folder = ''] = path.split('/').toReversed()
  const stem = name.replace(SHARD, '').replace(/[-_.]?\d*$/u, '')
  const words = [...stem.split(/[^A-Za-z]+/u), ...folder.split(/[^A-Za-z]+/u)]
  const known = words.find((word) => SUBSETS.test(word.toLowerCase()))
  return known ?? (NO_NAMES.has(stem.toLowerCase()) ? 'default' : stem)
}

/** Opens a shard at any offset; one that is packed with gzip is unpacked to a temporary file. @throws `DSV_FORMAT_SYNTAX` */
export async function openShard(
  folder: Folder,
  path: string,
  signal: AbortSignal,
  maxBytes?: number,
): Promise<OpenFile> {
  const file = await folder.open(path)
  if (path.toLowerCase().endsWith('.tar')) return file
  const { createGunzip } = await import('node:zlib')
  const { Readable } = await import('node:stream')
  const spool = spoolFile()
  const limit = maxBytes ?? limitFor(file.sizeBytes)
  try {
    for await (const piece of Readable.from(piecesOf(file)).pipe(createGunzip())) {
      signal.throwIfAborted()
      if (!(piece instanceof Uint8Array)) continue
      spool.append(piece)
      if (spool.sizeBytes > limit) throw formatSyntax(path, `unpacks to more than ${limit} bytes`)
      await spool.settle()
    }
    return spool
  } catch (error) {
    await spool.close()
    throw isGzipError(error) ? formatSyntax(path, 'is no valid gzip', error) : error
  } finally {
    await file.close()
  }
}

function isGzipError(error: unknown): boolean {
  if (typeof error !== 'object' || error === null || !('code' in error)) return false
  return String(error.code).startsWith('Z_')
}

const PIECE_BYTES = 2 ** 20

async function* piecesOf(file: OpenFile): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < file.sizeBytes;) {
    const piece = await file.read(at, PIECE_BYTES)
    if (piece.length === 0) return
    yield piece
    at += piece.length
  }
}

/**
 * Groups the files of a shard into samples: files that follow one another and have the same name up to
 * the first dot.
 *
 * @throws `DSV_FORMAT_SYNTAX`
 */
export async function* samplesOf(
  file: OpenFile,
  path: string,
  { signal }: Pick<ReadContext, 'signal'>,
): AsyncGenerator<Sample> {
  let key: string | undefined
  let members = new Map<string, TarMember>()
  for await (const member of tarMembers(file, path)) {
    signal.throwIfAborted()
    const [name, suffix] = splitName(member.name)
    if (suffix === '') continue
    if (key !== undefined && name !== key) {
      yield { key, members }
      members = new Map()
    }
    if (members.has(suffix)) throw formatSyntax(path, `has ${member.name} twice`)
    if (members.size >= MAX_MEMBERS) throw formatSyntax(path, `has too many files called ${name}`)
    key = name
    members.set(suffix, member)
  }
  if (key !== undefined) yield { key, members }
}

const MAX_MEMBERS = 100_000

function splitName(path: string): readonly [key: string, suffix: string] {
  const plain = path.replace(/^(?:\.?\/)+/u, '')
  const name = plain.slice(plain.lastIndexOf('/') + 1)
  const dot = name.indexOf('.')
  // Names in double underscores are about the shard.
  if (dot <= 0 || /^__[^/]*__(?:$|[./])/u.test(plain)) return [plain, '']
  const start = plain.length - name.length + dot
  return [plain.slice(0, start), plain.slice(start + 1).toLowerCase()]
}
