import { type AnyId, ID_BYTES, toBlobId } from '@dsv/store'

/** A blob with its size. */
export interface SizedBlob {
  readonly id: AnyId
  readonly sizeBytes: number
}

/** A list of blobs in 40 bytes each. */
export class BlobList implements Iterable<SizedBlob> {
  #ids: Buffer = Buffer.allocUnsafe(1024 * ID_BYTES)
  #sizes = new Float64Array(1024)
  #length = 0
  #bytes = 0

  /** Bytes of all of them. */
  get bytes(): number {
    return this.#bytes
  }

  get length(): number {
    return this.#length
  }

  /** Adds a blob at the end. */
  push({ id, sizeBytes }: SizedBlob): void {
    if (this.#length === this.#sizes.length) this.#grow()
    this.#ids.write(id, this.#length * ID_BYTES, 'hex')
    this.#sizes[this.#length] = sizeBytes
    this.#length += 1
    this.#bytes += sizeBytes
  }

  /** Returns the blob with this number, from 0 in the order of adding. */
  at(number: number): SizedBlob {
    const at = number * ID_BYTES
    const id = toBlobId(this.#ids.toString('hex', at, at + ID_BYTES))
    return { id, sizeBytes: this.#sizes[number] ?? 0 }
  }

  /**
   * Lists the blobs in the order of adding.
   *
   * @yields one blob
   */
  *[Symbol.iterator](): IterableIterator<SizedBlob> {
    for (let number = 0; number < this.#length; number += 1) yield this.at(number)
  }

  #grow(): void {
    const sizes = new Float64Array(2 * this.#sizes.length)
    sizes.set(this.#sizes)
    this.#sizes = sizes
    this.#ids = Buffer.concat([this.#ids, Buffer.allocUnsafe(this.#ids.length)])
  }
}
