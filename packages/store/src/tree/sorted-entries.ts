import { mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { storageError } from '../driver/file-system.ts'
import { compareBytes, equalBytes } from './compare-bytes.ts'
import { readRun, writeRun } from './entry-run.ts'
import type { TreeEntry } from './tree.ts'

/** How a {@link SortedEntries} works. */
export interface SortedEntriesOptions {
  /** Where sorted parts go when memory is used up; without it all stays in memory. */
  readonly folder?: string
  /** Memory for entries in bytes, about; 32 MiB by default. */
  readonly memoryBytes?: number
  /**
   * Chooses what is kept of two entries under one key, or throws. By default the one that was added
   * later. May be called while entries are added, too.
   */
  readonly onDuplicate?: (key: Uint8Array, earlier: TreeEntry, later: TreeEntry) => TreeEntry
}

const MEMORY_BYTES = 32 * 1024 * 1024
const SLAB_BYTES = 1024 * 1024
/** What an entry takes beside its bytes: objects, views, array slots. */
const ENTRY_OVERHEAD = 250
const LINK_OVERHEAD = 100
/** Runs that are read side by side; more are first merged into one. */
const RUNS_MAX = 64

/**
 * Takes entries in any order and gives them back sorted by key, each key once, in memory that is
 * bounded however many there are. Close it in any case: it removes its temporary files.
 */
export class SortedEntries {
  readonly #options: SortedEntriesOptions
  readonly #memoryBytes: number
  #entries: TreeEntry[] = []
  /** Keys and values are copied into few large buffers, which are used again after each spill. */
  readonly #slabs: Buffer[] = []
  #slab = 0
  #slabUsed = 0
  #usedBytes = 0
  #folder: string | undefined
  #runs: string[] = []
  #runCount = 0

  constructor(options: SortedEntriesOptions = {}) {
    this.#options = options
    this.#memoryBytes = options.memoryBytes ?? MEMORY_BYTES
  }

  /**
   * Adds an entry. Its links must not change afterwards.
   *
   * @throws `DSV_STORAGE_FULL`, `DSV_STORAGE_DENIED`, `DSV_STORAGE_FAILED`
   */
  add(entry: TreeEntry): void {
    const { key, value, links } = entry
    this.#entries.push({ key: this.#kept(key), value: this.#kept(value), links })
    this.#usedBytes +=
      entry.key.length + entry.value.length + entry.links.length * LINK_OVERHEAD + ENTRY_OVERHEAD
    if (this.#usedBytes > this.#memoryBytes && this.#options.folder !== undefined) {
      this.#spill(this.#options.folder)
    }
  }

  #kept(bytes: Uint8Array): Uint8Array {
    if (bytes.length > SLAB_BYTES / 16) return bytes
    if (this.#slabUsed + bytes.length > SLAB_BYTES) {
      this.#slab += 1
      this.#slabUsed = 0
    }
    const slab = (this.#slabs[this.#slab] ??= Buffer.allocUnsafeSlow(SLAB_BYTES))
    const kept = new Uint8Array(slab.buffer, this.#slabUsed, bytes.length)
    kept.set(bytes)
    this.#slabUsed += bytes.length
    return kept
  }

  #spill(folder: string): void {
    try {
      this.#writeRuns(folder)
    } catch (error) {
      throw storageError(error, folder)
    }
  }

  #writeRuns(folder: string): void {
    this.#folder ??= mkdtempSync(join(folder, 'sort-'))
    if (this.#runs.length >= RUNS_MAX) {
      const merged = this.#newRun(this.#folder)
      writeRun(merged, this.#merge(this.#runs.map((path) => readRun(path))))
      for (const path of this.#runs) rmSync(path)
      this.#runs = [merged]
    }
    const path = this.#newRun(this.#folder)
    writeRun(path, this.#sortMemory())
    this.#runs.push(path)
    this.#entries = []
    this.#slab = 0
    this.#slabUsed = 0
    this.#usedBytes = 0
  }

  #newRun(folder: string): string {
    this.#runCount += 1
    return join(folder, `run-${this.#runCount}`)
  }

  /** The sort is stable, so of equal keys the earlier one comes first. */
  #sortMemory(): Iterable<TreeEntry> {
    this.#entries.sort((a, b) => compareBytes(a.key, b.key))
    return this.#merge([this.#entries[Symbol.iterator]()])
  }

  /**
   * Yields all entries in the order of their keys. May be called again until it is closed.
   *
   * @yields one entry per key
   */
  *sorted(): Generator<TreeEntry, void, undefined> {
    yield* this.#merge([
      ...this.#runs.map((path) => readRun(path)),
      this.#sortMemory()[Symbol.iterator](),
    ])
  }

  /**
   * Merges sorted sources, of which earlier ones hold what was added earlier.
   *
   * @yields one entry per key
   */
  *#merge(sources: readonly Iterator<TreeEntry>[]): Generator<TreeEntry, void, undefined> {
    const heap: Head[] = []
    try {
      for (const [order, source] of sources.entries()) {
        const head = nextHead(source, order)
        if (head !== undefined) push(heap, head)
      }
      let held: TreeEntry | undefined
      for (let least = heap[0]; least !== undefined; least = heap[0]) {
        const { entry, source, order } = least
        if (held !== undefined && equalBytes(held.key, entry.key)) {
          held = this.#options.onDuplicate?.(entry.key, held, entry) ?? entry
        } else {
          if (held !== undefined) yield held
          held = entry
        }
        replaceFirst(heap, nextHead(source, order))
      }
      if (held !== undefined) yield held
    } finally {
      for (const source of sources) source.return?.()
    }
  }

  /** Removes the temporary files. */
  close(): void {
    this.#entries = []
    this.#runs = []
    if (this.#folder !== undefined) rmSync(this.#folder, { recursive: true, force: true })
    this.#folder = undefined
  }
}

interface Head {
  readonly entry: TreeEntry
  readonly source: Iterator<TreeEntry>
  /** Of equal keys, the source with the lower order comes first. */
  readonly order: number
}

function nextHead(source: Iterator<TreeEntry>, order: number): Head | undefined {
  const step = source.next()
  return step.done === true ? undefined : { entry: step.value, source, order }
}

function isLess(a: Head | undefined, b: Head | undefined): boolean {
  if (a === undefined || b === undefined) return b === undefined && a !== undefined
  const order = compareBytes(a.entry.key, b.entry.key)
  return order === 0 ? a.order < b.order : order < 0
}

/** Binary heap, least first. */
function push(heap: Head[], head: Head): void {
  let at = heap.push(head) - 1
  while (at > 0) {
    const parent = (at - 1) >>> 1
    if (!isLess(heap[at], heap[parent])) return
    swap(heap, at, parent)
    at = parent
  }
}

function replaceFirst(heap: Head[], head: Head | undefined): void {
  const last = head ?? heap.pop()
  if (last === undefined || heap.length === 0) return
  heap[0] = last
  let at = 0
  for (;;) {
    let least = 2 * at + 1
    if (isLess(heap[least + 1], heap[least])) least += 1
    if (!isLess(heap[least], heap[at])) return
    swap(heap, at, least)
    at = least
  }
}

function swap(heap: Head[], a: number, b: number): void {
  const [first, second] = [heap[a], heap[b]]
  if (first === undefined || second === undefined) return
  heap[a] = second
  heap[b] = first
}
