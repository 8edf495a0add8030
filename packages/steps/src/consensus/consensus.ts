import {
  type AnnotatedItem,
  type Annotation,
  type CategoryKey,
  type DatasetContent,
  GROUND_TRUTH,
  type Json,
  type Schema,
  type TransformInput,
} from '@dsv/core'
import { type Agreement, agreementCounter } from '@dsv/analysis'
import { datasetNames } from '../compose/dataset-names.ts'
import { uniteSchemas } from '../compose/unite-schemas.ts'
import { defineStep } from '../define-step.ts'
import { optionInvalid } from '../errors.ts'
import { mapAnnotations } from '../map-items.ts'
import type { Step, StepContext, StepReport } from '../step.ts'
import { annotationSimilarity } from './annotation-similarity.ts'
import { type FindingList, findingList } from './consensus-finding.ts'
import { type GroupRule, parseGroupRules } from './group-rules.ts'
import { joinItems } from './join-items.ts'
import { type ConsensusRules, mergeOpinions, type Opinion } from './merge-opinions.ts'

/**
 * Makes one dataset of what several annotators say of the same items. Memory: one item of each annotator, and the
 * findings (100,000 at most).
 */
export const consensus: Step = defineStep({
  name: 'consensus',
  summary: 'Make one dataset of what several annotators say of the same items',
  inputs: 'many',
  result: 'new',
  report: 'findings and agreement of the annotators',
  options: {
    layers: { type: 'list', describe: 'The annotators are these layers of one dataset' },
    'result-layer': {
      type: 'string',
      describe: 'The layer that gets the result; ground_truth by default',
    },
    iou: {
      type: 'number',
      describe: 'Annotations of one object are at least so alike, 0 to 1; 0.5 by default',
    },
    match: {
      type: 'string',
      choices: ['any', 'category'],
      describe: 'Whether annotations of one object have to be of one category; any by default',
    },
    quorum: {
      type: 'number',
      describe: 'So many have to say a category or a value of an attribute; 1 by default',
    },
    'min-score': { type: 'number', describe: 'What has a lower score is left out' },
    shape: {
      type: 'string',
      choices: ['medoid', 'mean'],
      describe: 'The shape that is most like the others, or their mean; medoid by default',
    },
    'ignore-attributes': { type: 'list', describe: 'Attributes that the result does not have' },
    groups: {
      type: 'string',
      describe: 'Categories that make up a group, as person,hand?,head;car,wheel?',
    },
    close: {
      type: 'number',
      describe: 'Annotations of the result that are more alike are reported; 0.75 by default',
    },
  },
  apply: async (inputs, options, context): Promise<DatasetContent> => {
    const meeting =
      options.layers === undefined
        ? meetingOfDatasets(inputs, context)
        : meetingOfLayers(inputs, options.layers)
    const { schema } = meeting
    if (options['result-layer'] === '')
      throw optionInvalid('consensus', 'result-layer', 'is the name of a layer')
    const rules: ConsensusRules = {
      schema,
      similarity: annotationSimilarity(schema),
      threshold: between('iou', options.iou ?? 0.5, [0, 1]),
      isSameCategory: options.match === 'category',
      quorum: between('quorum', options.quorum ?? 1, [0, meeting.names.length]),
      minScore: between('min-score', options['min-score'] ?? 0, [0, 1]),
      shape: options.shape ?? 'medoid',
      ignoredAttributes: new Set(options['ignore-attributes']),
      groups: groupRules(options.groups, schema),
      closeness: between('close', options.close ?? 0.75, [0, 1]),
      layer: options['result-layer'] ?? GROUND_TRUTH,
    }
    return { schema, items: decideItems(meeting, rules, context) }
  },
})

function between(option: string, value: number, [least, most]: readonly [number, number]): number {
  if (value < least || value > most)
    throw optionInvalid('consensus', option, `is ${value}, not between ${least} and ${most}`)
  return value
}

function groupRules(text: string | undefined, schema: Schema): readonly GroupRule[] {
  const rules = parseGroupRules(text ?? '')
  const known = new Set(schema.categories.map(({ name }) => name))
  for (const { categories } of rules)
    for (const name of categories)
      if (!known.has(name))
        throw optionInvalid('consensus', 'groups', `names no category: ${JSON.stringify(name)}`)
  return rules
}

/** The annotators, in the order of their names, and what they say, item by item. */
interface Meeting {
  readonly names: readonly string[]
  readonly schema: Schema
  opinions(): AsyncIterable<readonly (Opinion | undefined)[]>
  /** Layers beside the result, of an item. */
  otherLayers(opinions: readonly (Opinion | undefined)[]): AnnotatedItem['layers']
  /** Called when all items have passed. @throws `DSV_OPTION_INVALID` */
  end(): void
}

function meetingOfDatasets(inputs: readonly TransformInput[], { onNote }: StepContext): Meeting {
  if (inputs.length < 2)
    throw optionInvalid(
      'consensus',
      'inputs',
      'takes two datasets or more, or one dataset with `--layers`',
    )
  const { schema, keysOf, conflicts } = uniteSchemas(inputs.map(({ view }) => view.schema))
  for (const { what, name } of conflicts) onNote({ what: `conflict: ${what}`, where: name })
  const shortNames = datasetNames(inputs.map(({ path }) => path))
  const annotators = inputs
    .map(({ view }, at) => ({ name: shortNames[at] ?? '', view, keys: keysOf[at] }))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
  return {
    names: annotators.map(({ name }) => name),
    schema,
    opinions: async function* opinions() {
      for await (const row of joinItems(annotators.map(({ view }) => view)))
        yield row.map((item, at): Opinion | undefined => {
          if (item === undefined) return undefined
          const renamed = withKeys(item, annotators[at]?.keys)
          return { item: renamed, annotations: renamed.layers[GROUND_TRUTH] ?? [] }
        })
    },
    otherLayers: (opinions) => {
      const layers = new Map<string, readonly Annotation[]>()
      for (const opinion of opinions)
        for (const [layer, annotations] of Object.entries(opinion?.item.layers ?? {}))
          if (layer !== GROUND_TRUTH) {
            const known = layers.get(layer)
            if (known === undefined) layers.set(layer, annotations)
            else if (opinion !== undefined)
              onNote({
                what: `layer of a second dataset left out: ${layer}`,
                where: `${opinion.item.subset}/${opinion.item.id}`,
              })
          }
      return Object.fromEntries(layers)
    },
    end: () => {},
  }
}

function withKeys(
  item: AnnotatedItem,
  keys: ReadonlyMap<CategoryKey, CategoryKey> | undefined,
): AnnotatedItem {
  return mapAnnotations(item, (annotation) => {
    const key = annotation.category === undefined ? undefined : keys?.get(annotation.category)
    return key === undefined || key === annotation.category
      ? annotation
      : { ...annotation, category: key }
  })
}

function meetingOfLayers(inputs: readonly TransformInput[], layers: readonly string[]): Meeting {
  const [input] = inputs
  if (input === undefined || inputs.length !== 1)
    throw optionInvalid('consensus', 'layers', `are those of one dataset, not of ${inputs.length}`)
  const names = [...new Set(layers)].toSorted()
  if (names.length < 2) throw optionInvalid('consensus', 'layers', 'takes two layers or more')
  const unseen = new Set(names)
  return {
    names,
    schema: input.view.schema,
    opinions: async function* opinions() {
      for await (const item of input.view.items())
        yield names.map((name): Opinion => {
          const annotations = item.layers[name]
          if (annotations !== undefined) unseen.delete(name)
          return { item, annotations: annotations ?? [] }
        })
    },
    otherLayers: ([opinion]) => opinion?.item.layers ?? {},
    end: () => {
      const [missing] = unseen
      if (missing !== undefined)
        throw optionInvalid('consensus', 'layers', `no item has a layer ${JSON.stringify(missing)}`)
    },
  }
}

async function* decideItems(
  meeting: Meeting,
  rules: ConsensusRules,
  { onReport }: StepContext,
): AsyncGenerator<AnnotatedItem, void, undefined> {
  const findings = findingList()
  const agreement = agreementCounter(meeting.names)
  const listener = { onFinding: findings.add, onObject: agreement.add }
  const counts = { items: 0, before: 0, after: 0 }
  for await (const opinions of meeting.opinions()) {
    const merged = mergeOpinions(opinions, meeting.names, rules, listener)
    if (merged === undefined) continue
    counts.items++
    for (const opinion of opinions) counts.before += opinion?.annotations.length ?? 0
    counts.after += merged.annotations.length
    const layers = { ...meeting.otherLayers(opinions), [rules.layer]: merged.annotations }
    yield { ...merged.item, layers }
  }
  meeting.end()
  onReport?.(reportOf(meeting.names, counts, findings, agreement.result()))
}

function reportOf(
  annotators: readonly string[],
  counts: { readonly items: number; readonly before: number; readonly after: number },
  findings: FindingList,
  agreement: Agreement,
): StepReport {
  const { list, ...found } = findings.summary()
  const value: Json = {
    annotators,
    items: counts.items,
    annotations: { before: counts.before, after: counts.after },
    agreement: asJson(agreement),
    findings: { ...found, list },
  }
  return {
    value,
    lines: [
      `${counts.before} annotations by ${annotators.length} annotators became ${counts.after}`,
      ...agreementLines(agreement),
      ...findings.lines(),
    ],
  }
}

/** An interface has no index signature, so that it is not seen to be JSON. */
function asJson({ pairs, categories, annotators, alpha }: Agreement): Json {
  return {
    alpha: { ...alpha },
    pairs: pairs.map((pair) => ({ ...pair })),
    categories: categories.map((each) => ({ ...each })),
    annotators: annotators.map((each) => ({ ...each })),
  }
}

function agreementLines({ pairs, alpha }: Agreement): readonly string[] {
  const figure = (value: number | null): string => (value === null ? '–' : value.toFixed(3))
  return [
    `agreement: alpha ${figure(alpha.shapes)} of shapes, ${figure(alpha.categories)} of categories`,
    ...pairs.map(
      ({ annotators: [a, b], f1, meanIou, kappa }) =>
        `  ${a} and ${b}: F1 ${figure(f1)}, mean IoU ${figure(meanIou)}, kappa ${figure(kappa)}`,
    ),
  ]
}
