import type { Store } from '@dsv/store'
import type { TransferCount } from './copy-commits.ts'

/** Reading the root, a lease, reading the root again, swapping it, ending the lease. */
const SESSION_REQUESTS = 5
/** The index of what was stored, reading the root, swapping it. */
const STEP_REQUESTS = 3
/** Packs after which a large transfer is made part of the repository. */
export const STEP_PACKS = 4
/** Nodes of 16 KiB in a pack. */
const PACK_OBJECTS = 4096
const DEFAULT_PACK_BYTES = 64 * 2 ** 20

/** Returns how large packs of a store become, in bytes. */
export function packBytesOf({ settings }: Pick<Store, 'settings'>): number {
  return settings.packTargetBytes || DEFAULT_PACK_BYTES
}

/** Returns about how many requests a push of so much takes, once it is known what it is. */
export function expectedRequests(
  { objects, blobs, blobBytes }: TransferCount,
  packBytes: number,
): number {
  const mediaPacks = Math.ceil(blobBytes / packBytes)
  const steps = blobBytes > STEP_PACKS * packBytes ? Math.ceil(mediaPacks / STEP_PACKS) : 0
  const stepwise = steps === 0 ? 0 : SESSION_REQUESTS - 2 + steps * STEP_REQUESTS
  const indexed = objects + blobs > 0 ? 1 : 0
  return (
    SESSION_REQUESTS +
    Math.max(1, Math.ceil(objects / PACK_OBJECTS)) +
    mediaPacks +
    indexed +
    stepwise
  )
}
