import type { Annotation, AttributeDefinition, AttributeValue } from '@dsv/core'
import { attributeDefinitions } from './attribute-definitions.ts'
import type { CheckFamily, CheckedItem, InspectContext, Inspector } from './check.ts'
import { annotationNames, categoryNames, quoted } from './describe-annotation.ts'

/** Checks of the attributes of annotations. Memory grows with the distinct values, at most 1,000 an attribute. */
export const ATTRIBUTE_CHECKS: CheckFamily = {
  title: 'Attributes',
  checks: [
    {
      name: 'attribute-missing',
      severity: 'info',
      about: 'An attribute that is defined, without a default, is missing in an annotation.',
      peer: ['MissingAttribute'],
    },
    {
      name: 'attribute-undefined',
      severity: 'warning',
      about: 'An annotation has an attribute that is not defined.',
      peer: ['UndefinedAttribute'],
      repair: { does: 'adds the attribute to the schema' },
    },
    {
      name: 'attribute-value-invalid',
      severity: 'error',
      about: 'An attribute has a value that its definition does not allow.',
      repair: { does: 'removes the attribute from the annotation' },
    },
    {
      name: 'attribute-unused',
      severity: 'warning',
      about: 'An attribute is defined for a category that occurs, but no annotation has it.',
      peer: ['AttributeDefinedButNotFound'],
    },
    {
      name: 'attribute-constant',
      severity: 'info',
      about: 'A defined attribute has the same value in all annotations of a category.',
      peer: ['OnlyOneAttributeValue'],
    },
    {
      name: 'few-samples-of-value',
      severity: 'info',
      about: 'A value of a defined attribute occurs very rarely in a category.',
      parameters: { 'at-most': { default: 1, about: 'Annotations that are still too few' } },
      peer: ['FewSamplesInAttribute'],
    },
    {
      name: 'values-imbalanced',
      severity: 'info',
      about:
        'The most frequent value of a defined attribute occurs many times as often as the rarest.',
      parameters: { ratio: { default: 50, about: 'How many times is too many' } },
      peer: ['ImbalancedAttribute'],
    },
  ],
  inspect: inspectAttributes,
}

/** What has more distinct values is free text or an id, and not counted. */
export const MAX_VALUES = 1000

type ValueCounts = Map<string, number>

function inspectAttributes(context: InspectContext): Inspector {
  const { schema, report } = context
  const definitionsOf = attributeDefinitions(schema)
  const [describe, nameOf] = [annotationNames(schema), categoryNames(schema)]
  const values = new Map<string, Map<string, ValueCounts>>()

  const count = (category: string, attribute: string, value: AttributeValue): void => {
    const ofCategory = values.get(category) ?? new Map<string, ValueCounts>()
    values.set(category, ofCategory)
    const counts = ofCategory.get(attribute) ?? new Map<string, number>()
    ofCategory.set(attribute, counts)
    const text = JSON.stringify(value)
    if (counts.size <= MAX_VALUES) counts.set(text, (counts.get(text) ?? 0) + 1)
  }

  const inspect = (place: ItemPlace, annotation: Annotation): void => {
    const { uid, category, attributes = {} } = annotation
    const definitions = definitionsOf(category)
    const found = {
      subset: place.subset,
      id: place.id,
      annotation: uid,
      ...(category !== undefined && { category }),
    }
    if (category !== undefined && !values.has(category)) values.set(category, new Map())
    for (const [attribute, value] of Object.entries(attributes)) {
      const definition = definitions.get(attribute)
      if (definition === undefined) {
        if (isFirst(place, ['undefined', category, attribute]))
          report('attribute-undefined', {
            ...found,
            attribute,
            attributeType: typeOf(value),
            message: `${describe(annotation)} has the attribute ${quoted(attribute)}, which is not defined`,
          })
        continue
      }
      if (category !== undefined) count(category, attribute, value)
      if (!isAllowed(definition, value))
        report('attribute-value-invalid', {
          ...found,
          attribute,
          message: `${describe(annotation)} has ${quoted(attribute)} = ${shown(value)}, which is ${problemOf(definition)}`,
        })
    }
    for (const { name, default: usual } of definitions.values())
      if (
        usual === undefined &&
        !Object.hasOwn(attributes, name) &&
        isFirst(place, ['missing', category, name])
      )
        report('attribute-missing', {
          ...found,
          attribute: name,
          message: `${describe(annotation)} lacks the attribute ${quoted(name)}`,
        })
  }

  return {
    item: ({ item: { subset, id }, annotations }: CheckedItem) => {
      const place = { subset, id, seen: new Set<string>() }
      for (const annotation of annotations) inspect(place, annotation)
    },
    end: () => {
      for (const [category, found] of values)
        for (const attribute of definitionsOf(category).keys())
          reportValues(
            context,
            { category, attribute, name: nameOf(category) },
            found.get(attribute),
          )
    },
  }
}

/** An item, and what was reported of it: once for each category and attribute. */
interface ItemPlace {
  readonly subset: string
  readonly id: string
  readonly seen: Set<string>
}

function isFirst({ seen }: ItemPlace, what: readonly (string | undefined)[]): boolean {
  const text = JSON.stringify(what)
  if (seen.has(text)) return false
  seen.add(text)
  return true
}

function reportValues(
  { report, parameter }: InspectContext,
  { category, attribute, name }: { category: string; attribute: string; name: string },
  counts: ValueCounts | undefined,
): void {
  const found = { category, attribute }
  const what = `${quoted(attribute)} of ${name}`
  if (counts === undefined) {
    report('attribute-unused', { ...found, message: `${what} is not used` })
    return
  }
  if (counts.size > MAX_VALUES) return
  const [[first] = ['']] = counts
  if (counts.size === 1)
    report('attribute-constant', { ...found, message: `${what} is always ${shown(first)}` })
  for (const [value, times] of counts)
    if (times <= parameter('few-samples-of-value', 'at-most'))
      report('few-samples-of-value', {
        ...found,
        message: `${what} is ${shown(value)} in ${times} only`,
      })
  const [most, least] = [Math.max(...counts.values()), Math.min(...counts.values())]
  if (most / least >= parameter('values-imbalanced', 'ratio'))
    report('values-imbalanced', {
      ...found,
      message: `Of the values of ${what} the most frequent occurs ${most} times, the rarest ${least}`,
    })
}

function isAllowed({ type, values }: AttributeDefinition, value: AttributeValue): boolean {
  if (values !== undefined && values.length > 0)
    return values.some((each) => JSON.stringify(each) === JSON.stringify(value))
  if (type === 'boolean') return typeof value === 'boolean'
  if (type === 'integer') return Number.isInteger(value)
  if (type === 'number') return typeof value === 'number' && Number.isFinite(value)
  if (type === 'string') return typeof value === 'string'
  return true
}

function problemOf({ type, values = [] }: AttributeDefinition): string {
  if (values.length === 0) return `no ${type}`
  const list = values.slice(0, 8).map(shown).join(', ')
  return `none of ${list}${values.length > 8 ? ', …' : ''}`
}

function typeOf(value: AttributeValue): 'boolean' | 'number' | 'string' | 'json' {
  const type = typeof value
  return type === 'boolean' || type === 'number' || type === 'string' ? type : 'json'
}

/** A value as JSON, cut where it is long. */
function shown(value: AttributeValue): string {
  const text = typeof value === 'string' ? quoted(value) : JSON.stringify(value)
  return text.length > 90 ? `${text.slice(0, 90)}…` : text
}
