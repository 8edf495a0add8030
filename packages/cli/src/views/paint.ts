import picocolors from 'picocolors'
import type { CommandIo } from '../io.ts'

/** Colours by what they mean. Without colours each returns the text as it is. */
export interface Paint {
  readonly added: (text: string) => string
  readonly removed: (text: string) => string
  readonly changed: (text: string) => string
  readonly title: (text: string) => string
  readonly id: (text: string) => string
  readonly faint: (text: string) => string
}

/** Returns the colours of a command. */
export function paintOf({ useColor }: Pick<CommandIo, 'useColor'>): Paint {
  const colors = picocolors.createColors(useColor)
  return {
    added: colors.green,
    removed: colors.red,
    changed: colors.cyan,
    title: colors.bold,
    id: colors.yellow,
    faint: colors.dim,
  }
}
