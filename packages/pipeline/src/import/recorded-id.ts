import path from 'node:path'
import { dvcHashOf, type SourceFiles } from '@dsv/remote'
import { JSON_SCHEMA, load } from 'js-yaml'
import { stageAddress } from '../graph/stage-graph.ts'
import { LOCK_FILE, readLock } from '../lock/lock-file.ts'
import { readLockFile } from '../lock/read-lock-file.ts'
import type { PipelineStage } from '../model/pipeline-stage.ts'

/** What a registry recorded of an output. */
export interface RecordedId {
  readonly id: string
  /** Returns the id of the same kind of what the stage has made below a folder. */
  idOf(folder: string): Promise<string | undefined>
}

/** Returns what `dsv.lock` or `dvc.lock` of a registry says of an output. @throws `DSV_LOCK_INVALID` */
export async function recordedId(
  files: SourceFiles,
  stage: PipelineStage,
  output: string,
): Promise<RecordedId | undefined> {
  const address = stageAddress(stage)
  const ours = await files.read(LOCK_FILE)
  const id = ours && readLock(Buffer.from(ours).toString('utf8')).get(address)?.outputs[output]
  if (id !== undefined)
    return { id, idOf: async (folder) => readLockFile(folder).get(address)?.outputs[output] }
  const folder = path.posix.dirname(stage.file)
  const theirs = await files.read(path.posix.join(folder, 'dvc.lock'))
  const md5 = theirs && md5In(Buffer.from(theirs).toString('utf8'), stage.name, { output, folder })
  return md5 ? { id: md5, idOf: async (root) => dvcHashOf(path.join(root, output)) } : undefined
}

/** The MD5 that a `dvc.lock` has of an output; its paths are relative to where it lies. */
function md5In(
  text: string,
  stage: string,
  { output, folder }: { readonly output: string; readonly folder: string },
): string | undefined {
  let lock: unknown
  try {
    lock = load(text, { schema: JSON_SCHEMA, maxAliases: 0 })
  } catch {
    return undefined
  }
  const outs = member(member(member(lock, 'stages'), stage), 'outs')
  if (!Array.isArray(outs)) return undefined
  for (const out of outs) {
    const [place, md5] = [member(out, 'path'), member(out, 'md5')]
    const isIt = typeof place === 'string' && path.posix.join(folder, place) === output
    if (isIt && typeof md5 === 'string') return md5
  }
  return undefined
}

function member(value: unknown, name: string): unknown {
  const isMap = typeof value === 'object' && value !== null && !Array.isArray(value)
  return isMap ? new Map(Object.entries(value)).get(name) : undefined
}
