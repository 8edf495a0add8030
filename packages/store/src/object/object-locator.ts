import type { StorageDriver } from '../driver/storage-driver.ts'
import { isDsvError } from '../dsv-error.ts'
import { packCorrupt } from '../errors.ts'
import type { AnyId } from '../hash/object-id.ts'
import { type EntryKind, kindFromByte } from '../pack/entry-kind.ts'
import type { EntryPlace } from '../pack/index-format.ts'
import { type IndexFragment, openIndexFragment, type PageCache } from '../pack/index-fragment.ts'
import type { OpenFiles } from '../pack/open-files.ts'
import { blobPath, fragmentPath, packPath } from '../pack/storage-layout.ts'

/** Says which index fragments are live, by name. */
export interface FragmentSource {
  /** What is known; the same array as long as nothing changed. */
  current(): readonly string[]
  /** Reads the root record again. */
  reload(): Promise<readonly string[]>
}

/** Where a blob or object lies: in a pack, or as a file of its own. */
export type ObjectPlace = PackedPlace | { readonly type: 'file'; readonly sizeBytes: number }

/** Where in which pack something lies. */
export interface PackedPlace {
  readonly type: 'pack'
  readonly packId: string
  readonly kind: EntryKind
  readonly codec: number
  /** Of the stored payload in the pack. */
  readonly offset: number
  readonly storedLength: number
  readonly rawLength: number
}

/** Finds where objects lie, by index fragments that are opened when needed. */
export class ObjectLocator {
  readonly #driver: StorageDriver
  readonly #source: FragmentSource
  readonly #files: OpenFiles
  readonly #cache: PageCache = new Map()
  readonly #packs = new Set<string>()
  #names: readonly string[] | undefined
  #fragments: IndexFragment[] = []

  constructor(driver: StorageDriver, source: FragmentSource, files: OpenFiles) {
    this.#driver = driver
    this.#source = source
    this.#files = files
  }

  /**
   * Returns where an object lies; a pack that is gone does not count.
   *
   * @throws `DSV_PACK_CORRUPT`, `DSV_STORAGE_NOT_FOUND` when a live fragment is missing
   */
  async find(id: AnyId): Promise<ObjectPlace | undefined> {
    const packed = await this.findPacked(id)
    if (packed !== undefined) return packed
    const sizeBytes = await this.#driver.sizeOf(blobPath(id))
    return sizeBytes === undefined ? undefined : { type: 'file', sizeBytes }
  }

  /** The same, in packs only. */
  async findPacked(id: AnyId): Promise<PackedPlace | undefined> {
    if (this.#names !== this.#source.current()) await this.#openAll(true)
    if (this.#fragments.length === 0) return undefined
    const bytes = Buffer.from(id, 'hex')
    for (const fragment of this.#fragments) {
      const place = await fragment.find(bytes)
      if (place === undefined) continue
      const packId = fragment.packs[place.pack]
      const kind = kindFromByte(place.kind)
      if (packId === undefined || kind === undefined) {
        throw packCorrupt(fragmentPath(fragment.name), `its entry for ${id} makes no sense`)
      }
      if (await this.#isThere(packId)) return placeInPack(packId, kind, place)
    }
    return undefined
  }

  /** Takes the fragments that are live now. */
  async reload(): Promise<void> {
    this.#packs.clear()
    await this.#source.reload()
    await this.#openAll(false)
  }

  async #openAll(mayReload: boolean): Promise<void> {
    const names = this.#source.current()
    const open = new Map(this.#fragments.map((fragment) => [fragment.name, fragment]))
    const fragments: IndexFragment[] = []
    try {
      for (const name of names) {
        fragments.push(open.get(name) ?? (await openIndexFragment(this.#files, this.#cache, name)))
      }
    } catch (error) {
      // Somebody merged it with others since the root record was read.
      if (!mayReload || !isDsvError(error, 'DSV_STORAGE_NOT_FOUND')) throw error
      return this.reload()
    }
    this.#fragments = fragments
    this.#names = names
  }

  async #isThere(packId: string): Promise<boolean> {
    if (this.#packs.has(packId)) return true
    if ((await this.#files.sizeOf(packPath(packId))) === undefined) return false
    this.#packs.add(packId)
    return true
  }
}

function placeInPack(packId: string, kind: EntryKind, place: EntryPlace): PackedPlace {
  const { offset, storedLength, rawLength, codec } = place
  return { type: 'pack', packId, kind, codec, offset, storedLength, rawLength }
}
