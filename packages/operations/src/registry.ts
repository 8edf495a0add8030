import { operationUnknown } from './errors.ts'
import { filter } from './filter.ts'
import type { Operation } from './operation.ts'
import { remapCategories } from './remap-categories.ts'

/** All operations, by what they are for. */
export const OPERATIONS: readonly Operation[] = [filter, remapCategories]

/** Returns an operation. @throws `DSV_OPERATION_UNKNOWN` */
export function operationNamed(name: string): Operation {
  const found = OPERATIONS.find((operation) => operation.name === name)
  if (found === undefined)
    throw operationUnknown(
      name,
      OPERATIONS.map((operation) => operation.name),
    )
  return found
}
