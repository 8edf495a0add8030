import { mapNotTaken } from '../errors.ts'
import type { Format } from './format-adapter.ts'

/** Refuses a column map for a format that reads no tables. @throws `DSV_MAP_NOT_TAKEN` */
export function checkMap(format: Format, map: string | undefined): void {
  if (map !== undefined && format.takesMap !== true) throw mapNotTaken(format.name)
}
