import type { Json } from '@dsv/core'
import { dump, JSON_SCHEMA, load } from 'js-yaml'
import { lockInvalid } from '../errors.ts'
import type { StepUse } from '../model/pipeline-stage.ts'
import type { PipelineLock, StageRecord } from './stage-record.ts'

/** The file that says what the stages were run on and what they made; it lies at the root and is tracked. */
export const LOCK_FILE = 'dsv.lock'

const VERSION = 1
const MAX_CHARACTERS = 64 * 2 ** 20
const HEAD =
  '# Written by dsv: what each stage of the pipelines was run on and what it made.\nversion: 1\n'

/**
 * Returns the text of a lock: the same lock gives the same text, and each stage has lines of its own, so that
 * changes of different stages merge.
 */
export function writeLock(lock: PipelineLock): string {
  const stages = [...lock].toSorted(([a], [b]) => (a < b ? -1 : 1))
  if (stages.length === 0) return `${HEAD}stages: {}\n`
  return `${HEAD}stages:\n${stages.map(([address, record]) => stageText(address, record)).join('')}`
}

/** Writing many stages is most of the work of a run that does little else. */
const texts = new WeakMap<StageRecord, string>()

function stageText(address: string, record: StageRecord): string {
  const known = texts.get(record)
  if (known !== undefined) return known
  const stage = { [address]: recordToJson(record) }
  const text = dump(stage, { sortKeys: false, lineWidth: -1, noRefs: true })
  const shifted = text.replaceAll(/^(?=.)/gmu, '  ')
  texts.set(record, shifted)
  return shifted
}

/** Returns the stages of a lock as the file has them. */
export function lockToJson(lock: PipelineLock): Readonly<Record<string, Json>> {
  return Object.fromEntries(
    [...lock].map(([address, record]): [string, Json] => [address, recordToJson(record)]),
  )
}

function recordToJson({
  action,
  parameters,
  dependencies,
  outputs,
  tool,
}: StageRecord): Record<string, Json> {
  return {
    ...('command' in action
      ? { command: action.command, ...(action.folder !== '' && { folder: action.folder }) }
      : {
          from: action.from,
          steps: action.steps.map(({ name, options }) => ({ name, options })),
          ...(action.format !== undefined && { format: action.format }),
        }),
    ...(Object.keys(parameters).length > 0 && { parameters }),
    dependencies,
    outputs,
    ...(tool !== undefined && { tool }),
  }
}

/** Reads what {@link writeLock} wrote. @throws `DSV_LOCK_INVALID` */
export function readLock(text: string, file: string = LOCK_FILE): PipelineLock {
  if (text.length > MAX_CHARACTERS) throw lockInvalid(file, 'is too large')
  let value: unknown
  try {
    value = load(text, { schema: JSON_SCHEMA, maxAliases: 0 })
  } catch (error) {
    throw lockInvalid(file, 'is no valid YAML', error)
  }
  const reader = readerOf(file)
  const { version, stages } = reader.map(value, 'the file')
  if (version !== VERSION) throw lockInvalid(file, 'is of a version that this dsv does not know')
  return lockFromJson(stages, file)
}

/** Reads what {@link lockToJson} returned. @throws `DSV_LOCK_INVALID` */
export function lockFromJson(stages: unknown, file: string = LOCK_FILE): PipelineLock {
  const reader = readerOf(file)
  return new Map(
    Object.entries(reader.map(stages, 'stages')).map(([address, each]) => [
      address,
      readRecord(reader, address, each),
    ]),
  )
}

interface Reader {
  map(value: unknown, place: string): Readonly<Record<string, unknown>>
  texts(value: unknown, place: string): Readonly<Record<string, string>>
  fail(problem: string): never
}

function readRecord(reader: Reader, address: string, value: unknown): StageRecord {
  const fields = reader.map(value, address)
  const { command, folder = '', from, steps, format, tool } = fields
  const parameters = Object.entries(
    reader.map(fields['parameters'] ?? {}, `parameters of ${address}`),
  )
  const common = {
    parameters: safeObject(
      parameters.map(([file, keys]) => [
        file,
        safeObject(
          Object.entries(reader.map(keys, file)).map(([key, each]) => [key, toJson(each, reader)]),
        ),
      ]),
    ),
    dependencies: reader.texts(fields['dependencies'], `dependencies of ${address}`),
    outputs: reader.texts(fields['outputs'], `outputs of ${address}`),
    ...(typeof tool === 'string' && { tool }),
  }
  if (Array.isArray(steps)) {
    const uses = steps.map((each: unknown) => readStep(reader, address, each))
    if (!isTexts(from)) return reader.fail(`${address.slice(0, 200)} has no inputs`)
    const action = { from, steps: uses, ...(typeof format === 'string' && { format }) }
    return { action, ...common }
  }
  if (!isTexts(command) || typeof folder !== 'string')
    return reader.fail(`${address.slice(0, 200)} has no command`)
  return { action: { command, folder }, ...common }
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((each) => typeof each === 'string')
}

function readStep(reader: Reader, address: string, value: unknown): StepUse {
  const { name, options } = reader.map(value, `a step of ${address}`)
  if (typeof name !== 'string') return reader.fail(`${address} has a step without a name`)
  const given = Object.entries(reader.map(options ?? {}, `options of ${address}`))
  return { name, options: safeObject(given.map(([key, each]) => [key, toJson(each, reader)])) }
}

function readerOf(file: string): Reader {
  const fail = (problem: string): never => {
    throw lockInvalid(file, problem)
  }
  const map = (value: unknown, place: string): Readonly<Record<string, unknown>> => {
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      return fail(`${place.slice(0, 200)} is no mapping`)
    return safeObject(Object.entries(value))
  }
  return {
    fail,
    map,
    texts: (value, place) =>
      safeObject(
        Object.entries(map(value ?? {}, place)).map(([key, each]) => [
          key,
          typeof each === 'string' ? each : fail(`${place.slice(0, 200)} is no mapping of texts`),
        ]),
      ),
  }
}

/** `__proto__` is a name like any other. */
function safeObject<Value>(entries: readonly (readonly [string, Value])[]): Record<string, Value> {
  return Object.fromEntries(entries)
}

function toJson(value: unknown, reader: Reader): Json {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value
  if (typeof value === 'number' && Number.isFinite(value)) return value
  if (Array.isArray(value)) return value.map((each: unknown) => toJson(each, reader))
  if (typeof value === 'object' && value !== undefined)
    return safeObject(Object.entries(value).map(([key, each]) => [key, toJson(each, reader)]))
  return reader.fail('holds a value that is none of JSON')
}
