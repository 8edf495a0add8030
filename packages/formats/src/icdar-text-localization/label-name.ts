const NAME = /^(|.*\/)gt_([^/]+)\.txt$/u

/** Returns the id of the item that a file `gt_<image>.txt` is of; undefined for other files. */
export function idOfLabelFile(path: string): string | undefined {
  const [, folder = '', name] = NAME.exec(path) ?? []
  return name === undefined ? undefined : folder + name
}

/** Returns the path of the file of an item, below its subset. */
export function labelFileOf(id: string): string {
  const slash = id.lastIndexOf('/') + 1
  return `${id.slice(0, slash)}gt_${id.slice(slash)}.txt`
}
