import type { AnnotatedItem, DatasetContent } from '@dsv/core'
import { defineStep } from '../define-step.ts'
import { optionInvalid } from '../errors.ts'
import type { Step } from '../step.ts'
import { parseTemplate } from './parse-template.ts'
import { rekeyItems } from './rekey-items.ts'

/** Renames items by a regular expression. */
export const rename: Step = defineStep({
  name: 'rename',
  summary: 'Rename items by a regular expression',
  options: {
    match: {
      type: 'string',
      describe: 'What of an id is replaced: a regular expression, everywhere it matches',
      isRequired: true,
    },
    to: {
      type: 'string',
      describe:
        'What comes there: a text with {1} or {name} for groups, {subset}, {id}, {attributes.NAME}; {{ is a brace',
      isRequired: true,
    },
  },
  apply: async ([input], { match, to }): Promise<DatasetContent> => {
    if (input === undefined) throw new TypeError('No dataset')
    const pattern = patternOf(match)
    const template = parseTemplate(to, groupsOf(pattern), 'rename')
    const newId = (item: AnnotatedItem): string =>
      item.id.replace(pattern, (...found: unknown[]) => template(item, groupTexts(found)))
    const items = rekeyItems('rename', input.view, (item) => {
      const id = newId(item)
      if (id !== item.id) checkId(item, id)
      return { subset: item.subset, id }
    })
    return { schema: input.view.schema, items }
  },
})

/** Long patterns are nobody's wish. */
const MAX_PATTERN = 1000

function patternOf(text: string): RegExp {
  if (text.length > MAX_PATTERN)
    throw optionInvalid('rename', 'match', `is longer than ${MAX_PATTERN} characters`)
  try {
    return new RegExp(text, 'gu')
  } catch (error) {
    const problem = error instanceof SyntaxError ? error.message.replace(/^.*: /u, '') : 'is wrong'
    throw optionInvalid(
      'rename',
      'match',
      `is no regular expression: ${problem}`,
      'It is one of JavaScript, with the flag u: `^(.*)_cam(?<number>[0-9])$`.',
    )
  }
}

/** The numbers and names of all groups of a pattern. */
function groupsOf({ source }: RegExp): ReadonlySet<string> {
  const found = new RegExp(`${source}|`, 'u').exec('')
  const numbers = Array.from({ length: found?.length ?? 0 }, (_, at) => String(at))
  return new Set([...numbers, ...Object.keys(found?.groups ?? {})])
}

/** What `replace` tells: match, groups, offset, whole text, and named groups where there are. */
function groupTexts(found: readonly unknown[]): ReadonlyMap<string, string> {
  const end = found.findIndex((each) => typeof each === 'number')
  const texts = new Map<string, string>()
  for (const [at, text] of found.slice(0, end).entries())
    texts.set(String(at), typeof text === 'string' ? text : '')
  const named = found.at(-1)
  if (typeof named === 'object' && named !== null)
    for (const [name, text] of Object.entries(named))
      texts.set(name, typeof text === 'string' ? text : '')
  return texts
}

/** Ids become paths of files. */
function checkId(item: AnnotatedItem, id: string): void {
  const isPath = id.split('/').every((part) => part !== '' && part !== '.' && part !== '..')
  if (isPath) return
  const places = `${JSON.stringify(`${item.subset}/${item.id}`)} ${JSON.stringify(id)}`
  throw optionInvalid('rename', 'to', `makes of ${places}, which is no id`, EMPTY_PARTS)
}

const EMPTY_PARTS = 'An id is not empty, and has no empty part, "." or ".." between slashes.'
