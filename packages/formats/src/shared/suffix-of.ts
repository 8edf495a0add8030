import { extensionOf } from '../media/media-kind.ts'

/** Returns the extension of a path with its dot and in its own case; `otherwise` when it has none. */
export function suffixOf(path: string, otherwise: string): string {
  const extension = extensionOf(path)
  return extension === '' ? otherwise : path.slice(-extension.length - 1)
}
