import type { AnyId } from '../hash/object-id.ts'
import type { LevelCache } from './level-cache.ts'

/** The last result of each computation that is worth keeping, with what it was made of. */
export interface ResultCache {
  /**
   * Returns the result of the computation `name` if it was last made of just these inputs, else
   * undefined.
   */
  get(name: string, inputs: readonly (AnyId | undefined)[]): unknown
  /** Keeps a result, which JSON can hold, in the place of the last of that name. */
  put(name: string, inputs: readonly (AnyId | undefined)[], result: unknown): Promise<void>
}

/**
 * Returns the kept results. What code with another `version` kept is not there. Without a Level cache
 * it is always empty.
 */
export function resultCache(level: LevelCache | undefined, version: number): ResultCache {
  const keyOf = (name: string): Uint8Array => Buffer.from(`result ${name}`)
  const headOf = (inputs: readonly (AnyId | undefined)[]): string =>
    `${version} ${inputs.map((id) => id ?? '-').join(' ')}\n`
  return {
    get(name, inputs) {
      const kept = level?.get(keyOf(name))
      if (kept === undefined) return undefined
      const head = Buffer.from(headOf(inputs))
      if (!head.equals(kept.subarray(0, head.length))) return undefined
      try {
        return JSON.parse(Buffer.from(kept.subarray(head.length)).toString())
      } catch {
        return undefined
      }
    },
    async put(name, inputs, result) {
      const value = Buffer.from(headOf(inputs) + JSON.stringify(result))
      await level?.batch([{ key: keyOf(name), value }])
    },
  }
}
