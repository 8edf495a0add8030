/** So many files of one kind are looked at in a folder when its format is found out. */
export const PREVIEW_FILES = 200

/** So many sub-folders of a folder are looked into. */
export const PREVIEW_FOLDERS = 500

/**
 * Returns some of the files of a folder, enough to tell what format it is in: of each folder only the
 * first files of each extension and the first sub-folders. Detection asks every format, and most of
 * them look through all names.
 *
 * @param files - Paths relative to the folder, sorted
 */
export function previewFiles(files: readonly string[]): readonly string[] {
  if (files.length <= PREVIEW_FILES) return files
  const isShown = folderLimit()
  const shown: string[] = []
  const counts = new Map<string, number>()
  for (const file of files) {
    const slash = file.lastIndexOf('/')
    const dot = file.lastIndexOf('.')
    const kind =
      dot > slash ? `${file.slice(0, slash + 1)}*${file.slice(dot)}` : file.slice(0, slash + 1)
    const count = counts.get(kind) ?? 0
    if (count === PREVIEW_FILES || !isShown(file.slice(0, slash + 1))) continue
    counts.set(kind, count + 1)
    shown.push(file)
  }
  return shown
}

/** Says of folders, each with a final slash, whether they are among the first of those above them. */
function folderLimit(): (folder: string) => boolean {
  const known = new Map([['', true]])
  const counts = new Map<string, number>()
  const isShown = (folder: string): boolean => {
    const answer = known.get(folder)
    if (answer !== undefined) return answer
    const above = folder.slice(0, folder.lastIndexOf('/', folder.length - 2) + 1)
    const count = (counts.get(above) ?? 0) + 1
    counts.set(above, count)
    const decided = count <= PREVIEW_FOLDERS && isShown(above)
    known.set(folder, decided)
    return decided
  }
  return isShown
}
