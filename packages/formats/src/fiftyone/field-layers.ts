import { GROUND_TRUTH } from '@dsv/core'
import type { LabelField } from './layout.ts'
import type { LabelKind } from './label-kind.ts'

/** What a field holds, before it is known which layer that is. */
export type FoundField = Omit<LabelField, 'layer'>

/**
 * Returns the layer of each field. A field called like another one with its kind behind (`x_polylines`)
 * belongs to the layer `x`. The first field is the ground truth where none is called so.
 */
export function layersOf(fields: readonly FoundField[]): readonly LabelField[] {
  const named = fields.map((field) => ({ ...field, layer: withoutKind(field) }))
  if (named.some(({ layer }) => layer === GROUND_TRUTH)) return named
  const main = named.find(({ layer }) => !/pred/iu.test(layer))?.layer ?? named[0]?.layer
  return named.map((field) => (field.layer === main ? { ...field, layer: GROUND_TRUTH } : field))
}

/** Returns the name of a field for a kind of labels of a layer. */
export function fieldName(layer: string, kind: LabelKind, isFirst: boolean): string {
  const plain = layer.replaceAll(/[^\p{L}\p{N}_]/gu, '_').replace(/^_+/u, '') || 'labels'
  return isFirst ? plain : `${plain}_${kind}`
}

function withoutKind({ name, kind }: FoundField): string {
  const suffix = `_${kind}`
  return name.endsWith(suffix) && name.length > suffix.length ? name.slice(0, -suffix.length) : name
}
