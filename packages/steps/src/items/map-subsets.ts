import type { DatasetContent } from '@dsv/core'
import { defineStep } from '../define-step.ts'
import { optionInvalid, unknownName } from '../errors.ts'
import type { Step } from '../step.ts'
import { rekeyItems } from './rekey-items.ts'

/** Renames and joins subsets. */
export const mapSubsets: Step = defineStep({
  name: 'map-subsets',
  summary: 'Rename and join subsets',
  options: {
    to: { type: 'map', describe: 'The new name of each subset', isRequired: true },
  },
  apply: async ([input], { to }): Promise<DatasetContent> => {
    if (input === undefined) throw new TypeError('No dataset')
    const { view } = input
    const names = new Map(Object.entries(to))
    for (const [name, wanted] of names) {
      if (!view.subsets.includes(name)) throw unknownName('map-subsets', 'to', name, view.subsets)
      if (!isFolderName(wanted))
        throw optionInvalid('map-subsets', 'to', `gives ${name} a name that no folder can have`)
    }
    const items = rekeyItems('map-subsets', view, ({ subset, id }) => ({
      subset: names.get(subset) ?? subset,
      id,
    }))
    return { schema: view.schema, items }
  },
})

/** Returns whether a subset can be called so: formats make folders and files of it. */
export function isFolderName(name: string): boolean {
  return name !== '' && name !== '.' && name !== '..' && !/[/\\\p{Cc}]/u.test(name)
}
