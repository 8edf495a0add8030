import type { AnnotatedItem, DatasetView, Json } from '@dsv/core'
import { stepNamed } from '@dsv/steps'
import { type Made, NO_MEDIA } from './run-step.ts'

/** What a step made of several datasets, with its report. */
export interface MadeOfMany extends Made {
  readonly report: Json | undefined
  readonly lines: readonly string[]
}

/** Runs a step on datasets in memory, by path. */
export async function runMany(
  name: string,
  views: Readonly<Record<string, DatasetView>>,
  options: Readonly<Record<string, unknown>> = {},
): Promise<MadeOfMany> {
  const notes: { readonly what: string; readonly where: string }[] = []
  let report: Json | undefined
  let lines: readonly string[] = []
  const inputs = Object.entries(views).map(([path, view]) => ({ path, view }))
  const made = await stepNamed(name).apply(inputs, options, {
    ...NO_MEDIA,
    onNote: (note) => notes.push(note),
    onReport: (given) => {
      report = given.value
      lines = given.lines
    },
  })
  const items: AnnotatedItem[] = []
  for await (const item of made.items) items.push(item)
  return { schema: made.schema, items, notes, report, lines }
}
