import type { Folder } from '@dsv/core'
import { isVideoPath, withoutExtension } from '../media/media-kind.ts'
import { compareText } from '../shared/compare-text.ts'

/** Finds videos by their names. */
export interface VideoFinder {
  /**
   * Returns the video with the first of these names that there is, alone or with something after it that
   * is no letter or digit; one in a folder called `subset` before others.
   */
  readonly find: (names: readonly string[], subset: string) => string | undefined
}

/** Looks through a folder once; holds the path of every video. */
export async function videoFinder(folder: Folder): Promise<VideoFinder> {
  const videos = (await folder.list())
    .filter(isVideoPath)
    .map((path) => ({ path, stem: withoutExtension(path.slice(path.lastIndexOf('/') + 1)) }))
    .toSorted((a, b) => compareText(a.stem, b.stem))
  const startOf = (name: string): number => {
    let [low, high] = [0, videos.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if ((videos[middle]?.stem ?? '') < name) low = middle + 1
      else high = middle
    }
    return low
  }
  const like = (name: string): readonly string[] => {
    const paths: string[] = []
    for (let at = startOf(name); videos[at]?.stem.startsWith(name) === true; at += 1) {
      const { stem = '', path = '' } = videos[at] ?? {}
      if (stem === name || !/[\p{L}\p{N}]/u.test(stem[name.length] ?? '')) paths.push(path)
      if (paths.length >= MAX_ALIKE) break
    }
    return paths
  }
  return {
    find: (names, subset) => {
      for (const name of names) {
        const paths = like(name)
        const own = paths.find((path) => `/${path}`.includes(`/${subset}/`))
        if (own !== undefined) return own
        if (paths[0] !== undefined) return paths[0]
      }
      return undefined
    },
  }
}

/** There are not many clips of one video. */
const MAX_ALIKE = 100
