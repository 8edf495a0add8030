import type { DatasetView } from '@dsv/core'
import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { ourFormat, readFact } from './check-fact.ts'
import { memoryDatasetView } from './dataset-view.ts'
import { SHARED } from './facts.ts'

const FACTS = path.join(SHARED, 'facts/operations.dev.json')
const ROOT = process.env['DSV_ROOT'] ?? path.join(import.meta.dirname, '../../..')

/** What one operation of Datumaro gave, as it was run on one of its samples. */
export interface OperationFact {
  /** As the collection has it: `filter|<asset>|<format>|<arguments>`. */
  readonly key: string
  /** `filter`, `transform`, `ann_stats`, `validate`, `merge …`: what stands before the first `|`. */
  readonly kind: string
  readonly asset: string
  /** Datumaro's name. */
  readonly format: string
  /** What stands behind the format. */
  readonly arguments: string
  readonly expected: unknown
}

/** Returns the facts of a kind; none where the collection is not at hand. */
export function operationFacts(kind: string): readonly OperationFact[] {
  if (!existsSync(FACTS)) return []
  const all: Readonly<Record<string, unknown>> = JSON.parse(readFileSync(FACTS, 'utf8'))
  return Object.entries(all)
    .map(([key, expected]): OperationFact => {
      const [name = '', asset = '', format = '', ...rest] = key.split('|')
      return { key, kind: name, asset, format, arguments: rest.join('|'), expected }
    })
    .filter((fact) => fact.kind === kind)
}

/** Reads the sample of a fact, as a dataset in memory. */
export async function readSample({
  asset,
  format,
}: Pick<OperationFact, 'asset' | 'format'>): Promise<DatasetView> {
  const ours = ourFormat(format)
  if (ours === undefined) throw new Error(`no adapter for ${format}`)
  const { categories, items } = await readFact({ asset }, ours)
  return memoryDatasetView({ categories, attributes: [], info: {} }, items)
}

/**
 * Returns what a page says of operations of which our result is another one, by the code that a list below the
 * heading "Where dsv differs from Datumaro" begins with.
 */
export function arguedDifferences(page: string): ReadonlyMap<string, string> {
  const text = readFileSync(path.join(ROOT, page), 'utf8')
  const [, section = ''] = text.split(/^## Where dsv differs from Datumaro$/mu)
  const [own = ''] = section.split(/^## /mu)
  const found = new Map<string, string>()
  for (const [, operation = '', reason = ''] of own.matchAll(/^- `(.+?)`: (.+)$/gmu))
    found.set(operation, reason)
  return found
}

/**
 * Returns what is wrong with a result: it differs and no page says why, or a page says why it differs and it does
 * not.
 */
export function problemsOf(
  fact: OperationFact,
  differences: readonly string[],
  argued: ReadonlyMap<string, string>,
): readonly string[] {
  if (!argued.has(fact.arguments)) return differences
  return differences.length > 0 ? [] : ['it is the same, but the page says that it differs']
}
