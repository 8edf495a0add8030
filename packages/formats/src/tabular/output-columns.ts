import { mapInvalid } from '../errors.ts'

/**
 * Returns the columns that a map calls outputs: `output={class}` or `output=[{a},{b}]`.
 *
 * @throws `DSV_MAP_INVALID`
 */
export function outputColumns(map: string): readonly string[] {
  const match = /^\s*output\s*=\s*(?:\[(.*)\]|(\{[^{}]+\}))\s*$/su.exec(map)
  const list = match?.[1] ?? match?.[2]
  if (list === undefined) throw mapInvalid(map, 'should be output={column} or output=[{a},{b}]')
  const names = list.split(/,(?![^{]*\})/u).map((each) => /^\s*\{([^{}]+)\}\s*$/u.exec(each)?.[1])
  return names.map((name) => {
    if (name === undefined) throw mapInvalid(map, 'should have each output in braces')
    return name
  })
}
