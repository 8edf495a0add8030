import type { DvcLeftOut } from '@dsv/remote'
import { oneLine } from './annotation-text.ts'

const REASONS: Readonly<Record<DvcLeftOut['reason'], string>> = {
  'not-stored': 'it is stored neither by DVC nor by Git; name it alone to see what makes it',
  submodule: 'submodules are not read',
  symlink: 'links are not read',
}

/** Returns one warning for each thing of a registry that could not be had. */
export function leftOutLines(leftOut: readonly DvcLeftOut[]): readonly string[] {
  return leftOut.map(({ path, reason }) => `warning: left out ${oneLine(path)}: ${REASONS[reason]}`)
}
