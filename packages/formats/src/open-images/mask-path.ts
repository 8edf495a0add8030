import { safeMediaName } from '../shared/media-finder.ts'

/** What the name of the file of a mask is made from. */
export interface MaskNameParts {
  readonly imageId: string
  readonly machineName: string
  readonly boxId: string
  /** Names of other masks of the image. */
  readonly used: ReadonlySet<string>
}

/** Returns the name of the file of a mask as in the official files: image, class and box, or a number. */
export function usualMaskPath({ imageId, machineName, boxId, used }: MaskNameParts): string {
  const name = `${safeMediaName(imageId)}_${plain(machineName)}`
  const byBox = `${name}_${plain(boxId)}.png`
  if (plain(boxId) !== '' && !used.has(byBox)) return byBox
  let path = `${name}_0.png`
  for (let number = 1; used.has(path); number++) path = `${name}_${number}.png`
  return path
}

/** Underscores are what the parts are joined by. */
function plain(text: string): string {
  return text.replaceAll(/[^\p{L}\p{N}]/gu, '')
}
