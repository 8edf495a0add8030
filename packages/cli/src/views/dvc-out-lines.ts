import type { DvcOut } from '@dsv/remote'
import { oneLine } from './annotation-text.ts'
import { bytesText, countOf } from './quantities.ts'
import { tableLines } from './table-lines.ts'

/** Returns one line for each output of a DVC registry: its path, size, and where else it is. */
export function dvcOutLines(outs: readonly DvcOut[]): readonly string[] {
  return tableLines(
    outs.map(({ path, isFolder, fileCount, sizeBytes, ...out }) => [
      oneLine(isFolder ? `${path}/` : path),
      fileCount === undefined ? '' : countOf(fileCount, 'file'),
      sizeBytes === undefined ? '' : bytesText(sizeBytes),
      oneLine(remark(out)),
    ]),
  )
}

function remark({
  imported,
  isCached,
  md5,
  files,
  stage,
}: Pick<DvcOut, 'files' | 'imported' | 'isCached' | 'md5' | 'stage'>): string {
  if (imported !== undefined) return `from ${imported.path} of ${imported.url}`
  const maker = stage === undefined ? '' : `, made by stage ${stage}`
  if (!isCached) return `not in DVC${maker}`
  return md5 === undefined && files === undefined ? `never made${maker}` : ''
}
