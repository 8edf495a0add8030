import { formatSyntax, type Json } from '@dsv/core'
import { arrayAt, isArray, isObject, objectAt, parseJson, stringAt } from './json-reader.ts'
import type { ColoredLabel, Rgb } from './label-colors.ts'

/** The file that names labels and colours beside masks; OpenVINO's accuracy checker defines it. */
export const DATASET_META = 'dataset_meta.json'

/** A label of such a file. */
export interface MetaLabel extends ColoredLabel {
  /** The value of its pixels in masks without colours. */
  readonly index: number
}

/**
 * Reads `label_map`, `segmentation_colors` (by the numbers of `label_map`) and `labels` without
 * number.
 *
 * @throws `DSV_FORMAT_SYNTAX`
 */
export function parseDatasetMeta(bytes: Uint8Array, file: string): readonly MetaLabel[] {
  const root = { file, path: '' }
  const meta = objectAt(parseJson(bytes, file), root)
  const colors = isArray(meta['segmentation_colors']) ? meta['segmentation_colors'] : []
  const labels = new Map<string, MetaLabel>()
  const map = isObject(meta['label_map']) ? meta['label_map'] : {}
  for (const [id, value] of Object.entries(map)) {
    const place = { file, path: `label_map.${id}` }
    const name = stringAt(value, place)
    const index = Number(id)
    if (!/^\d{1,9}$/u.test(id)) throw formatSyntax(file, `${place.path} is not a number`)
    if (labels.has(name)) throw formatSyntax(file, `${place.path}: "${name}" was there before`)
    const color = colorAt(colors[index], { file, path: `segmentation_colors[${index}]` })
    labels.set(name, { name, index, ...(color !== undefined && { color }) })
  }
  const names = meta['labels'] === undefined ? [] : arrayAt(meta['labels'], root)
  let next = [...labels.values()].reduce((most, { index }) => Math.max(most, index + 1), 0)
  for (const value of names) {
    const name = stringAt(value, { file, path: 'labels' })
    if (!labels.has(name)) labels.set(name, { name, index: next++ })
  }
  return [...labels.values()].toSorted((a, b) => a.index - b.index)
}

/** Returns the text of such a file; numbers are places in the list. */
export function formatDatasetMeta(labels: readonly Required<ColoredLabel>[]): string {
  const black = labels.findIndex(({ color }) => color.every((each) => each === 0))
  const meta = {
    label_map: Object.fromEntries(labels.map(({ name }, index) => [index, name])),
    segmentation_colors: labels.map(({ color }) => color),
    ...(black >= 0 && { background_label: String(black) }),
  }
  return `${JSON.stringify(meta, undefined, 2)}\n`
}

function colorAt(
  value: Json | undefined,
  place: { readonly file: string; readonly path: string },
): Rgb | undefined {
  if (value === undefined || value === null) return undefined
  const numbers = arrayAt(value, place)
  const [red, green, blue] = numbers.map((each) =>
    typeof each === 'number' && Number.isInteger(each) && each >= 0 && each <= 255 ? each : -1,
  )
  const isColor = numbers.length === 3 && red !== -1 && green !== -1 && blue !== -1
  if (!isColor || red === undefined || green === undefined || blue === undefined) {
    throw formatSyntax(place.file, `${place.path} is not a colour of three numbers 0…255`)
  }
  return [red, green, blue]
}
