import { type Category, readMask, type SourceItem } from '@dsv/core'
import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'

/** The collection lies beside the repository, or where `DSV_SHARED` says. */
export const SHARED: string = path.resolve(
  process.env['DSV_SHARED'] ?? path.join(import.meta.dirname, '../../../../shared'),
)
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

/** Returns every fact; none where the collection is not at hand. */
export function allFacts(): readonly Fact[] {
  return existsSync(FACTS) ? JSON.parse(readFileSync(FACTS, 'utf8')) : []
}

/** Returns the facts of some formats without options; none where the collection is not at hand. */
export function factsOf(...formats: readonly string[]): readonly (readonly [string, Fact])[] {
  return allFacts()
    .filter(({ format, options }) => formats.includes(format) && options === undefined)
    .map((fact) => [fact.asset, fact])
}

/** Returns the facts of a format that were found with options. */
export function factsWithOptions(format: string): readonly (readonly [string, Fact])[] {
  const facts: readonly Fact[] = existsSync(FACTS) ? JSON.parse(readFileSync(FACTS, 'utf8')) : []
  return facts
    .filter((fact) => fact.format === format && fact.options !== undefined)
    .map((fact) => [`${fact.asset} ${JSON.stringify(fact.options)}`, fact])
}

/** Returns the folder of a sample dataset. */
export function assetPath(asset: string): string {
  return path.join(SHARED, 'data/datumaro-assets', asset)
}

/** Items with labels and boxes, as both sides are compared. */
export type ComparableItems = Readonly<Record<string, unknown>>

/** Returns what a fact says of items: size, item attributes, labels and boxes with their categories. */
export function factItems({ items }: Fact): ComparableItems {
  return Object.fromEntries(
    items.map(({ id, subset, media, attributes, annotations }) => [
      `${subset}/${id}`,
      {
        size: media?.size_hw,
        attributes: attributes ?? {},
        annotations: annotations.map(({ type, label_name: name, xywh }) => ({ type, name, xywh })),
      },
    ]),
  )
}

/** Returns the same of items that were read. */
export function comparableItems(
  items: readonly SourceItem[],
  categories: readonly Category[],
): ComparableItems {
  const names = new Map(categories.map(({ key, name }) => [key, name]))
  return Object.fromEntries(
    items.map(({ id, subset, media, attributes, layers }) => [
      `${subset}/${id}`,
      {
        size: media[0] && [media[0].height, media[0].width],
        attributes: attributes ?? {},
        annotations: (layers['ground_truth'] ?? []).map((draft) => ({
          type: draft.type === 'box' ? 'bbox' : draft.type,
          name: names.get(draft.category ?? ''),
          xywh: draft.type === 'box' ? [draft.x, draft.y, draft.width, draft.height] : undefined,
        })),
      },
    ]),
  )
}

/** Returns what a fact says of items: path and size of the image, masks with their categories. */
export function factMasks({ items }: Fact): ComparableItems {
  return Object.fromEntries(
    items.map(({ id, subset, media, annotations }) => [
      `${subset}/${id}`,
      {
        path: media?.path,
        size: media?.size_hw,
        annotations: annotations.map(({ type, label_name: name, mask }) => ({
          type,
          name,
          counts: isRecord(mask) ? mask['rle_colmajor'] : undefined,
        })),
      },
    ]),
  )
}

/** Returns the same of items that were read. */
export function comparableMasks(
  items: readonly SourceItem[],
  categories: readonly Category[],
): ComparableItems {
  const names = new Map(categories.map(({ key, name }) => [key, name]))
  return Object.fromEntries(
    items.map(({ id, subset, media, layers }) => [
      `${subset}/${id}`,
      {
        path: media[0]?.path,
        size: media[0] && [media[0].height, media[0].width],
        annotations: (layers['ground_truth'] ?? []).map((draft) => ({
          type: draft.type,
          name: names.get(draft.category ?? ''),
          counts: draft.type === 'mask' ? readMask(draft)?.counts : undefined,
        })),
      },
    ]),
  )
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}
