import type { Detection, Folder } from '@dsv/core'
import { extensionOf } from '../media/media-kind.ts'
import { planClassFolders } from '../shared/class-folders.ts'

const ANNOTATION_EXTENSIONS: ReadonlySet<string> = new Set(
  'json xml txt csv yaml yml names data tfrecord parquet'.split(' '),
)
const DOCUMENTS = /^(?:readme|licen[cs]e|requirements|notes?|todo)\b/i

/**
 * Tells whether a folder holds images and no annotations. Any folder of images would do, so it is never
 * quite sure, and gives way to formats whose annotation files are there.
 */
export async function detectImageFolder(folder: Folder): Promise<Detection> {
  const paths = await folder.list()
  const plan = planClassFolders(paths)
  if (plan.images.length === 0) return { confidence: 0, reason: 'no images' }
  const annotations = paths.filter((path) => {
    const name = path.slice(path.lastIndexOf('/') + 1)
    return ANNOTATION_EXTENSIONS.has(extensionOf(path)) && !DOCUMENTS.test(name)
  })
  const [first] = annotations
  if (first !== undefined) {
    const confidence = annotations.length * 2 > plan.images.length ? 0.1 : 0.3
    return { confidence, reason: `images, but also ${first}, which may hold annotations` }
  }
  const confidence = plan.variant === 'classes' && plan.subsets.length > 0 ? 0.7 : 0.6
  return { confidence, reason: `only images; ${plan.reason}` }
}
