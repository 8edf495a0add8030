import type { StageOutcome, StagedDataset } from '@dsv/core'
import { bytesText, countOf } from './quantities.ts'

/** Returns what staging did: `Added 1,204 files (48 MB): 1,200 items of dataset data/street (voc).` */
export function stageText({ added, modified, removed, readBytes, datasets }: StageOutcome): string {
  const size = readBytes > 0 ? ` (${bytesText(readBytes)})` : ''
  const counts = [
    ...(added > 0 ? [['Added', added] as const] : []),
    ...(modified > 0 ? [['updated', modified] as const] : []),
    ...(removed > 0 ? [['removed', removed] as const] : []),
  ]
  if (counts.length === 0 && datasets.length === 0)
    return 'Nothing changed: all of it was staged already.'
  const parts = counts.map(([verb, count], at) =>
    at === 0 ? `${verb} ${countOf(count, 'file')}${size}` : `${verb} ${count}`,
  )
  const files = capital(parts.join(', '))
  const meaning = datasets.map(datasetText).join(', ')
  if (datasets.length === 0) return `${files}.`
  return files === '' ? `${capital(meaning)}.` : `${files}: ${meaning}.`
}

function datasetText({ path, format, items, change }: StagedDataset): string {
  const word = change === 'edited' ? 'in' : 'of'
  return `${countOf(items, 'item')} ${word} dataset ${path === '' ? '.' : path} (${format})`
}

function capital(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1)
}
