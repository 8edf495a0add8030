/** A value of a workflow file; texts of several lines are written as blocks. */
export type WorkflowValue =
  | string
  | number
  | boolean
  | readonly WorkflowValue[]
  | { readonly [name: string]: WorkflowValue | undefined }

/** Returns a value as YAML. Texts are quoted, so that they mean themselves; fields without a value are left out. */
export function workflowYaml(value: WorkflowValue, indent = ''): string {
  if (typeof value !== 'object') return ` ${scalar(value, indent)}\n`
  if (isList(value)) {
    if (value.length === 0) return ' []\n'
    const each = value.map((item) => {
      const text = workflowYaml(item, `${indent}  `)
      // A mapping begins on the line of its dash.
      return `${indent}-${text.startsWith('\n') ? ` ${text.slice(1).trimStart()}` : text}`
    })
    return `\n${each.join('')}`
  }
  const fields = Object.entries(value).flatMap(([name, item]) =>
    item === undefined ? [] : [`${indent}${key(name)}:${workflowYaml(item, `${indent}  `)}`],
  )
  return fields.length === 0 ? ' {}\n' : `\n${fields.join('')}`
}

function isList(value: object): value is readonly WorkflowValue[] {
  return Array.isArray(value)
}

function key(name: string): string {
  return /^[A-Za-z_.][A-Za-z0-9_. -]*$/.test(name) ? name : JSON.stringify(name)
}

function scalar(value: string | number | boolean, indent: string): string {
  if (typeof value !== 'string') return String(value)
  if (!value.includes('\n')) return quoted(value)
  return `|-\n${value
    .split('\n')
    .map((line) => (line === '' ? '' : `${indent}${line}`))
    .join('\n')}`
}

/** JSON is YAML but for what no YAML may hold as it is. */
function quoted(text: string): string {
  return JSON.stringify(text).replaceAll(
    /[\u007F-\u009F\u2028\u2029\uFEFF\uFFFE\uFFFF]/gu,
    (found) => String.raw`\u` + found.charCodeAt(0).toString(16).padStart(4, '0'),
  )
}
