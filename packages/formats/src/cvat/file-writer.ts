import type {
  AnnotatedItem,
  Annotation,
  Category,
  DatasetView,
  Loss,
  WritableFolder,
  WriteContext,
} from '@dsv/core'
import { type FilePlan, fileOf, frameNumbers, type WritePlan } from './plan-write.ts'
import type { ShapeTarget } from './write-shape.ts'

/** What is known while a file is written. */
export interface FileWriter {
  readonly dataset: DatasetView
  readonly folder: WritableFolder
  readonly context: WriteContext
  readonly plan: WritePlan
  readonly file: FilePlan
  readonly categories: ReadonlyMap<string, Category>
}

/** Yields the items of one file, in order, with their frames. */
export async function* itemsOfFile({
  dataset,
  plan,
  file,
  context,
}: FileWriter): AsyncGenerator<{ readonly item: AnnotatedItem; readonly frame: number }> {
  const numberOf = frameNumbers(file)
  for (const subset of [...file.subsets].toSorted()) {
    for await (const item of dataset.items(subset)) {
      context.signal.throwIfAborted()
      if (fileOf(item, plan.files) === file) yield { item, frame: numberOf(item) }
    }
  }
}

/** Returns what a shape of an item needs to be written. */
export function targetOf(
  { categories }: FileWriter,
  item: AnnotatedItem,
  onLoss: (loss: Loss) => void,
): Omit<ShapeTarget, 'frame'> {
  const [medium] = item.media
  const { width, height } = medium ?? {}
  return {
    categories,
    size: width === undefined || height === undefined ? undefined : { width, height },
    indent: '    ',
    where: `${item.subset}/${item.id}`,
    onLoss,
  }
}

/** Whether an annotation is written as part of a track. */
export function isTracked({ track, type }: Annotation): boolean {
  return track !== undefined && type !== 'label'
}
