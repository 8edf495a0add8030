import type { Detection, Folder } from '@dsv/core'
import { planClassFolders } from '../shared/class-folders.ts'
import { encodingProblem } from '../shared/text-reader.ts'
import { type ConfigFile, configFiles, looksLikeDataYaml } from './find-config.ts'
import { isYoloImage } from './yolo-image.ts'

const FIRST_BYTES = 64 * 1024

/** Tells whether a folder is YOLO: by `data.yaml`, `obj.data`, or names beside `labels/`. */
export async function detectYolo(folder: Folder): Promise<Detection> {
  const paths = await folder.list()
  for (const file of configFiles(paths)) {
    const found = await detectByConfig(folder, file, paths)
    if (found !== undefined) return found
  }
  if (hasFolder(paths, 'labels') && hasFolder(paths, 'images')) {
    const reason = 'has images/ and labels/, but no data.yaml, obj.data or classes.txt with names'
    return { confidence: 0.2, reason }
  }
  const plan = planClassFolders(paths)
  if (plan.variant === 'classes' && plan.subsets.some((name) => name.startsWith('train'))) {
    const reason = `a folder per class below ${plan.subsets.join(', ')}, as Ultralytics classify has it`
    return { confidence: 0.5, reason }
  }
  return {
    confidence: 0,
    reason: 'no data.yaml with names, no obj.data, no labels/ with classes.txt',
  }
}

async function detectByConfig(
  folder: Folder,
  { kind, path }: ConfigFile,
  paths: readonly string[],
): Promise<Detection | undefined> {
  if (kind === 'names') return detectByNames(path, paths)
  const text = await firstText(folder, path)
  if (kind === 'obj-data') {
    if (!/^\s*names\s*=/m.test(text)) return undefined
    return { confidence: 0.95, reason: `${path} is a Darknet configuration` }
  }
  if (!looksLikeDataYaml(text)) return undefined
  const hasSubset = /^["']?(?:train|val|valid|validation|test)["']?\s*:/m.test(text)
  const hasFiles = paths.some((each) => each.endsWith('.txt') || isYoloImage(each))
  const confidence = hasSubset && hasFiles ? 0.95 : 0.6
  return { confidence, reason: `${path} names classes${hasSubset ? ' and subsets' : ''}` }
}

function detectByNames(path: string, paths: readonly string[]): Detection | undefined {
  const files = new Set(paths)
  const hasLabels = hasFolder(paths, 'labels')
  const isBeside = paths.some((each) => {
    return isYoloImage(each) && files.has(each.replace(/\.[^./]+$/, '.txt'))
  })
  if (!hasLabels && !isBeside) return undefined
  const place = hasLabels ? 'a folder labels' : 'text files beside images'
  return { confidence: 0.7, reason: `${path} names classes, and there is ${place}` }
}

function hasFolder(paths: readonly string[], name: string): boolean {
  return paths.some((path) => path.startsWith(`${name}/`) || path.includes(`/${name}/`))
}

async function firstText(folder: Folder, path: string): Promise<string> {
  const file = await folder.open(path)
  try {
    const bytes = await file.read(0, FIRST_BYTES)
    return encodingProblem(bytes) === undefined ? Buffer.from(bytes).toString('utf8') : ''
  } finally {
    await file.close()
  }
}
