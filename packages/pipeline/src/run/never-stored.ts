import { lstatSync, readdirSync } from 'node:fs'
import path from 'node:path'
import { isNeverTracked } from '@dsv/core'

/**
 * Returns what lies in an output and is never stored, such as `.git`: what is in that is not looked at.
 *
 * @param output - Relative to the scratch folder
 */
export function* neverStored(scratch: string, output: string): Generator<string> {
  if (!lstatSync(path.join(scratch, output)).isDirectory()) return
  for (const each of readdirSync(path.join(scratch, output), { withFileTypes: true })) {
    const inside = `${output}/${each.name}`
    if (isNeverTracked(each.isDirectory() ? `${inside}/` : inside)) yield inside
    else if (each.isDirectory()) yield* neverStored(scratch, inside)
  }
}
