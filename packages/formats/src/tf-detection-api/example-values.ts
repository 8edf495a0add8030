import { formatSyntax } from '@dsv/core'
import type { TfExample, TfFeature } from './tf-example.ts'

/** Where an example stands, for messages. */
export interface ExamplePlace {
  readonly file: string
  readonly record: number
}

/** Returns the bytes of a feature; none when it is missing. @throws `DSV_FORMAT_SYNTAX` */
export function byteStrings(
  example: TfExample,
  name: string,
  place: ExamplePlace,
): readonly Uint8Array[] {
  const feature = example.get(name)
  if (feature === undefined || feature.type === 'bytes') return feature?.values ?? []
  throw wrongType(feature, name, 'bytes', place)
}

/** Returns the texts of a feature; none when it is missing. @throws `DSV_FORMAT_SYNTAX` */
export function texts(example: TfExample, name: string, place: ExamplePlace): readonly string[] {
  return byteStrings(example, name, place).map((bytes) => {
    const text = utf8Of(bytes)
    if (text === undefined) throw problemAt(place, `has no UTF-8 in ${name}`)
    return text
  })
}

/** Returns the text of bytes, or undefined when they are not UTF-8. */
export function utf8Of(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return undefined
  }
}

/** Returns the numbers of a feature of floats or integers. @throws `DSV_FORMAT_SYNTAX` */
export function numbers(example: TfExample, name: string, place: ExamplePlace): readonly number[] {
  const feature = example.get(name)
  if (feature === undefined) return []
  if (feature.type === 'bytes') throw wrongType(feature, name, 'numbers', place)
  const values = feature.values.map(Number)
  if (values.every(Number.isFinite)) return values
  throw problemAt(place, `has a number in ${name} that is not finite`)
}

/** Returns the integers of a feature. @throws `DSV_FORMAT_SYNTAX` */
export function integers(example: TfExample, name: string, place: ExamplePlace): readonly number[] {
  const values = numbers(example, name, place)
  if (values.every(Number.isSafeInteger)) return values
  throw problemAt(place, `has a number in ${name} that is no integer`)
}

/** Returns `DSV_FORMAT_SYNTAX` for an example. */
export function problemAt({ file, record }: ExamplePlace, problem: string): Error {
  return formatSyntax(file, `record ${record} ${problem}`)
}

function wrongType({ type }: TfFeature, name: string, wanted: string, place: ExamplePlace): Error {
  return problemAt(place, `has ${type} in ${name}, which should be ${wanted}`)
}
