import type { VistasLabel } from './vistas-label.ts'

/** Reads rows of a name, red, green and blue. */
export function parseLabelRows(rows: string): readonly VistasLabel[] {
  return rows
    .trim()
    .split('\n')
    .map((row) => {
      const [name = '', red, green, blue] = row.split(' ')
      return { name, color: [Number(red), Number(green), Number(blue)] }
    })
}
