import type { Folder } from '@dsv/core'
import { findJsonFiles } from '../shared/find-json-files.ts'

const USUAL_NAME = /(?:^|[._/-])createml\.json$/iu

/** Finds the annotation files of Create ML: lists of records of an image and its annotations. */
export async function findCreateMlFiles(
  folder: Folder,
  maxOthers?: number,
): Promise<readonly string[]> {
  return findJsonFiles(folder, {
    test: (head, path) => (USUAL_NAME.test(path) ? /^[^[{]*\[/u.test(head) : isCreateMl(head)),
    ...(maxOthers === undefined ? {} : { maxOthers }),
  })
}

/** COCO and others have images and annotations too, but are no list of them. */
function isCreateMl(head: string): boolean {
  if (!/^[^[{]*\[\s*\{/u.test(head)) return false
  const hasImage = /"(?:image|imagefilename)"\s*:\s*"/u.test(head)
  const hasAnnotations = /"annotations?"\s*:\s*[["]/u.test(head)
  const isOther = /"(?:image_id|data|bbox)"\s*:/u.test(head)
  return hasImage && hasAnnotations && !isOther
}
