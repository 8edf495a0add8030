import type { Category, Folder, ReadContext } from '@dsv/core'
import {
  arrayAt,
  isNumbers,
  objectAt,
  parseJson,
  placeOf,
  stringAt,
} from '../shared/json-reader.ts'
import { skipOrThrow } from '../shared/skip-or-throw.ts'
import { VISTAS_1_2 } from './labels-v1-2.ts'
import { VISTAS_2_0 } from './labels-v2-0.ts'
import type { VistasFiles } from './find-files.ts'
import type { VistasLabel } from './vistas-label.ts'

/**
 * Returns the classes by their numbers: those of the configuration, else the official ones of the
 * version.
 *
 * @throws `DSV_FORMAT_SYNTAX`
 */
export async function readVistasLabels(
  folder: Folder,
  { config, version }: VistasFiles,
  context: ReadContext,
): Promise<readonly Category[]> {
  const usual = version === 'v2.0' ? VISTAS_2_0 : VISTAS_1_2
  if (config === undefined) return usual.map(categoryOf)
  try {
    return parseConfig(await folder.read(config), config).map(categoryOf)
  } catch (error) {
    skipOrThrow(error, config, context)
    return usual.map(categoryOf)
  }
}

function parseConfig(bytes: Uint8Array, file: string): readonly VistasLabel[] {
  const root = { file, path: '' }
  const labels = placeOf(root, 'labels')
  const config = objectAt(parseJson(bytes, file), root)
  return arrayAt(config['labels'], labels).map((value, index): VistasLabel => {
    const place = placeOf(labels, index)
    const { name, color, instances, ...extra } = objectAt(value, place)
    const [red, green, blue] = isNumbers(color) ? color : []
    const isColor = red !== undefined && green !== undefined && blue !== undefined
    return {
      name: stringAt(name, placeOf(place, 'name')),
      ...(isColor && { color: [red, green, blue] }),
      ...(typeof instances === 'boolean' && { hasInstances: instances }),
      ...(Object.keys(extra).length > 0 && { extra }),
    }
  })
}

function categoryOf(label: VistasLabel, number: number, all: readonly VistasLabel[]): Category {
  const { name, color, hasInstances, extra } = label
  const isFirst = all.findIndex((each) => each.name === name) === number
  return {
    key: isFirst ? name : `${name} ${number}`,
    name,
    ...(color !== undefined && { color }),
    ...(hasInstances !== undefined && { isThing: hasInstances }),
    ...(extra !== undefined && { extra: { 'mapillary-vistas': extra } }),
    sourceIds: { 'mapillary-vistas': number },
  }
}
