import { compileQuery } from '@dsv/core'
import { defineStep } from './define-step.ts'
import { mapAnnotations, mapItems } from './map-items.ts'
import type { Step } from './step.ts'

/** Keeps the items, and the annotations, that match a query. */
export const filter: Step = defineStep({
  name: 'filter',
  summary: 'Keep what matches a query',
  isItemwise: true,
  options: {
    where: { type: 'string', describe: 'A query', isRequired: true },
    annotations: {
      type: 'string',
      choices: ['matching', 'all'],
      describe: 'Which annotations of matching items stay; matching where the query speaks of them',
    },
    'keep-empty': {
      type: 'boolean',
      describe: 'Items of which no annotation matches stay, without any',
    },
  },
  apply: async ([input], { where, annotations, 'keep-empty': keepsEmpty = false }, { onNote }) => {
    if (input === undefined) throw new TypeError('No dataset')
    const { schema } = input.view
    const query = compileQuery(where, schema)
    for (const warning of query.warnings) onNote({ what: warning, where })
    const onlyMatching =
      (annotations ?? (query.needsAnnotations ? 'matching' : 'all')) === 'matching'
    const items = mapItems(input.view, (item) => {
      const isMatch = query.matchesItem(item)
      if (!isMatch && !keepsEmpty) return undefined
      if (!onlyMatching && isMatch) return item
      const matching = new Set(query.matchingAnnotations(item).map((each) => each.annotation))
      return mapAnnotations(item, (each) => (matching.has(each) ? each : undefined))
    })
    return { schema, items }
  },
})
