import { fillTemplates, type Scope } from './fill-templates.ts'
import { addVariables, type VariableContext, type Variables } from './load-variables.ts'
import { folderIn } from './path-in.ts'
import { checkKeys, failAt, mapAt, type Place, within } from './pipeline-document.ts'
import { checkStageKeys, type StageDefinition } from './read-stage.ts'
import { renderText } from './render-text.ts'
import { isList, isMap, kindOf, type Value, type ValueMap } from './value.ts'

/** What the stages of a file are filled in from. */
export interface StageContext extends VariableContext {
  readonly variables: Variables
  readonly scope: Scope
}

/**
 * Yields the stages that an entry of `stages` stands for, with their templates filled in: itself, or one for each
 * element of its `foreach` or `matrix`.
 *
 * @throws `DSV_PIPELINE_INVALID`, `DSV_PIPELINE_FILE_UNREADABLE`
 */
export async function* expandStage(
  name: string,
  value: Value,
  place: Place,
  context: StageContext,
): AsyncGenerator<StageDefinition> {
  const definition = mapAt(value, place)
  const loop = loopOf(definition, place, context.scope)
  checkStageKeys(loop.template, loop.place)
  for (const { suffix, names } of loop.rounds) {
    context.budget.spend(STAGE_COST, place)
    const filled = await fillStage(loop.template, loop.place, {
      ...context,
      scope: { ...context.scope, loop: names },
    })
    yield {
      name: suffix === undefined ? name : `${name}@${suffix}`,
      definition: filled,
      place: loop.place,
    }
  }
}

/** A stage counts as much as some texts, so that there are at most some hundred thousand. */
const STAGE_COST = 200

/** A definition that is filled in as often as there are rounds. */
interface Loop {
  readonly template: ValueMap
  readonly place: Place
  readonly rounds: readonly Round[]
}

interface Round {
  /** What follows the `@` in the name of the stage. */
  readonly suffix: string | undefined
  /** What `item` and `key` are. */
  readonly names: ValueMap
}

function loopOf(definition: ValueMap, place: Place, scope: Scope): Loop {
  if (definition.has('foreach') || definition.has('do')) {
    checkKeys(definition, ['foreach', 'do'], place)
    for (const key of ['foreach', 'do'])
      if (!definition.has(key)) throw failAt(place, `has no \`${key}\``)
    const at = within(place, 'do')
    const template = mapAt(definition.get('do'), at)
    if (template.has('matrix')) throw failAt(within(at, 'matrix'), 'cannot stand within `foreach`')
    const data = definition.get('foreach') ?? null
    return { template, place: at, rounds: foreachRounds(data, within(place, 'foreach'), scope) }
  }
  if (!definition.has('matrix'))
    return { template: definition, place, rounds: [{ suffix: undefined, names: new Map() }] }
  const template = new Map(definition)
  template.delete('matrix')
  const data = definition.get('matrix') ?? null
  return { template, place, rounds: matrixRounds(data, within(place, 'matrix'), scope) }
}

/** Elements of a mapping have a key; those of a list are named by their value, or by their index when one is no scalar. */
function foreachRounds(data: Value, place: Place, scope: Scope): readonly Round[] {
  const filled = fillTemplates(data, scope, place, 'anything')
  if (isMap(filled))
    return [...filled].map(([key, item]) => ({
      suffix: key,
      names: new Map<string, Value>([
        ['key', key],
        ['item', item],
      ]),
    }))
  if (!isList(filled)) throw failAt(place, `is ${kindOf(filled)}, not a list or a mapping`)
  const byIndex = filled.some((item) => isList(item) || isMap(item))
  const rounds = new Map<string, Round>()
  for (const [index, item] of filled.entries()) {
    const suffix = byIndex ? String(index) : nameOf(item, data, index)
    rounds.set(suffix, { suffix, names: new Map([['item', item]]) })
  }
  return [...rounds.values()]
}

/** All combinations, the last name going through its values first. */
function matrixRounds(data: Value, place: Place, scope: Scope): readonly Round[] {
  const filled = fillTemplates(data, scope, place, 'anything')
  if (!isMap(filled)) throw failAt(place, `is ${kindOf(filled)}, not a mapping`)
  let combinations: readonly { readonly names: readonly string[]; readonly item: ValueMap }[] = [
    { names: [], item: new Map() },
  ]
  for (const [axis, given] of filled) {
    const raw = isMap(data) ? (data.get(axis) ?? null) : null
    const values = isMap(given) ? [...given.keys()] : given
    if (!isList(values)) throw failAt(within(place, axis), `is ${kindOf(values)}, not a list`)
    scope.budget.spend(combinations.length * values.length * STAGE_COST, place)
    combinations = combinations.flatMap(({ names, item }) =>
      values.map((value, index) => ({
        names: [
          ...names,
          isList(value) || isMap(value) ? `${axis}${index}` : nameOf(value, raw, index),
        ],
        item: new Map([...item, [axis, value]]),
      })),
    )
  }
  const rounds = new Map<string, Round>()
  for (const { names, item } of combinations) {
    const suffix = names.join('-')
    const loop = new Map<string, Value>([
      ['key', suffix],
      ['item', item],
    ])
    rounds.set(suffix, { suffix, names: loop })
  }
  return [...rounds.values()]
}

/** In the names of stages DVC writes booleans as Python does, but for those that stand in the loop itself. */
function nameOf(value: Value, loop: Value, index: number): string {
  if (typeof value !== 'boolean' || (isList(loop) && typeof loop[index] === 'boolean'))
    return renderText(value)
  return value ? 'True' : 'False'
}

/** Keys whose values are given to a step as they are. */
const OF_STEPS = new Set(['with', 'from', 'steps'])

async function fillStage(
  template: ValueMap,
  place: Place,
  context: StageContext,
): Promise<ValueMap> {
  const { scope } = context
  const variables = await ownVariables(template, place, context)
  const own: Scope = { ...scope, variables: variables.values }
  const filled = new Map<string, Value>()
  for (const [key, value] of template) {
    if (key === 'vars') continue
    const allowed = key === 'cmd' ? 'arguments' : OF_STEPS.has(key) ? 'anything' : 'scalars'
    filled.set(key, fillTemplates(value, own, within(place, key), allowed))
  }
  return filled
}

/** Files of a stage's own variables are relative to the folder it runs in. */
async function ownVariables(
  template: ValueMap,
  place: Place,
  context: StageContext,
): Promise<Variables> {
  const value = template.get('vars')
  if (value === undefined) return context.variables
  const at = within(place, 'wdir')
  const wdir = fillTemplates(template.get('wdir') ?? '.', context.scope, at, 'scalars')
  const folder = folderIn(place.document.folder, renderText(wdir), at)
  const reserved = [...context.scope.loop.keys()]
  const section = { value, place: within(place, 'vars'), folder, reserved }
  return addVariables(context.variables, section, context)
}
