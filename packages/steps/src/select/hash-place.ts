import { encodeCanonical, hashBlob } from '@dsv/store'

/**
 * Returns a number in 0…1 (below 1) that a step, a seed and a name decide, and nothing else: 52 bits of the BLAKE3 of canonical
 * `[step, seed, name]`. Choosing by it gives the same on every machine, and what is added changes nothing for what was there. Steps have
 * numbers of their own, so that a sample of what was split holds all its subsets.
 */
export function hashPlace(step: string, seed: number, name: string): number {
  const digits = hashBlob(encodeCanonical([step, seed, name.normalize('NFC')])).slice(0, 13)
  return Number.parseInt(digits, 16) / 2 ** 52
}
