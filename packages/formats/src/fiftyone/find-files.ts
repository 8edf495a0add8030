import type { Folder } from '@dsv/core'
import { findJsonFiles } from '../shared/find-json-files.ts'

/** The files that say something. */
export interface FiftyoneFiles {
  /** Files of whole datasets. */
  readonly samples: readonly string[]
  /** Files of labels alone. */
  readonly labels: readonly string[]
}

/** Finds `samples.json` and `labels.json` as FiftyOne writes them. */
export async function findFiftyoneFiles(folder: Folder): Promise<FiftyoneFiles> {
  const samples = await findJsonFiles(folder, {
    suffixes: ['samples.json'],
    test: (head, path) =>
      /(?:^|\/)samples\.json$/u.test(path) && /^\D*\{\s*"samples"\s*:\s*\[/u.test(head),
  })
  if (samples.length > 0) return { samples, labels: [] }
  const labels = await findJsonFiles(folder, {
    suffixes: ['labels.json'],
    test: (head, path) =>
      /(?:^|\/)labels\.json$/u.test(path) &&
      /^[^[{]*\{\s*"(?:classes|labels)"\s*:/u.test(head) &&
      /"labels"\s*:\s*\{|"classes"\s*:\s*(?:\[|null)/u.test(head),
  })
  return { samples, labels }
}
