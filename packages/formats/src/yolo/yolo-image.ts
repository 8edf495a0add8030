import { extensionOf, isImagePath } from '../media/media-kind.ts'

const FURTHER: ReadonlySet<string> = new Set(['dng', 'mpo', 'pfm'])

/** Returns whether YOLO tools would load a file of this name (`IMG_FORMATS` of Ultralytics, and ours). */
export function isYoloImage(path: string): boolean {
  return isImagePath(path) || FURTHER.has(extensionOf(path))
}

/**
 * Returns where the labels of an image are: the last `images` folder of its path is replaced by
 * `labels`, the extension by `.txt`; an image in no such folder has them beside it.
 *
 * Follows `img2label_paths` of
 * https://github.com/ultralytics/ultralytics/blob/main/ultralytics/data/utils.py
 */
export function labelPathOf(imagePath: string): string {
  const rooted = `/${withLabelExtension(imagePath)}`
  const at = rooted.lastIndexOf('/images/')
  if (at < 0) return rooted.slice(1)
  return `${rooted.slice(0, at)}/labels/${rooted.slice(at + '/images/'.length)}`.slice(1)
}

/** Returns the folder of labels that belongs to a folder of images. */
export function labelFolderOf(imageFolder: string): string {
  return labelPathOf(`${imageFolder}/x.txt`).slice(0, -'/x.txt'.length)
}

/** Returns the path of the label file beside an image. */
export function withLabelExtension(imagePath: string): string {
  const dot = imagePath.lastIndexOf('.')
  return `${dot > imagePath.lastIndexOf('/') ? imagePath.slice(0, dot) : imagePath}.txt`
}
