import type { Detection, Folder } from '@dsv/core'
import { formatNames, loadAdapter } from './registry.ts'
import { compareText } from './shared/compare-text.ts'

/** What one format says about a folder. */
export interface DetectedFormat extends Detection {
  readonly format: string
}

/** Asks every format whether a folder is in it; the surest comes first, equally sure ones by name. */
export async function detectFormat(folder: Folder): Promise<readonly DetectedFormat[]> {
  const answers: DetectedFormat[] = []
  for (const format of formatNames) {
    const adapter = await loadAdapter(format)
    answers.push({ format, ...(await adapter.detect(folder)) })
  }
  return answers.toSorted((a, b) => b.confidence - a.confidence || compareText(a.format, b.format))
}
