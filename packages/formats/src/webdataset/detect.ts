import { type Detection, type Folder, isDsvError } from '@dsv/core'
import { isImagePath } from '../media/media-kind.ts'
import { findShards, openShard, samplesOf } from './shard.ts'

const MAX_SAMPLES = 20

/** Tells whether a folder holds shards, by the names of the first files in the first one. */
export async function detectWebdataset(folder: Folder): Promise<Detection> {
  const [first] = await findShards(folder)
  if (first === undefined) return { confidence: 0, reason: 'no .tar file' }
  const { path } = first
  if (!path.toLowerCase().endsWith('.tar')) {
    return { confidence: 0.5, reason: `${path} is a packed tar, which may hold samples` }
  }
  const { signal } = new AbortController()
  const file = await openShard(folder, path, signal)
  try {
    let count = 0
    for await (const { members } of samplesOf(file, path, { signal })) {
      const isSample = [...members.keys()].some(
        (suffix) => isImagePath(`a.${suffix}`) || suffix === 'cls' || suffix === 'json',
      )
      if (isSample) return { confidence: 0.9, reason: `${path} holds samples of WebDataset` }
      count += 1
      if (count >= MAX_SAMPLES) break
    }
    return { confidence: 0.2, reason: `${path} holds no images` }
  } catch (error) {
    if (!isDsvError(error, 'DSV_FORMAT_SYNTAX')) throw error
    return { confidence: 0.1, reason: `${path} is no tar` }
  } finally {
    await file.close()
  }
}
