/** Says of media whether they lie beside the folder that a file of annotations has for its own. */
export interface ForeignMedia {
  /**
   * Returns whether `path` lies in a sibling of the folder `own` (`images/train/`), which holds media itself: what is
   * missing in it is not to be taken from there, even where a file has the same name.
   */
  readonly isForeign: (path: string, own: string | undefined) => boolean
}

/** Holds the folders that media lie in. */
export function foreignMedia(paths: Iterable<string>): ForeignMedia {
  let folders: ReadonlySet<string> | undefined
  return {
    isForeign: (path, own = '') => {
      if (own === '' || path.startsWith(own)) return false
      folders ??= foldersOf(paths)
      if (!folders.has(own)) return false
      const parent = own.slice(0, own.lastIndexOf('/', own.length - 2) + 1)
      return path.startsWith(parent) && path.includes('/', parent.length)
    },
  }
}

/** All folders on the way to a file, each with a slash at its end. */
function foldersOf(paths: Iterable<string>): ReadonlySet<string> {
  const folders = new Set<string>()
  for (const path of paths)
    for (let end = path.lastIndexOf('/'); end > 0; end = path.lastIndexOf('/', end - 1)) {
      const folder = path.slice(0, end + 1)
      if (folders.has(folder)) break
      folders.add(folder)
    }
  return folders
}
