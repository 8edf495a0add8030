import { formatSyntax, type Json } from '@dsv/core'
import { isArray, isNumbers, isObject, type JsonObject } from '../shared/json-reader.ts'
import { parseYaml } from '../shared/yaml-reader.ts'
import { plainPath } from './path-index.ts'
import type { ConfigSubset, YoloConfig } from './yolo-config.ts'

const SUBSET_KEYS: ReadonlySet<string> = new Set([
  'train',
  'val',
  'valid',
  'validation',
  'test',
  'minival',
])
/** Keys of `data.yaml` that mean something else than a subset. */
export const RESERVED_KEYS: ReadonlySet<string> = new Set([
  'path',
  'names',
  'nc',
  'task',
  'kpt_shape',
  'kpt_names',
  'flip_idx',
  'download',
  'channels',
  'yaml_file',
])
const MAX_CLASSES = 1_000_000

/**
 * Reads an Ultralytics `data.yaml`. A key is a subset when it is one of Ultralytics' own, or when what
 * it names is a folder with files (`isFolder`).
 *
 * Follows `check_det_dataset` of
 * https://github.com/ultralytics/ultralytics/blob/main/ultralytics/data/utils.py
 *
 * @throws `DSV_FORMAT_SYNTAX`
 */
export function parseDataYaml(
  bytes: Uint8Array,
  file: string,
  isFolder: (path: string) => boolean,
): YoloConfig {
  const yaml = parseYaml(bytes, file)
  if (!isObject(yaml)) throw formatSyntax(file, 'should hold keys such as train, val and names')
  const base = plainPath(`${file}/../${typeof yaml['path'] === 'string' ? yaml['path'] : ''}`)
  const subsets: ConfigSubset[] = []
  const info: Record<string, Json> = {}
  for (const [key, value] of Object.entries(yaml)) {
    const paths = RESERVED_KEYS.has(key) ? [] : pathsOf(value, base)
    if (SUBSET_KEYS.has(key) ? paths.length > 0 : paths.some(isFolder)) {
      subsets.push({ name: key, sources: value, paths })
    } else if (key !== 'names' && key !== 'nc') {
      Object.defineProperty(info, key, { value, enumerable: true, configurable: true })
    }
  }
  const keypoints = keypointsOf(yaml['kpt_shape'], file)
  return {
    kind: 'ultralytics',
    file,
    names: isArray(yaml['names']) ? 'list' : 'map',
    keys: Object.keys(yaml),
    classes: classesOf(yaml, file),
    subsets,
    ...(keypoints && { keypoints }),
    ...keypointNamesOf(yaml['kpt_names']),
    ...(typeof yaml['task'] === 'string' && { task: yaml['task'] }),
    info,
  }
}

function pathsOf(value: Json, base: string): readonly string[] {
  const texts = isArray(value) ? value : [value]
  return texts.flatMap((text) => {
    if (typeof text !== 'string' || text === '') return []
    return text.startsWith('/') ? [plainPath(text)] : [plainPath(`${base}/${text}`)]
  })
}

function classesOf(yaml: JsonObject, file: string): ReadonlyMap<number, string> {
  const { names, nc } = yaml
  const classes = new Map<number, string>()
  if (isArray(names)) {
    for (const [index, name] of names.entries()) classes.set(index, nameOf(name))
  } else if (isObject(names)) {
    for (const [key, name] of Object.entries(names)) {
      if (!/^\d{1,9}$/.test(key)) throw formatSyntax(file, `names has the key "${key}", no index`)
      classes.set(Number(key), nameOf(name))
    }
  } else if (typeof nc === 'number' && Number.isInteger(nc) && nc >= 0 && nc <= MAX_CLASSES) {
    for (let index = 0; index < nc; index += 1) classes.set(index, `class_${index}`)
  } else {
    throw formatSyntax(file, 'has neither names nor nc')
  }
  return classes
}

function nameOf(name: Json): string {
  return typeof name === 'string' ? name : JSON.stringify(name)
}

function keypointsOf(shape: Json | undefined, file: string): YoloConfig['keypoints'] {
  if (shape === undefined || shape === null) return undefined
  const [count = 0, dimensions = 0] = isNumbers(shape) ? shape : []
  const isCount = Number.isInteger(count) && count > 0 && count <= 10_000
  if (isCount && (dimensions === 2 || dimensions === 3)) return { count, dimensions }
  throw formatSyntax(file, 'kpt_shape should be [number of keypoints, 2 or 3]')
}

function keypointNamesOf(value: Json | undefined): Pick<YoloConfig, 'keypointNames'> {
  if (!isObject(value)) return {}
  const names = new Map<number, readonly string[]>()
  for (const [key, list] of Object.entries(value)) {
    if (/^\d{1,9}$/.test(key) && isArray(list)) names.set(Number(key), list.map(nameOf))
  }
  return { keypointNames: names }
}
