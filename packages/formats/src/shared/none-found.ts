import { type DsvError, type Folder, formatSyntax } from '@dsv/core'

/** What a format looks for. */
export interface WantedFile {
  /** What such a file is mostly called. */
  readonly usual: string
  /** Ends of paths, in lower case. */
  readonly suffixes: readonly string[]
  /** What is wrong with files that end so and are none: `lists no images`. */
  readonly problem: string
}

/** Returns the error for a folder that has no file of a format; it names a file that should be one. */
export async function noneFound(
  folder: Folder,
  { usual, suffixes, problem }: WantedFile,
): Promise<DsvError<'DSV_FORMAT_SYNTAX'>> {
  const like = (await folder.list()).filter((path) => {
    const lower = path.toLowerCase()
    return suffixes.some((suffix) => lower.endsWith(suffix))
  })
  const name = usual.slice(usual.lastIndexOf('/') + 1)
  const first = like.find((path) => path.endsWith(name)) ?? like[0] ?? usual
  if (like.length === 0) return formatSyntax(first, 'is missing')
  return formatSyntax(first, like.length === 1 ? problem : `${problem}, nor does any file like it`)
}
