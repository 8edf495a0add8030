import { encodeCanonical, hashBlob } from '@dsv/store'

/**
 * Returns a number in 0…1 (below 1) that a seed and a name decide, and nothing else: 52 bits of the BLAKE3 of canonical `[seed, name]`.
 * Choosing by it gives the same on every machine, and what is added changes nothing for what was there.
 */
export function hashPlace(seed: number, name: string): number {
  const digits = hashBlob(encodeCanonical([seed, name.normalize('NFC')])).slice(0, 13)
  return Number.parseInt(digits, 16) / 2 ** 52
}
