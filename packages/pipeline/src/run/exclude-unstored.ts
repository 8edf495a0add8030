import { mkdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { EXCLUDE_FILE, writeByRename } from '@dsv/core'
import { systemErrorCode } from '@dsv/store'
import type { PipelineStage } from '../model/pipeline-stage.ts'

const BEGIN = '# Outputs that stages do not store; written by dsv run.'
const END = '# End of outputs.'

/** Has `status` and `add` leave out what stages make and do not store. Other lines of the file stay. */
export async function excludeUnstored(
  root: string,
  stages: readonly PipelineStage[],
): Promise<void> {
  const paths = stages
    .flatMap(({ outputs }) => outputs.filter(({ isStored }) => !isStored))
    .map(({ path: inside }) => `/${escaped(inside)}`)
    .toSorted()
  const file = path.join(root, EXCLUDE_FILE)
  const before = textOf(file)
  const other = before.replace(new RegExp(`${BEGIN}\n[^]*?${END}\n`, 'u'), '')
  const lines = other === '' || other.endsWith('\n') ? other : `${other}\n`
  const text = paths.length === 0 ? other : `${lines}${[BEGIN, ...paths, END].join('\n')}\n`
  if (text === before) return
  mkdirSync(path.dirname(file), { recursive: true })
  await writeByRename(file, Buffer.from(text))
}

function escaped(inside: string): string {
  // A pattern ends with its line: a question mark stands for a line break, and for any other character.
  return inside.replaceAll(/[\\*?[\]!# ]/gu, String.raw`\$&`).replaceAll(/[\r\n]/gu, '?')
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return ''
    throw error
  }
}
