import type { TreeRef } from '@dsv/store'
import type { KeptBlobs } from './known-blobs.ts'

/**
 * Carries the agreement of the stat cache along when the stage went from one file tree to another and
 * every file that differs was remembered or forgotten on the way.
 */
export function agreeAfter(known: KeptBlobs, from: TreeRef, to: TreeRef): void {
  known.agree(known.agreesWith === from.root ? to : undefined)
}
