import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'

const SHARED = path.resolve(import.meta.dirname, '../../../../shared')
const FACTS = path.join(SHARED, 'facts/imports.dev.json')

/** What Datumaro reads from one of its sample datasets. */
export interface Fact {
  readonly asset: string
  readonly format: string
  readonly options?: unknown
  readonly infos?: unknown
  readonly categories: { readonly label?: readonly { readonly name: string }[] }
  readonly items: readonly {
    readonly id: string
    readonly subset: string
    readonly media?: { readonly path?: string; readonly size_hw?: readonly number[] }
    readonly attributes?: Readonly<Record<string, unknown>>
    readonly annotations: readonly FactAnnotation[]
  }[]
}

/** One annotation of a {@link Fact}. */
export interface FactAnnotation {
  readonly type: string
  readonly label_name?: string
  readonly attributes?: Readonly<Record<string, unknown>>
  readonly [field: string]: unknown
}

/** Returns the facts of some formats without options; none where the collection is not at hand. */
export function factsOf(...formats: readonly string[]): readonly (readonly [string, Fact])[] {
  const facts: readonly Fact[] = existsSync(FACTS) ? JSON.parse(readFileSync(FACTS, 'utf8')) : []
  return facts
    .filter(({ format, options }) => formats.includes(format) && options === undefined)
    .map((fact) => [fact.asset, fact])
}

/** Returns the folder of a sample dataset. */
export function assetPath(asset: string): string {
  return path.join(SHARED, 'data/datumaro-assets', asset)
}
