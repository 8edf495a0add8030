import { isImagePath, withoutExtension } from '../media/media-kind.ts'

/** The files of one image. */
export interface AdeItem {
  readonly subset: string
  readonly id: string
  readonly image: string
  /** `_atr.txt` of 2017, `.json` of 2020; undefined for an image alone. */
  readonly text: string | undefined
  /** Images of numbers by level: the objects themselves, their parts, the parts of these. */
  readonly levels: readonly (string | undefined)[]
}

const MASK_NAME = /_seg$|_parts_\d+$|^instance_/u
const SUBSETS: ReadonlySet<string> = new Set(
  'train training val validation test testing'.split(' '),
)

/** Finds images and what is written beside them. */
export function findAdeItems(paths: readonly string[]): readonly AdeItem[] {
  const known = new Set(paths)
  return paths.flatMap((image): readonly AdeItem[] => {
    const stem = withoutExtension(image)
    if (!isImagePath(image) || MASK_NAME.test(stem.slice(stem.lastIndexOf('/') + 1))) return []
    const text = [`${stem}_atr.txt`, `${stem}.json`].find((path) => known.has(path))
    const levels = [`${stem}_seg.png`]
    while (known.has(`${stem}_parts_${levels.length}.png`))
      levels.push(`${stem}_parts_${levels.length}.png`)
    return [
      {
        ...placeOf(stem),
        image,
        text,
        levels: levels.map((path) => (known.has(path) ? path : undefined)),
      },
    ]
  })
}

/** The subset is the folder with the name of one, or the first folder. */
function placeOf(stem: string): { readonly subset: string; readonly id: string } {
  const segments = stem.split('/')
  const named = segments.slice(0, -1).findIndex((each) => SUBSETS.has(each.toLowerCase()))
  const at = Math.max(named, 0)
  if (segments.length === 1) return { subset: 'default', id: stem }
  return { subset: segments[at] ?? 'default', id: segments.slice(at + 1).join('/') }
}
