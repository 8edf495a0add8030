import { type AnyId, ID_BYTES, toBlobId } from '../hash/object-id.ts'
import {
  ENTRY_BYTES,
  type EntryPlace,
  PREFIX_BYTES,
  readEntryPlace,
  writeEntryPlace,
} from '../pack/index-format.ts'

/** Bytes of a record: the whole id, then what an index entry has behind its prefix. */
const RECORD_BYTES = ENTRY_BYTES + ID_BYTES - PREFIX_BYTES

/**
 * What a session has written, by id: a hash table of about 60 bytes for each, where a `Map` would take
 * four times that. `pack` of a place is whatever number the session gave to the file it is in.
 */
export class PendingEntries {
  #records: Buffer = Buffer.allocUnsafe(256 * RECORD_BYTES)
  #slots = new Int32Array(1024)
  #count = 0

  get count(): number {
    return this.#count
  }

  /** Returns where an object is, or undefined. */
  find(id: AnyId): EntryPlace | undefined {
    const number = this.#slots[this.#slotOf(Buffer.from(id, 'hex'))] ?? 0
    return number === 0 ? undefined : this.placeAt(number - 1)
  }

  /** Adds an object unless it is there; returns whether it was added. */
  add(id: AnyId, place: EntryPlace): boolean {
    const bytes = Buffer.from(id, 'hex')
    const slot = this.#slotOf(bytes)
    if (this.#slots[slot] !== 0) return false
    const at = this.#count * RECORD_BYTES
    if (at === this.#records.length) {
      this.#records = Buffer.concat([this.#records, Buffer.allocUnsafe(this.#records.length)])
    }
    bytes.copy(this.#records, at)
    writeEntryPlace(this.#records, at + ID_BYTES - PREFIX_BYTES, place)
    this.#count += 1
    this.#slots[slot] = this.#count
    if (2 * this.#count > this.#slots.length) this.#grow()
    return true
  }

  /** Returns the id of the record with this number, from 0 in the order of adding. */
  idAt(number: number): AnyId {
    const at = number * RECORD_BYTES
    return toBlobId(this.#records.toString('hex', at, at + ID_BYTES))
  }

  /** Returns the place of the record with this number. */
  placeAt(number: number): EntryPlace {
    return readEntryPlace(this.#records, number * RECORD_BYTES + ID_BYTES - PREFIX_BYTES)
  }

  /** Returns the records from this number on, for {@link PendingEntries.addAll}. */
  bytesFrom(number: number): Uint8Array {
    return Uint8Array.from(
      this.#records.subarray(number * RECORD_BYTES, this.#count * RECORD_BYTES),
    )
  }

  /** Adds records of another session, whose files have other numbers here. */
  addAll(records: Uint8Array, packNumber: (theirs: number) => number): void {
    const bytes = Buffer.from(records.buffer, records.byteOffset, records.length)
    for (let at = 0; at < bytes.length; at += RECORD_BYTES) {
      const place = readEntryPlace(bytes, at + ID_BYTES - PREFIX_BYTES)
      const id = toBlobId(bytes.toString('hex', at, at + ID_BYTES))
      this.add(id, { ...place, pack: packNumber(place.pack) })
    }
  }

  #slotOf(id: Buffer): number {
    const mask = this.#slots.length - 1
    let slot = id.readUInt32LE(0) & mask
    for (;;) {
      const number = this.#slots[slot] ?? 0
      if (number === 0) return slot
      const at = (number - 1) * RECORD_BYTES
      if (id.compare(this.#records, at, at + ID_BYTES) === 0) return slot
      slot = (slot + 1) & mask
    }
  }

  #grow(): void {
    this.#slots = new Int32Array(2 * this.#slots.length)
    for (let number = 0; number < this.#count; number += 1) {
      const at = number * RECORD_BYTES
      this.#slots[this.#slotOf(this.#records.subarray(at, at + ID_BYTES))] = number + 1
    }
  }
}
