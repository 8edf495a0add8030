import type { Detection, Folder } from '@dsv/core'
import { isImagePath, isVideoPath } from '../media/media-kind.ts'

/**
 * Tells whether a folder holds videos and nothing else. It is never sure: frames take many times the
 * space of a video, so they are made only when somebody asks for them.
 */
export async function detectVideo(folder: Folder): Promise<Detection> {
  const paths = await folder.list()
  const video = paths.find(isVideoPath)
  if (video === undefined) return { confidence: 0, reason: 'no video' }
  const other = paths.find((path) => isImagePath(path) || /\.(?:xml|json|txt|csv)$/iu.test(path))
  return other === undefined
    ? { confidence: 0.4, reason: `${video} is a video, whose frames can be items` }
    : { confidence: 0.1, reason: `${video} is a video, but there is ${other} too` }
}
