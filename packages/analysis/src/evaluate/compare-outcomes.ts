import { type Annotation, diffAnnotations, type ItemKey } from '@dsv/core'
import type { EvaluatedItem } from './evaluated-item.ts'
import type { Evaluator, ObjectMatch } from './evaluation.ts'

/** What became of an annotation; undefined where it was not there, or did not count. */
export type Outcome = ObjectMatch['outcome'] | undefined

/** One item in two versions; undefined where it is not there. */
export interface ItemPair {
  readonly before: EvaluatedItem | undefined
  readonly after: EvaluatedItem | undefined
}

/** An annotation that differs between two versions. */
export interface AnnotationEdit {
  readonly side: 'truth' | 'found'
  readonly uid: string
  readonly change: 'added' | 'removed' | 'edited'
  /** Which fields were edited. */
  readonly fields: readonly string[]
  readonly before: Annotation | undefined
  readonly after: Annotation | undefined
}

/** An annotation of which something else became. */
export interface OutcomeChange {
  readonly side: 'truth' | 'found'
  /** As it is now, or was where it is gone. */
  readonly annotation: Annotation
  readonly before: Outcome
  readonly after: Outcome
  /**
   * The edits without any one of which the outcome would be as it was; where there is none, those that bring the new outcome by
   * themselves; else all of the item, which do so together. None where the item itself came, went or changed.
   */
  readonly causes: readonly AnnotationEdit[]
}

/** The evaluators of both versions. */
export interface ComparedEvaluators {
  readonly before: Evaluator
  readonly after: Evaluator
  /** Whether both look at the same categories: then an item that did not change is not looked at twice. */
  readonly haveSameCategories: boolean
}

/** What changed on one item. */
export interface ItemOutcomes {
  readonly from: ItemKey | undefined
  readonly to: ItemKey | undefined
  readonly changes: readonly OutcomeChange[]
}

/** With more edits of one item than this, causes are only looked for among those of the category. */
const MAX_EDITS = 64

/**
 * Evaluates two versions side by side, and says of which annotations something else became, and which edits made it so.
 * When all is read, the evaluators hold the figures of both. Memory grows as theirs does.
 *
 * @yields items on which some outcome changed
 */
export async function* compareOutcomes(
  pairs: AsyncIterable<ItemPair> | Iterable<ItemPair>,
  evaluators: ComparedEvaluators,
): AsyncGenerator<ItemOutcomes, void, undefined> {
  for await (const pair of pairs) {
    if (pair.before !== undefined) evaluators.before.add(pair.before)
    if (pair.after !== undefined) evaluators.after.add(pair.after)
    const changes = changesOf(pair, evaluators)
    if (changes.length > 0) yield { from: keyOf(pair.before), to: keyOf(pair.after), changes }
  }
}

function keyOf(item: EvaluatedItem | undefined): ItemKey | undefined {
  return item && { subset: item.subset, id: item.id }
}

type Outcomes = ReadonlyMap<string, Exclude<Outcome, undefined>>

function changesOf(
  { before, after }: ItemPair,
  evaluators: ComparedEvaluators,
): readonly OutcomeChange[] {
  const edits = editsBetween(before, after)
  const isResized =
    before?.size?.width !== after?.size?.width || before?.size?.height !== after?.size?.height
  const isSame = before !== undefined && after !== undefined && edits.length === 0 && !isResized
  if (isSame && evaluators.haveSameCategories) return []
  const was = before === undefined ? new Map() : outcomesOf(evaluators.before.matches(before))
  const is = after === undefined ? new Map() : outcomesOf(evaluators.after.matches(after))
  const find = causeFinder({ before, after }, edits, evaluators)
  const changes: OutcomeChange[] = []
  for (const side of ['truth', 'found'] as const) {
    const annotations = new Map<string, Annotation>()
    for (const each of [...(before?.[side] ?? []), ...(after?.[side] ?? [])])
      annotations.set(each.uid, each)
    for (const [uid, annotation] of annotations) {
      const key = `${side} ${uid}`
      const [old, now]: readonly [Outcome, Outcome] = [was.get(key), is.get(key)]
      if (old === now) continue
      const causes = find(key, annotation, old, now)
      changes.push({ side, annotation, before: old, after: now, causes })
    }
  }
  return changes
}

function outcomesOf(matches: readonly ObjectMatch[]): Outcomes {
  const outcomes = new Map<string, Exclude<Outcome, undefined>>()
  for (const { outcome, truth, found } of matches) {
    if (found !== undefined) outcomes.set(`found ${found.uid}`, outcome)
    if (truth !== undefined) outcomes.set(`truth ${truth.uid}`, outcome)
  }
  return outcomes
}

function editsBetween(
  before: EvaluatedItem | undefined,
  after: EvaluatedItem | undefined,
): readonly AnnotationEdit[] {
  return (['truth', 'found'] as const).flatMap((side): readonly AnnotationEdit[] => {
    const [old, now] = [before?.[side] ?? [], after?.[side] ?? []]
    if (old === now) return []
    const { added, removed, changed } = diffAnnotations(old, now)
    const gone = { side, fields: [], after: undefined }
    const come = { side, fields: [], before: undefined }
    return [
      ...removed.map((each) => ({
        ...gone,
        uid: each.uid,
        change: 'removed' as const,
        before: each,
      })),
      ...added.map((each) => ({ ...come, uid: each.uid, change: 'added' as const, after: each })),
      ...changed.map((each) => ({
        side,
        uid: each.key,
        change: 'edited' as const,
        fields: each.fields.map(({ field }) => field),
        before: each.before,
        after: each.after,
      })),
    ]
  })
}

/**
 * Returns a function that finds the causes of one change, by evaluating the item without an edit, and with it alone.
 * Each of these is evaluated once for all changes of the item.
 */
function causeFinder(
  { before, after }: ItemPair,
  edits: readonly AnnotationEdit[],
  evaluators: ComparedEvaluators,
): (key: string, annotation: Annotation, old: Outcome, now: Outcome) => readonly AnnotationEdit[] {
  const without = new Map<AnnotationEdit, Outcomes>()
  const alone = new Map<AnnotationEdit, Outcomes>()
  const known = (
    results: Map<AnnotationEdit, Outcomes>,
    edit: AnnotationEdit,
    evaluator: Evaluator,
    item: EvaluatedItem,
  ): Outcomes => {
    let outcomes = results.get(edit)
    if (outcomes === undefined) results.set(edit, (outcomes = outcomesOf(evaluator.matches(item))))
    return outcomes
  }
  return (key, { category }, old, now) => {
    if (before === undefined || after === undefined) return []
    const near =
      edits.length <= MAX_EDITS
        ? edits
        : edits.filter(
            (edit) => edit.before?.category === category || edit.after?.category === category,
          )
    if (near.length < 2) return near
    if (near.length > MAX_EDITS) {
      const own = near.filter((edit) => `${edit.side} ${edit.uid}` === key)
      return own.length > 0 ? own : near
    }
    const needed = near.filter(
      (edit) =>
        known(without, edit, evaluators.after, withoutEdit(after, before, edit)).get(key) === old,
    )
    if (needed.length > 0) return needed
    const enough = near.filter(
      (edit) => known(alone, edit, evaluators.before, withEdit(before, edit)).get(key) === now,
    )
    return enough.length > 0 ? enough : near
  }
}

function withEdit(
  item: EvaluatedItem,
  { side, uid, before, after }: AnnotationEdit,
): EvaluatedItem {
  const list = item[side]
  if (after === undefined) return { ...item, [side]: list.filter((each) => each.uid !== uid) }
  if (before === undefined) return { ...item, [side]: [...list, after] }
  return { ...item, [side]: list.map((each) => (each.uid === uid ? after : each)) }
}

/** What was removed comes back where it was, as the order decides between equals. */
function withoutEdit(
  after: EvaluatedItem,
  before: EvaluatedItem,
  { side, uid, before: was, after: is }: AnnotationEdit,
): EvaluatedItem {
  const list = after[side]
  if (was === undefined) return { ...after, [side]: list.filter((each) => each.uid !== uid) }
  if (is !== undefined)
    return { ...after, [side]: list.map((each) => (each.uid === uid ? was : each)) }
  const place = before[side].findIndex((each) => each.uid === uid)
  return { ...after, [side]: [...list.slice(0, place), was, ...list.slice(place)] }
}
