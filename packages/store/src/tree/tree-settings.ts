/**
 * The numbers that decide where nodes end. The same entries give the same tree only under the same
 * settings, so a repository never changes them; tests shrink them to force splits.
 */
export interface TreeSettings {
  /** Bytes of one unit: nodes have 32 to 1,024 units, about 256 in the middle. */
  readonly unitBytes: number
  /** Longer values live in a blob of their own. */
  readonly inlineBytes: number
}

/** The settings of all repositories: nodes of about 16 KiB, values up to 8 KiB within them. */
export const TREE_SETTINGS: TreeSettings = { unitBytes: 64, inlineBytes: 8 * 1024 }

/** The most bytes that a key may have. */
export const KEY_BYTES_MAX = 1024
