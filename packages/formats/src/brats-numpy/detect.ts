import type { Detection, Folder } from '@dsv/core'

/** Tells whether there is a list of volumes, and volumes beside it. */
export async function detectBratsNumpy(folder: Folder): Promise<Detection> {
  const paths = await folder.list()
  const list = findIdsFile(paths)
  if (list === undefined) return { confidence: 0, reason: 'no val_ids.p' }
  const volume = paths.find((path) => /_(?:data|label)_cropped\.npy$/u.test(path))
  if (volume === undefined) return { confidence: 0.6, reason: `${list} exists` }
  return { confidence: 0.95, reason: `${list} and ${volume} exist` }
}

/** Returns the list of volumes: `val_ids.p` in any folder. */
export function findIdsFile(paths: readonly string[]): string | undefined {
  return paths.find((path) => /(?:^|\/)val_ids\.p$/u.test(path))
}
