import type { Media } from '@dsv/core'

/**
 * Returns the media of an item under paths that say its new id, as far as they said the old one. A video, of which
 * many items are frames, gets the name of its part.
 */
export function renamedMedia(
  media: readonly Media[],
  oldId: string,
  newId: string,
  part: string,
): readonly Media[] {
  if (oldId === newId) return media
  return media.map((each) => ({
    ...each,
    path:
      each.frame === undefined ? renamedPath(each.path, oldId, newId) : withPrefix(each.path, part),
  }))
}

function withPrefix(path: string, prefix: string): string {
  const name = path.slice(path.lastIndexOf('/') + 1)
  return `${path.slice(0, path.length - name.length)}${prefix}-${name}`
}

function renamedPath(path: string, oldId: string, newId: string): string {
  const name = path.slice(path.lastIndexOf('/') + 1)
  const dot = name.lastIndexOf('.')
  const extension = dot > 0 ? name.slice(dot) : ''
  const stem = path.slice(0, path.length - extension.length)
  if (stem === oldId || stem.endsWith(`/${oldId}`))
    return `${stem.slice(0, stem.length - oldId.length)}${newId}${extension}`
  return withPrefix(path, newId.replaceAll('/', '-'))
}
