import { lstatSync } from 'node:fs'
import path from 'node:path'
import { foldersAbove } from '@dsv/core'
import { stageFailed } from '../errors.ts'

/**
 * Makes sure that nothing but folders stands on the way to an output: a link could lead out of the working tree.
 *
 * @throws `DSV_STAGE_FAILED`
 */
export function checkWay(root: string, stage: string, output: string): void {
  for (const folder of foldersAbove(output)) {
    if (folder === '') continue
    const stat = lstatSync(path.join(root, folder), { throwIfNoEntry: false })
    if (stat === undefined || stat.isDirectory()) continue
    const hint = 'Put a folder in its place, or let the stage write to another place.'
    throw stageFailed(stage, `cannot make ${output}: ${folder} is no folder`, hint)
  }
}
