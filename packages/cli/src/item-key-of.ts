import type { ItemKey } from '@dsv/core'
import { UsageError } from './failure.ts'

/** Returns the item that is written as `subset/id`. @throws `UsageError` */
export function itemKeyOf(typed: string): ItemKey {
  const slash = typed.indexOf('/')
  const [subset, id] = [typed.slice(0, slash), typed.slice(slash + 1)]
  if (slash <= 0 || id === '') throw new UsageError(`"${typed}" is no item: write subset/id.`)
  return { subset, id }
}
