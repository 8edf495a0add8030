import { type AnyId, ID_BYTES, toBlobId } from '@dsv/store'

/** A list of ids in 32 bytes each. */
export class IdList implements Iterable<AnyId> {
  #bytes: Buffer = Buffer.allocUnsafe(1024 * ID_BYTES)
  #length = 0

  get length(): number {
    return this.#length
  }

  /** Adds an id at the end. */
  push(id: AnyId): void {
    const at = this.#length * ID_BYTES
    if (at === this.#bytes.length)
      this.#bytes = Buffer.concat([this.#bytes, Buffer.allocUnsafe(this.#bytes.length)])
    this.#bytes.write(id, at, 'hex')
    this.#length += 1
  }

  /**
   * Lists the ids in the order in which they were added.
   *
   * @yields one id
   */
  *[Symbol.iterator](): IterableIterator<AnyId> {
    for (let at = 0; at < this.#length * ID_BYTES; at += ID_BYTES)
      yield toBlobId(this.#bytes.toString('hex', at, at + ID_BYTES))
  }
}
