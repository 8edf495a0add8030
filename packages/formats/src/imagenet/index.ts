import type { FormatAdapter } from '@dsv/core'
import { writeClassFolders } from '../shared/write-class-folders.ts'
import { detectImagenet } from './detect.ts'
import { imagenetFormat } from './format.ts'
import { readImagenet } from './read.ts'

/** Reads and writes folders of classes. */
export const imagenetAdapter: FormatAdapter = {
  format: imagenetFormat,
  detect: detectImagenet,
  read: readImagenet,
  write: async (dataset, folder, context) => {
    for (const format of Object.keys(dataset.schema.info)) {
      context.onLoss({ what: `info: ${format}`, where: format })
    }
    return { ...(await writeClassFolders(dataset, folder, context)) }
  },
}
