import type { Json } from '@dsv/core'
import { createHash } from 'node:crypto'

/** Returns the id that VoTT gives an asset: the MD5 of its path, in hexadecimal digits. */
export function assetId(path: Json): string {
  const text = typeof path === 'string' ? path : JSON.stringify(path)
  return createHash('md5').update(text).digest('hex')
}
