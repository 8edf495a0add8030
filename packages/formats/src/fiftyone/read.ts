import { type DatasetStream, type Folder, type ReadContext } from '@dsv/core'
import { noneFound } from '../shared/none-found.ts'
import { skipOrThrow } from '../shared/skip-or-throw.ts'
import { findFiftyoneFiles } from './find-files.ts'
import { readDataset } from './read-dataset.ts'
import { readLabelFiles } from './read-label-files.ts'

/**
 * Reads what FiftyOne exports: a whole dataset (`samples.json`), or labels of images (`labels.json`).
 *
 * @throws `DSV_FORMAT_SYNTAX`
 */
export async function readFiftyone(folder: Folder, context: ReadContext): Promise<DatasetStream> {
  context.signal.throwIfAborted()
  const { samples, labels } = await findFiftyoneFiles(folder)
  const [first, ...others] = samples
  if (first === undefined) {
    if (labels.length === 0) {
      const wanted = { usual: 'samples.json', suffixes: ['.json'], problem: 'lists no samples' }
      const error = await noneFound(folder, wanted)
      skipOrThrow(error, String(error.details['file']), context)
    }
    return readLabelFiles(folder, labels, context)
  }
  for (const path of others) {
    context.onLoss({ what: 'file', where: `${path}: another dataset than ${first}` })
  }
  return readDataset(folder, first, context)
}
