import { nearNames } from '@dsv/core'
import type { DsvError } from '@dsv/store'
import { pipelineInvalid } from '../errors.ts'
import { decodeText } from './decode-text.ts'
import { lineOf, type ValuePath } from './line-of.ts'
import { parseYaml } from './parse-yaml.ts'
import { renderText } from './render-text.ts'
import { isList, isMap, kindOf, type Value, type ValueList, type ValueMap } from './value.ts'

/** A pipeline file that was read, and a way to say what is wrong in it. */
export interface PipelineDocument {
  readonly file: string
  /** The folder it lies in; empty for the root. */
  readonly folder: string
  /** Whether it is a `dsv.yaml`, which knows built-in steps. */
  readonly hasSteps: boolean
  readonly top: ValueMap
  /** Returns the error for something that `path` leads to. */
  fail(path: ValuePath, problem: string, hint?: string): DsvError
}

/** @throws `DSV_PIPELINE_FILE_UNREADABLE`, `DSV_PIPELINE_INVALID` */
export function readDocument(bytes: Uint8Array, file: string): PipelineDocument {
  const text = decodeText(bytes, file)
  const value = parseYaml(text, file)
  const fail = (path: ValuePath, problem: string, hint?: string): DsvError =>
    pipelineInvalid(
      {
        file,
        line: lineOf(text, path),
        stage: path[0] === 'stages' && path.length > 1 ? String(path[1]) : undefined,
        key: pathText(path),
      },
      problem,
      hint,
    )
  if (value !== null && !isMap(value)) throw fail([], `is ${kindOf(value)}, not a mapping`)
  const slash = file.lastIndexOf('/')
  return {
    file,
    folder: slash === -1 ? '' : file.slice(0, slash),
    hasSteps: file.slice(slash + 1) === 'dsv.yaml',
    top: value ?? new Map<string, Value>(),
    fail,
  }
}

/** A value of a document and the way to it. */
export interface Place {
  readonly document: PipelineDocument
  readonly path: ValuePath
}

/** Returns the place of a member. */
export function within({ document, path }: Place, ...further: ValuePath): Place {
  return { document, path: [...path, ...further] }
}

/** Returns the error for what stands at a place. */
export function failAt({ document, path }: Place, problem: string, hint?: string): DsvError {
  return document.fail(path, problem, hint)
}

/** Checks that a mapping has no other keys. @throws `DSV_PIPELINE_INVALID` with the near ones and all allowed ones */
export function checkKeys(map: ValueMap, allowed: readonly string[], place: Place): void {
  for (const key of map.keys()) {
    if (allowed.includes(key)) continue
    const [near] = nearNames(key, allowed)
    const guess = near === undefined ? '' : `Is \`${near}\` meant? `
    throw failAt(within(place, key), 'is unknown', `${guess}Allowed are ${allowed.join(', ')}.`)
  }
}

/** Returns a mapping; nothing is an empty one. @throws `DSV_PIPELINE_INVALID` */
export function mapAt(value: Value | undefined, place: Place): ValueMap {
  if (value === undefined || value === null) return new Map<string, Value>()
  if (isMap(value)) return value
  throw failAt(place, `is ${kindOf(value)}, not a mapping`)
}

/** Returns a list; nothing is an empty one. @throws `DSV_PIPELINE_INVALID` */
export function listAt(value: Value | undefined, place: Place): ValueList {
  if (value === undefined || value === null) return []
  if (Array.isArray(value)) return value
  throw failAt(place, `is ${kindOf(value)}, not a list`)
}

/** Returns true or false; nothing is `otherwise`. @throws `DSV_PIPELINE_INVALID` */
export function booleanAt(value: Value | undefined, place: Place, otherwise: boolean): boolean {
  if (value === undefined || value === null) return otherwise
  if (typeof value === 'boolean') return value
  throw failAt(place, `is ${kindOf(value)}, not true or false`)
}

/** Returns a text; numbers and booleans are written as such. @throws `DSV_PIPELINE_INVALID` */
export function textAt(value: Value, place: Place): string {
  if (value === null || isList(value) || isMap(value))
    throw failAt(place, `is ${kindOf(value)}, not a text`)
  return renderText(value)
}

function pathText(path: ValuePath): string {
  return path
    .map((part, index) =>
      typeof part === 'number' ? `[${part}]` : index === 0 ? part : `.${part}`,
    )
    .join('')
}
