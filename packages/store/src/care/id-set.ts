import { type AnyId, ID_BYTES, toObjectId } from '../hash/object-id.ts'

const SEGMENTS = 256
const FIRST_SLOTS = 16

/**
 * A set of ids that takes about 45 bytes each, where a `Set` of strings takes some 150. Ids are
 * evenly spread, so their own bytes serve as the hash. 256 tables by the first byte grow one by one:
 * growing never needs the whole twice.
 */
export class IdSet {
  readonly #tables: (Buffer | undefined)[] = Array.from({ length: SEGMENTS })
  readonly #counts = new Uint32Array(SEGMENTS)
  readonly #wanted = Buffer.alloc(ID_BYTES)
  #size = 0
  #hasZero = false

  /** Number of ids. */
  get size(): number {
    return this.#size
  }

  /** Returns whether the id is in it. */
  has(id: AnyId): boolean {
    this.#wanted.write(id, 'hex')
    if (isZero(this.#wanted, 0)) return this.#hasZero
    const table = this.#tables[this.#wanted.readUInt8(0)]
    return table !== undefined && findSlot(table, this.#wanted).isFound
  }

  /** Adds an id; returns whether it is new. */
  add(id: AnyId): boolean {
    this.#wanted.write(id, 'hex')
    if (isZero(this.#wanted, 0)) {
      const isNew = !this.#hasZero
      this.#hasZero = true
      if (isNew) this.#size += 1
      return isNew
    }
    const segment = this.#wanted.readUInt8(0)
    const table = this.#roomyTable(segment)
    const { at, isFound } = findSlot(table, this.#wanted)
    if (isFound) return false
    this.#wanted.copy(table, at)
    this.#counts[segment] = (this.#counts[segment] ?? 0) + 1
    this.#size += 1
    return true
  }

  /**
   * Lists the ids, in no order.
   *
   * @yields one id
   */
  *[Symbol.iterator](): IterableIterator<AnyId> {
    if (this.#hasZero) yield toObjectId('0'.repeat(2 * ID_BYTES))
    for (const table of this.#tables) {
      for (let at = 0; at < (table?.length ?? 0); at += ID_BYTES) {
        if (table !== undefined && !isZero(table, at)) {
          yield toObjectId(table.toString('hex', at, at + ID_BYTES))
        }
      }
    }
  }

  #roomyTable(segment: number): Buffer {
    const table = this.#tables[segment]
    if (table === undefined) {
      const first = Buffer.alloc(FIRST_SLOTS * ID_BYTES)
      this.#tables[segment] = first
      return first
    }
    const slots = table.length / ID_BYTES
    if ((this.#counts[segment] ?? 0) < slots * 0.75) return table
    const larger = grow(table)
    this.#tables[segment] = larger
    return larger
  }
}

/** Grows by half: full tables are then between half and three quarters full. */
function grow(table: Buffer): Buffer {
  const slots = Math.ceil((table.length / ID_BYTES) * 1.5)
  const larger = Buffer.alloc(slots * ID_BYTES)
  for (let at = 0; at < table.length; at += ID_BYTES) {
    if (isZero(table, at)) continue
    const id = table.subarray(at, at + ID_BYTES)
    id.copy(larger, findSlot(larger, id).at)
  }
  return larger
}

/** Finds the slot of an id, or the free one where it belongs. There always is a free one. */
function findSlot(table: Buffer, id: Buffer): { at: number; isFound: boolean } {
  const slots = table.length / ID_BYTES
  let slot = id.readUInt32LE(4) % slots
  for (;;) {
    const at = slot * ID_BYTES
    if (isZero(table, at)) return { at, isFound: false }
    if (table.compare(id, 0, ID_BYTES, at, at + ID_BYTES) === 0) return { at, isFound: true }
    slot = slot + 1 === slots ? 0 : slot + 1
  }
}

/** A free slot is 32 zero bytes; the id of 32 zero bytes is kept apart. */
function isZero(bytes: Buffer, at: number): boolean {
  if (bytes.readUInt32LE(at) !== 0) return false
  for (let next = at + 4; next < at + ID_BYTES; next += 4) {
    if (bytes.readUInt32LE(next) !== 0) return false
  }
  return true
}
