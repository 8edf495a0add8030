import {
  type AnnotatedItem,
  compileExpression,
  GROUND_TRUTH,
  type QueryValue,
  type Schema,
} from '@dsv/core'
import { cocoParameters } from './coco-parameters.ts'
import type { DetectionObject } from './detection-object.ts'
import type { EvaluatedItem } from './evaluated-item.ts'
import type { ObjectSlice } from './match-inputs.ts'

/** Splits items, or objects, into parts that are evaluated by themselves. */
export interface Slice {
  /** As the user wrote it. */
  readonly text: string
  /** Whether items fall into parts, or single objects of the truth. */
  readonly about: 'item' | 'object'
  /** The parts, where they are known before anything is read. */
  readonly parts: readonly string[] | undefined
  readonly warnings: readonly string[]
  /** Returns the parts that an item, or the objects of its truth, belong to. */
  partsOf(item: EvaluatedItem): readonly string[]
  /** Returns what belongs to a part, where objects are split. */
  objectsOf(part: string): ObjectSlice
}

/**
 * Compiles a slice: `size` stands for COCO's ranges of areas; everything else is an expression of the language of
 * queries, and what has the same value is a part. Values of annotations are those of the truth: as nothing says where a
 * detection of nothing belongs, it is wrong in every part.
 *
 * @throws `DSV_QUERY_SYNTAX`
 */
export function compileSlice(text: string, schema: Schema): Slice {
  if (text.trim() === 'size') return sizeSlice(text)
  const expression = compileExpression(text, schema)
  const valueAt = (item: AnnotatedItem | undefined, object?: DetectionObject): QueryValue =>
    item === undefined ? null : expression.at(item)(GROUND_TRUTH, object?.annotation)
  return {
    text,
    about: expression.about === 'item' ? 'item' : 'object',
    parts: undefined,
    warnings: expression.warnings,
    partsOf: ({ source, truth }) => {
      if (source === undefined) return []
      const at = expression.at(source)
      if (expression.about === 'item') return namesOf(at())
      return [...new Set(truth.flatMap((annotation) => namesOf(at(GROUND_TRUTH, annotation))))]
    },
    objectsOf: (part) => ({
      hasTruth: (object, { source }) => namesOf(valueAt(source, object)).includes(part),
      hasFound: () => true,
    }),
  }
}

function sizeSlice(text: string): Slice {
  const ranges = cocoParameters('box').areaRanges.slice(1)
  const parts = ranges.map(({ name }) => name)
  return {
    text,
    about: 'object',
    parts,
    warnings: [],
    partsOf: () => parts,
    objectsOf: (part) => {
      const { low = 0, high = 0 } = ranges.find(({ name }) => name === part) ?? {}
      const isWithin = ({ area }: DetectionObject): boolean => !(area < low || area > high)
      return { hasTruth: isWithin, hasFound: isWithin }
    },
  }
}

/** A list is several parts: `tags`. */
function namesOf(value: QueryValue): readonly string[] {
  if (Array.isArray(value)) return value.length === 0 ? ['none'] : value.map(nameOf)
  return [nameOf(value)]
}

function nameOf(value: unknown): string {
  if (value === null || value === undefined) return 'none'
  return typeof value === 'string' ? value : JSON.stringify(value)
}
