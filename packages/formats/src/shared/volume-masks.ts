import { type AnnotationDraft, type Category, formatCounts, formatSyntax } from '@dsv/core'

/** A volume of class numbers, slice after slice; within a slice column after column. */
export interface LabelVolume {
  /** Rows of a slice: the axis whose numbers stand next to one another. */
  readonly rows: number
  readonly columns: number
  readonly slices: number
  readonly values: ArrayLike<number>
}

/** Returns the categories of the lines of a file; the number of a class is that of its line, from 0. */
export function categoriesOfLines(lines: readonly string[]): readonly Category[] {
  const names = new Set<string>()
  return lines.map((line, number) => {
    const text = line.trim() === '' ? `class-${number}` : line.trim()
    const name = names.has(text) ? `${text} ${number}` : text
    names.add(name)
    return { key: name, name }
  })
}

/** Returns the largest class of a volume; -1 of an empty one. @throws `DSV_FORMAT_SYNTAX` */
export function largestClass({ values }: LabelVolume, file: string): number {
  let largest = -1
  for (let at = 0; at < values.length; at += 1) {
    const value = values[at] ?? 0
    if (!Number.isInteger(value) || value < 0 || value > MAX_CLASS) throw noClass(value, file)
    if (value > largest) largest = value
  }
  return largest
}

const MAX_CLASS = 65_535

function noClass(value: number, file: string): Error {
  return formatSyntax(file, `holds ${value}, which is the number of no class`)
}

/**
 * Returns a mask for each class of each slice, the background too; `image_id` is the number of the slice.
 *
 * @throws `DSV_FORMAT_SYNTAX` when a value is the number of no category
 */
export function masksOfVolume(
  { rows, columns, slices, values }: LabelVolume,
  categories: readonly Category[],
  file: string,
): readonly AnnotationDraft[] {
  const drafts: AnnotationDraft[] = []
  const size = rows * columns
  for (let slice = 0; slice < slices; slice += 1) {
    const runs = runsOfSlice(values, slice * size, size)
    for (const value of [...runs.keys()].toSorted((a, b) => a - b)) {
      const category = categories[value]?.key
      if (category === undefined) throw noClass(value, file)
      drafts.push({
        type: 'mask',
        width: columns,
        height: rows,
        counts: formatCounts(runs.get(value) ?? []),
        category,
        attributes: { image_id: slice },
      })
    }
  }
  return drafts
}

/** The runs of each value, beginning with what is before it. */
function runsOfSlice(
  values: ArrayLike<number>,
  start: number,
  size: number,
): ReadonlyMap<number, readonly number[]> {
  const runs = new Map<number, { readonly counts: number[]; end: number }>()
  for (let at = 0; at < size;) {
    const value = values[start + at] ?? 0
    let end = at + 1
    while (end < size && values[start + end] === value) end += 1
    const known = runs.get(value) ?? { counts: [], end: 0 }
    known.counts.push(at - known.end, end - at)
    known.end = end
    runs.set(value, known)
    at = end
  }
  return new Map(
    [...runs].map(([value, { counts, end }]) => [
      value,
      end < size ? [...counts, size - end] : counts,
    ]),
  )
}
