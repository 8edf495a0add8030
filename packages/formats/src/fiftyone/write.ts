import type { DatasetView, Json, WritableFolder, WriteContext } from '@dsv/core'
import { layoutFromJson, type FiftyoneLayout } from './layout.ts'
import { writeDataset } from './write-dataset.ts'
import { writeLabelFiles } from './write-label-files.ts'

/** Writes a whole dataset, or labels for detection or classification, as the variant says. */
export async function writeFiftyone(
  dataset: DatasetView,
  folder: WritableFolder,
  context: WriteContext,
): Promise<Json> {
  context.signal.throwIfAborted()
  const before = layoutFromJson(dataset.layout)
  const kind = kindOf(context.variant) ?? before?.kind ?? 'dataset'
  if (kind === 'dataset') {
    const layout = before?.kind === 'dataset' ? before : undefined
    return writeDataset(dataset, folder, { context, layout })
  }
  const files = before !== undefined && before.kind === kind ? before.files : []
  return writeLabelFiles(dataset, folder, { context, kind, before: files })
}

function kindOf(variant: string | undefined): FiftyoneLayout['kind'] | undefined {
  if (variant === 'dataset' || variant === 'image-detection') return variant
  return variant === 'image-classification' ? variant : undefined
}
