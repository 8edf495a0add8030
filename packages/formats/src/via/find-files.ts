import type { Folder } from '@dsv/core'
import { findJsonFiles } from '../shared/find-json-files.ts'

/** Finds the files of VIA: projects, and maps of images with regions. */
export async function findViaFiles(folder: Folder, maxOthers?: number): Promise<readonly string[]> {
  return findJsonFiles(folder, {
    test: isVia,
    ...(maxOthers === undefined ? {} : { maxOthers }),
  })
}

/** A project begins with its settings; a map of images with their regions may be without. */
function isVia(head: string, path: string): boolean {
  if (!/^[^[{]*\{/u.test(head)) return false
  if (/^[^[{]*\{\s*\}/u.test(head)) return /(?:^|\/)via_[^/]*\.json$/iu.test(path)
  if (/"_via_(?:img_metadata|settings|attributes)"\s*:/u.test(head)) return true
  return /"filename"\s*:/u.test(head) && /"(?:regions|file_attributes)"\s*:\s*[[{]/u.test(head)
}
