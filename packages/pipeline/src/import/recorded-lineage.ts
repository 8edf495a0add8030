import { isBelow, type Json } from '@dsv/core'
import {
  type Import,
  IMPORTS_FILE,
  type ImportSource,
  importsToJson,
  parseImports,
  type RegistryKind,
  type SourceFiles,
} from '@dsv/remote'
import { isDsvError } from '@dsv/store'
import { dvcRecords } from '../lock/dvc-records.ts'
import { lockToJson } from '../lock/lock-file.ts'
import { lockOf } from '../lock/read-lock-file.ts'
import type { PipelineLock, StageRecord } from '../lock/stage-record.ts'
import { readPipelines } from '../read/read-pipelines.ts'
import type { PipelineReader } from '../read/pipeline-reader.ts'
import { registryReader } from './plan-making.ts'

/** More than this of an import stays out of the file that lists them all. */
const MOST_CHARACTERS = 2 ** 18

/**
 * Returns a source that tells what the registry recorded of how a part came to be: of the stages that made it, down to
 * what no stage has made, and of its own imports among that.
 */
export function withLineage(source: ImportSource): ImportSource {
  return { ...source, lineage: async (commit, path) => recordedLineage(source, commit, path) }
}

async function recordedLineage(
  source: ImportSource,
  commit: string,
  path: string,
): Promise<Json | undefined> {
  const files = source.files(commit)
  try {
    const records = recordsOf(await recordedStages(source.kind, registryReader(files)), path)
    const places = [path, ...[...records.values()].flatMap(pathsOf)]
    const imports = (await importsOf(files)).filter((each) =>
      places.some((place) => isBelow(place, each.path) || isBelow(each.path, place)),
    )
    if (records.size === 0 && imports.length === 0) return undefined
    const lineage = { stages: lockToJson(records), imports: importsToJson(imports) }
    return JSON.stringify(lineage).length > MOST_CHARACTERS ? undefined : lineage
  } catch (error) {
    // What a stranger wrote wrongly does not keep anyone from what is stored.
    if (isDsvError(error)) return undefined
    throw error
  }
}

async function recordedStages(kind: RegistryKind, reader: PipelineReader): Promise<PipelineLock> {
  const lock = await lockOf(reader)
  // To look for pipeline files, the names of all files of a repository of ours would have to come from afar.
  if (kind === 'dsv') return lock
  const { stages } = await readPipelines(reader)
  return new Map([...(await dvcRecords(reader, stages, lock)), ...lock])
}

async function importsOf(files: SourceFiles): Promise<readonly Import[]> {
  const bytes = await files.read(IMPORTS_FILE)
  return bytes === undefined ? [] : parseImports(Buffer.from(bytes).toString('utf8'))
}

/** The stages that had a part in what lies at a path. */
function recordsOf(lock: PipelineLock, path: string): PipelineLock {
  const chosen = new Map<string, StageRecord>()
  const places = [path]
  for (let place = places.pop(); place !== undefined; place = places.pop())
    for (const [address, record] of lock) {
      if (chosen.has(address) || !makes(record, place)) continue
      chosen.set(address, record)
      places.push(...Object.keys(record.dependencies))
    }
  return chosen
}

function makes({ outputs }: StageRecord, place: string): boolean {
  return Object.keys(outputs).some((output) => isBelow(output, place) || isBelow(place, output))
}

function pathsOf({ dependencies, outputs }: StageRecord): readonly string[] {
  return [...Object.keys(dependencies), ...Object.keys(outputs)]
}
