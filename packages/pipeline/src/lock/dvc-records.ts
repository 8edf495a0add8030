import path from 'node:path'
import type { Json } from '@dsv/core'
import type { PipelineStage } from '../model/pipeline-stage.ts'
import { decodeText } from '../read/decode-text.ts'
import { parseYaml } from '../read/parse-yaml.ts'
import type { PipelineReader } from '../read/pipeline-reader.ts'
import { asJson, isList, isMap, type Value, type ValueMap } from '../read/value.ts'
import { stageAddress } from '../graph/stage-graph.ts'
import { WHOLE_FILE } from '../run/read-stage-parameters.ts'
import type { PipelineLock, StageRecord } from './stage-record.ts'

/** What DVC calls the pipeline file, and the lock beside it. */
const [PIPELINE, LOCK] = ['dvc.yaml', 'dvc.lock']

/**
 * Returns what `dvc.lock` says of stages that dsv has not run yet, with ids `md5:…` and `md5-dos2unix:…`. What cannot
 * be read is not known.
 *
 * @throws `DSV_PIPELINE_FILE_UNREADABLE`
 */
export async function dvcRecords(
  reader: PipelineReader,
  stages: readonly PipelineStage[],
  lock: PipelineLock,
): Promise<PipelineLock> {
  const records = new Map<string, StageRecord>()
  const locks = new Map<string, Promise<ValueMap | undefined>>()
  for (const stage of stages) {
    const address = stageAddress(stage)
    if (lock.has(address) || path.posix.basename(stage.file) !== PIPELINE) continue
    const file = path.posix.join(path.posix.dirname(stage.file), LOCK)
    const known = locks.get(file) ?? lockedStages(reader, file)
    locks.set(file, known)
    const record = recordOf(stage, (await known)?.get(stage.name))
    if (record !== undefined) records.set(address, record)
  }
  return records
}

async function lockedStages(reader: PipelineReader, file: string): Promise<ValueMap | undefined> {
  const bytes = await reader.read(file)
  if (bytes === undefined) return undefined
  const value = parseYaml(decodeText(bytes, file), file)
  if (!isMap(value)) return undefined
  // Before release 2 of the format the stages stood at the top.
  const stages = value.has('schema') ? value.get('stages') : value
  return isMap(stages) ? stages : undefined
}

function recordOf(stage: PipelineStage, entry: Value | undefined): StageRecord | undefined {
  if (!isMap(entry) || stage.action.kind !== 'command') return undefined
  const { folder } = stage.action
  const command = linesOf(entry.get('cmd'))
  const dependencies = idsOf(entry.get('deps'), folder)
  const outputs = idsOf(entry.get('outs'), folder)
  if (command === undefined || dependencies === undefined || outputs === undefined) return undefined
  const parameters = parametersOf(stage, entry.get('params'), folder)
  return { action: { command, folder }, parameters, dependencies, outputs }
}

function linesOf(cmd: Value | undefined): readonly string[] | undefined {
  const texts = isList(cmd) ? cmd : [cmd]
  const lines: string[] = []
  for (const text of texts) {
    if (typeof text !== 'string') return undefined
    lines.push(...(isList(cmd) ? [text] : text.split(/\r\n|[\n\r]/u)))
  }
  return lines.filter((line) => line.trim() !== '')
}

function idsOf(
  entries: Value | undefined,
  folder: string,
): Readonly<Record<string, string>> | undefined {
  const ids: [string, string][] = []
  for (const entry of isList(entries) ? entries : []) {
    if (!isMap(entry)) return undefined
    const [at, md5] = [entry.get('path'), entry.get('md5')]
    if (typeof at !== 'string' || typeof md5 !== 'string') return undefined
    const kind = entry.get('hash') === 'md5' ? 'md5' : 'md5-dos2unix'
    ids.push([inRepository(folder, at), `${kind}:${md5}`])
  }
  return Object.fromEntries(ids)
}

function parametersOf(
  { parameters }: PipelineStage,
  recorded: Value | undefined,
  folder: string,
): StageRecord['parameters'] {
  const found: [string, Record<string, Json>][] = []
  for (const [file, values] of isMap(recorded) ? recorded : []) {
    if (!isMap(values)) continue
    const at = inRepository(folder, file)
    const isWhole = parameters.some((use) => use.file === at && use.keys === undefined)
    const entries: [string, Json][] = isWhole
      ? [[WHOLE_FILE, asJson(values)]]
      : [...values].map(([key, value]): [string, Json] => [key, asJson(value)])
    found.push([at, Object.fromEntries(entries)])
  }
  return Object.fromEntries(found)
}

function inRepository(folder: string, written: string): string {
  return path.posix.join(folder, written).replace(/\/+$/u, '')
}
