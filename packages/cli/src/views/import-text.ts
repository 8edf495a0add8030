import type { CommitImport, Import } from '@dsv/remote'
import { oneLine } from './annotation-text.ts'
import { shortId } from './quantities.ts'

/** Returns a line for each import that a commit made or brought up to date. */
export function importLines(imports: readonly CommitImport[]): readonly string[] {
  return imports.map(({ import: now, before }) => {
    const word = before === undefined ? 'Imported' : 'Updated'
    const was = before === undefined ? '' : `, before ${shortId(before)}`
    return `${word}: ${oneLine(`${now.path} from ${sourceText(now)}`)}${was}`
  })
}

/** Returns where something came from: `data/street of s3://registry@1a2b3c4d5e (v1.0)`. */
export function sourceText({ path, url, from, revision, commit, where }: Import): string {
  const place = from === path ? url : `${from} of ${url}`
  const asked = revision === undefined ? '' : ` (${revision})`
  const query = where === undefined ? '' : ` where ${where}`
  return oneLine(`${place}@${shortId(commit)}${asked}${query}`)
}
