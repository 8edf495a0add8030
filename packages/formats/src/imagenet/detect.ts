import type { Detection, Folder } from '@dsv/core'
import { isImagePath } from '../media/media-kind.ts'
import { planClassFolders } from '../shared/class-folders.ts'

const WORDNET_ID = /(?:^|\/)n\d{8}$/u
const DOCUMENT = /(?:^|\/)(?:readme|licen[cs]e)[^/]*$/iu

/**
 * Tells whether the folders of a dataset are called like the classes of ImageNet (`n01440764`). Other
 * folders of images are left to `image-folder`, which is surer of them.
 */
export async function detectImagenet(folder: Folder): Promise<Detection> {
  const paths = await folder.list()
  const { classes, images } = planClassFolders(paths, 'classes')
  if (images.length === 0) return { confidence: 0, reason: 'no images' }
  if (classes.length === 0) return { confidence: 0.1, reason: 'images, but no folders of classes' }
  const other = paths.find((path) => !isImagePath(path) && !DOCUMENT.test(path))
  if (other !== undefined) return { confidence: 0.1, reason: `images, but also ${other}` }
  const named = classes.filter((name) => WORDNET_ID.test(name))
  return named.length * 2 > classes.length
    ? { confidence: 0.8, reason: `${named.length} folders are called like ${named[0]}` }
    : { confidence: 0.5, reason: 'folders of images, which may be classes' }
}
