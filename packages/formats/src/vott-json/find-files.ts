import type { Folder } from '@dsv/core'
import { findJsonFiles } from '../shared/find-json-files.ts'

/** Finds JSON exports of VoTT: assets with regions, and tags. */
export async function findVottJsonFiles(
  folder: Folder,
  maxOthers?: number,
): Promise<readonly string[]> {
  return findJsonFiles(folder, {
    test: isVott,
    ...(maxOthers === undefined ? {} : { maxOthers }),
  })
}

function isVott(head: string, path: string): boolean {
  if (!/^[^[{]*\{/u.test(head)) return false
  const hasAssets = /"assets"\s*:\s*\{/u.test(head)
  const hasTags = /"tags"\s*:\s*(?:\[|null)/u.test(head)
  if (/-export\.json$/iu.test(path)) return hasAssets || hasTags
  return hasAssets && /"asset"\s*:\s*\{/u.test(head) && /"regions"\s*:\s*\[/u.test(head)
}
