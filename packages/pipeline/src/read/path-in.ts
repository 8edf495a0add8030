import path from 'node:path'
import { checkPath } from '@dsv/core'
import { isDsvError } from '@dsv/store'
import { failAt, type Place } from './pipeline-document.ts'

/**
 * Returns a path of a pipeline file, which is relative to `folder`, relative to the repository.
 *
 * @throws `DSV_PIPELINE_INVALID` where it lies outside
 */
export function pathIn(folder: string, given: string, place: Place): string {
  if (/^[a-z][a-z0-9+.-]+:\/\//i.test(given))
    throw failAt(
      place,
      `is an address (${given}), which a stage cannot read or make`,
      'Import it, and name the path it was imported to.',
    )
  const inside = folderIn(folder, given, place)
  if (inside === '') throw failAt(place, 'is the whole repository')
  try {
    checkPath(inside)
  } catch (error) {
    if (!isDsvError(error, 'DSV_PATH_UNSAFE')) throw error
    throw failAt(place, `is no path of a repository: ${String(error.details.problem)}`)
  }
  return inside
}

/** Returns a folder relative to the repository, whose root is the empty text. @throws `DSV_PIPELINE_INVALID` */
export function folderIn(folder: string, given: string, place: Place): string {
  if (given === '') throw failAt(place, 'is empty')
  if (given.includes('\0')) throw failAt(place, 'holds a zero byte')
  const normal = path.posix.normalize(path.posix.join(folder, given)).replace(/\/+$/, '')
  const leaves = given.startsWith('/') || /^[a-z]:[\\/]/i.test(given)
  if (leaves || normal === '..' || normal.startsWith('../'))
    throw failAt(place, `lies outside the repository: ${given}`)
  return normal === '.' ? '' : normal
}
