import { formatSyntax, type Folder } from '@dsv/core'
import { decodeText, splitLines } from '../shared/text-reader.ts'
import { longestKnownEnd, type PathIndex, plainPath } from './path-index.ts'
import type { ConfigSubset, YoloConfig } from './yolo-config.ts'

/** Keys of `obj.data` that are not subsets. */
export const DARKNET_KEYS: ReadonlySet<string> = new Set([
  'classes',
  'names',
  'backup',
  'eval',
  'top',
])

/**
 * Reads Darknet's `obj.data` and the names it points to.
 *
 * Follows `read_data_cfg` of https://github.com/AlexeyAB/darknet/blob/master/src/option_list.c
 *
 * @throws `DSV_FORMAT_SYNTAX`
 */
export async function readObjData(
  folder: Folder,
  file: string,
  index: PathIndex,
): Promise<YoloConfig> {
  const subsets: ConfigSubset[] = []
  const info: Record<string, string> = {}
  const keys: string[] = []
  let namesPath: string | undefined
  for (const line of splitLines(decodeText(await folder.read(file), file)).lines) {
    const match = /^\s*([^=#;\s]+)\s*=\s*(.*?)\s*$/.exec(line)
    const [, key = '', value = ''] = match ?? []
    if (match === null || key === '__proto__') continue
    keys.push(key)
    if (key === 'names') namesPath = value
    else if (value.endsWith('.txt') && !DARKNET_KEYS.has(key)) {
      subsets.push({ name: key, sources: value, paths: [plainPath(value)] })
    } else if (key !== 'classes') info[key] = value
  }
  if (namesPath === undefined) throw formatSyntax(file, 'has no line "names = …"')
  const namesFile = longestKnownEnd(plainPath(namesPath), index.files)
  if (namesFile === undefined)
    throw formatSyntax(file, `names the file ${namesPath}, which is missing`)
  const classes = await readNames(folder, namesFile)
  return { kind: 'darknet', file, names: 'file', namesFile, keys, classes, subsets, info }
}

/**
 * Reads a folder that has no configuration: `images/`, `labels/` and the names in `classes.txt` or
 * `obj.names` (when there is one), as labelImg, Label Studio and others write it.
 */
export async function readLoose(
  folder: Folder,
  namesFile: string | undefined,
  index: PathIndex,
): Promise<YoloConfig> {
  const classes =
    namesFile === undefined ? new Map<number, string>() : await readNames(folder, namesFile)
  const names = ['train', 'val', 'valid', 'validation', 'test']
  const found = names.flatMap((name): readonly ConfigSubset[] => {
    const path = [`images/${name}`, `${name}/images`, name].find((each) => index.folders.has(each))
    return path === undefined ? [] : [{ name, sources: path, paths: [path] }]
  })
  const root = index.folders.has('images') ? 'images' : '.'
  const whole: ConfigSubset = { name: 'default', sources: root, paths: [plainPath(root)] }
  const subsets = found.length > 0 ? found : [whole]
  return {
    kind: 'ultralytics',
    file: '',
    names: 'file',
    ...(namesFile !== undefined && { namesFile }),
    keys: [],
    classes,
    subsets,
    info: {},
  }
}

async function readNames(folder: Folder, file: string): Promise<ReadonlyMap<number, string>> {
  const { lines } = splitLines(decodeText(await folder.read(file), file))
  const names = lines.map((line) => line.trim())
  while (names.at(-1) === '') names.pop()
  return new Map(names.entries())
}
