import { packCorrupt } from '../errors.ts'
import {
  decodeIndexFooter,
  decodeIndexTail,
  ENTRY_BYTES,
  type EntryPlace,
  INDEX_MAGIC,
  INDEX_TAIL_BYTES,
  type IndexFooter,
  isPageSound,
  PAGE_BYTES,
  PAGE_ENTRIES,
  PREFIX_BYTES,
  readEntryPlace,
} from './index-format.ts'
import type { OpenFiles } from './open-files.ts'
import { fragmentPath } from './storage-layout.ts'

/** One index fragment, read page by page. */
export interface IndexFragment {
  readonly name: string
  readonly entries: number
  readonly packs: readonly string[]
  /** Returns where the object of this id, 32 bytes, lies. @throws `DSV_PACK_CORRUPT` */
  find(id: Buffer): Promise<EntryPlace | undefined>
  readonly pages: number
  /** Returns a checked page. @throws `DSV_PACK_CORRUPT` */
  readPage(page: number): Promise<Buffer>
  /** Returns how many entries a page holds. */
  entriesOn(page: number): number
}

/** Pages of fragments that were read lately, 16 MiB of them. */
export type PageCache = Map<string, Buffer>
const CACHED_PAGES = 4096

/**
 * Opens a fragment: reads its fan-out and its list of packs.
 *
 * @throws `DSV_STORAGE_NOT_FOUND`, `DSV_PACK_CORRUPT`
 */
export async function openIndexFragment(
  files: OpenFiles,
  cache: PageCache,
  name: string,
): Promise<IndexFragment> {
  const path = fragmentPath(name)
  const footer = await readFooter(files, path)
  const pages = Math.ceil(footer.entries / PAGE_ENTRIES)

  async function readPage(page: number): Promise<Buffer> {
    const bytes = await files.read(path, INDEX_MAGIC.length + page * PAGE_BYTES, PAGE_BYTES)
    if (!isPageSound(bytes)) throw packCorrupt(path, `page ${page} does not match its checksum`)
    return bytes
  }
  async function loadPage(page: number, key: string): Promise<Buffer> {
    const bytes = await readPage(page)
    cache.set(key, bytes)
    if (cache.size > CACHED_PAGES) {
      for (const oldest of cache.keys()) {
        cache.delete(oldest)
        break
      }
    }
    return bytes
  }
  const keys = Array.from({ length: Math.min(pages, 1 << 20) }, () => '')
  function keyOf(page: number): string {
    return (keys[page] ||= `${name} ${page}`)
  }
  const entriesOn = (page: number): number =>
    Math.min(PAGE_ENTRIES, footer.entries - page * PAGE_ENTRIES)

  async function find(id: Buffer): Promise<EntryPlace | undefined> {
    const first = id[0] ?? 0
    const from = first === 0 ? 0 : (footer.fanOut[first - 1] ?? 0)
    const to = footer.fanOut[first] ?? 0
    if (from >= to) return undefined
    let low = Math.floor(from / PAGE_ENTRIES)
    let high = Math.floor((to - 1) / PAGE_ENTRIES)
    // Ids are spread evenly, so the page can be guessed; the neighbours are next.
    const guessed = from + (id.readUIntBE(1, 6) / 2 ** 48) * (to - from)
    let page = Math.floor(guessed / PAGE_ENTRIES)
    for (let tries = 0; low <= high; tries += 1) {
      page = Math.min(high, Math.max(low, page))
      const key = keyOf(page)
      const bytes = cache.get(key) ?? (await loadPage(page, key))
      const last = entriesOn(page) - 1
      if (comparePrefix(id, bytes, 0) < 0) {
        high = page - 1
        page = tries < 3 ? high : (low + high) >>> 1
      } else if (comparePrefix(id, bytes, last) > 0) {
        low = page + 1
        page = tries < 3 ? low : (low + high) >>> 1
      } else {
        return findOnPage(id, bytes, last)
      }
    }
    return undefined
  }

  return { name, entries: footer.entries, packs: footer.packs, pages, find, readPage, entriesOn }
}

function comparePrefix(id: Buffer, page: Buffer, index: number): number {
  const at = index * ENTRY_BYTES
  const head = id.readUInt32BE(0) - page.readUInt32BE(at)
  return head === 0 ? id.compare(page, at, at + PREFIX_BYTES, 0, PREFIX_BYTES) : head
}

function findOnPage(id: Buffer, page: Buffer, last: number): EntryPlace | undefined {
  let low = 0
  let high = last
  while (low <= high) {
    const middle = (low + high) >>> 1
    const order = comparePrefix(id, page, middle)
    if (order === 0) return readEntryPlace(page, middle * ENTRY_BYTES)
    if (order < 0) high = middle - 1
    else low = middle + 1
  }
  return undefined
}

async function readFooter(files: OpenFiles, path: string): Promise<IndexFooter> {
  const size = await files.sizeOf(path)
  const tail = decodeIndexTail(await files.read(path, -INDEX_TAIL_BYTES, INDEX_TAIL_BYTES))
  if (tail === undefined) throw packCorrupt(path, 'it is cut off')
  const behind = tail.length + INDEX_TAIL_BYTES
  if (size === undefined || size < INDEX_MAGIC.length + behind) {
    throw packCorrupt(path, 'it is cut off')
  }
  const footer = decodeIndexFooter(await files.read(path, size - behind, tail.length), tail.hash)
  if (footer === undefined) throw packCorrupt(path, 'its footer does not match its checksum')
  const pageBytes = Math.ceil(footer.entries / PAGE_ENTRIES) * PAGE_BYTES
  if (size !== INDEX_MAGIC.length + pageBytes + behind || footer.fanOut[255] !== footer.entries) {
    throw packCorrupt(path, 'its size does not match its number of entries')
  }
  return footer
}
