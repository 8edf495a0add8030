import type { ExportOutcome } from '@dsv/core'
import { countOf } from './quantities.ts'

/** Returns what was exported: `Wrote 1,200 items with 3,400 annotations to /tmp/train as coco (1,201 files).` */
export function exportText(
  { format, isVerbatim, items, annotations, files }: ExportOutcome,
  output: string,
): string {
  if (isVerbatim || items === undefined) {
    const as = format === undefined ? '' : `, in format ${format}`
    return `Wrote ${countOf(files, 'file')} to ${output} as committed${as}.`
  }
  const said = annotations === undefined ? '' : ` with ${countOf(annotations, 'annotation')}`
  return `Wrote ${countOf(items, 'item')}${said} to ${output} as ${format ?? 'files'} (${countOf(files, 'file')}).`
}
