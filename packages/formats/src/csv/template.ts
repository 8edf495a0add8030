/** Text with columns in it: `images/{id}.jpg`. */
export interface Template {
  /** What stands before, between and after the columns. */
  readonly texts: readonly string[]
  readonly columns: readonly string[]
}

/** Returns the template that `text` says; undefined when its braces do not match. */
export function parseTemplate(text: string): Template | undefined {
  const parts = text.split(/\{([^{}]*)\}/u)
  const texts = parts.filter((_, at) => at % 2 === 0)
  const columns = parts.filter((_, at) => at % 2 === 1)
  const isWhole = texts.every((each) => !/[{}]/u.test(each)) && columns.every((name) => name !== '')
  return isWhole ? { texts, columns } : undefined
}

/** Returns the template of one column alone. */
export function columnTemplate(column: string): Template {
  return { texts: ['', ''], columns: [column] }
}

/** Fills in a template; the empty text when all of its columns are empty. */
export function fillTemplate(
  { texts, columns }: Template,
  valueOf: (column: string) => string,
): string {
  const values = columns.map(valueOf)
  if (columns.length > 0 && values.every((value) => value === '')) return ''
  return texts.map((text, at) => text + (values[at] ?? '')).join('')
}

/** Returns whether {@link unfillTemplate} can tell what stood in the columns. */
export function isReversible({ columns }: Template): boolean {
  return columns.length === 1
}

/** Returns what the one column of a template has to hold to make `text`; undefined when nothing does. */
export function unfillTemplate({ texts }: Template, text: string): string | undefined {
  const [before = '', after = ''] = texts
  if (text === '') return ''
  if (text.length < before.length + after.length) return undefined
  if (!text.startsWith(before) || !text.endsWith(after)) return undefined
  return text.slice(before.length, text.length - after.length)
}
