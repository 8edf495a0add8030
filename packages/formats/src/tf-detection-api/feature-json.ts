import type { Json } from '@dsv/core'
import { isArray, isObject } from '../shared/json-reader.ts'
import { utf8Of } from './example-values.ts'
import type { TfFeature } from './tf-example.ts'

/** Returns a feature we have no name for as JSON: `{ type, values }`; bytes that are no text as base64. */
export function featureToJson(feature: TfFeature): Json {
  if (feature.type !== 'bytes')
    return { type: feature.type, values: feature.values.map(numberJson) }
  return { type: 'bytes', values: feature.values.map(bytesJson) }
}

/** Returns what {@link featureToJson} was given; undefined when `json` is something else. */
export function featureFromJson(json: Json | undefined): TfFeature | undefined {
  if (!isObject(json) || !isArray(json['values'])) return undefined
  const { type, values } = json
  if (type === 'bytes') return { type, values: values.map(bytesFrom) }
  const plain = values.filter((each) => typeof each === 'number' || typeof each === 'string')
  if (type === 'float') return { type, values: plain.map(Number) }
  const integers = plain.filter((each) => /^-?\d{1,20}$/u.test(String(each)))
  return type === 'int64' ? { type, values: integers } : undefined
}

/** JSON has no NaN. */
function numberJson(value: number | string): Json {
  return typeof value === 'number' && !Number.isFinite(value) ? String(value) : value
}

function bytesJson(bytes: Uint8Array): Json {
  return utf8Of(bytes) ?? { base64: Buffer.from(bytes).toString('base64') }
}

function bytesFrom(json: Json): Uint8Array {
  if (typeof json === 'string') return Buffer.from(json)
  const base64 = isObject(json) ? json['base64'] : undefined
  return Buffer.from(typeof base64 === 'string' ? base64 : '', 'base64')
}
