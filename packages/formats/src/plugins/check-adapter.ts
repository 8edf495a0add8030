import type { FormatAdapter } from '@dsv/core'

/** Returns whether a value has everything that an adapter must have. */
export function isAdapter(value: unknown): value is FormatAdapter {
  return problemOf(value) === undefined
}

/** Returns what an adapter would need that a value does not have, as the end of a sentence. */
export function adapterProblem(value: unknown): string {
  return `exports no adapter: ${problemOf(value) ?? 'it is one'}`
}

function problemOf(value: unknown): string | undefined {
  if (!isRecord(value)) return 'its default export is no object'
  const { format } = value
  if (!isRecord(format)) return '`format` is no object'
  if (typeof format['name'] !== 'string' || !/^[a-z0-9]+(?:-[a-z0-9]+)*$/.test(format['name']))
    return '`format.name` is not in kebab-case'
  if (typeof format['title'] !== 'string') return '`format.title` is no text'
  if (!isRecord(format['source']) || typeof format['source']['href'] !== 'string')
    return '`format.source` is no URL'
  if (!isIterable(format['holds']) || !isRecord(format['holds']) || !('has' in format['holds']))
    return '`format.holds` is no Set'
  if (!Array.isArray(format['variants'])) return '`format.variants` is no list'
  for (const name of ['detect', 'read', 'write'])
    if (typeof value[name] !== 'function') return `\`${name}\` is no function`
  return undefined
}

function isIterable(value: unknown): boolean {
  return isRecord(value) && Symbol.iterator in value
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}
