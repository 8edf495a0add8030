const SUFFIX = '_GT.txt'

/** Returns the id of the item that a file `<image>_GT.txt` is of; undefined for other files. */
export function idOfLetters(path: string): string | undefined {
  return path.endsWith(SUFFIX) && path.length > SUFFIX.length
    ? path.slice(0, -SUFFIX.length)
    : undefined
}

/** Returns the path of the file of letters of an item, below its subset. */
export function lettersOf(id: string): string {
  return id + SUFFIX
}

/** Returns the path of the image of colours beside a file of letters. */
export function bitmapOf(letters: string): string {
  return `${letters.slice(0, -'.txt'.length)}.bmp`
}
