import { spoolFile } from '../folder/spool-file.ts'
import { isArray, isObject, type JsonObject } from '../shared/json-reader.ts'
import { jsonLines } from '../shared/json-lines.ts'
import { COCO_TASKS, type CocoTask } from './find-files.ts'
import { type CocoId, isId } from './layout.ts'

/** The record of an image, and the files that have to list it. */
export interface ImageEntry {
  readonly record: JsonObject
  readonly id: CocoId
  /** Orders images as items are. */
  readonly group: number
  /** The files that speak of it. */
  readonly tasks: ReadonlySet<CocoTask>
}

/** Images put aside until it is known which file lists them all. */
export interface WaitingImages {
  readonly count: number
  add(image: ImageEntry): Promise<void>
  /** Gives all back, in the order in which they came, and forgets them. */
  take(): AsyncIterable<ImageEntry>
  close(): Promise<void>
}

/** Makes an empty list, which goes to a temporary file when it grows. */
export function waitingImages(): WaitingImages {
  let spool = spoolFile()
  let count = 0
  return {
    get count() {
      return count
    },
    add: async ({ record, id, group, tasks }) => {
      count += 1
      spool.append(Buffer.from(`${JSON.stringify([group, id, [...tasks], record])}\n`))
      await spool.settle()
    },
    take: async function* () {
      const taken = spool
      spool = spoolFile()
      count = 0
      try {
        for await (const { value } of jsonLines(taken, 'images')) yield entryOf(value())
      } finally {
        await taken.close()
      }
    },
    close: async () => spool.close(),
  }
}

function entryOf(line: unknown): ImageEntry {
  const [group, id, tasks, record] = Array.isArray(line) ? line : []
  if (typeof group !== 'number' || !isId(id) || !isArray(tasks) || !isObject(record))
    throw new TypeError('A spool gave back something else')
  return { group, id, record, tasks: new Set(COCO_TASKS.filter((task) => tasks.includes(task))) }
}
