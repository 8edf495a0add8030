import {
  type AnnotationDraft,
  type Category,
  type DatasetStream,
  type Folder,
  GROUND_TRUTH,
  type ReadContext,
  type SourceItem,
  type SourceMedia,
} from '@dsv/core'
import { categoriesNamed } from '../shared/class-names.ts'
import { safeMediaName } from '../shared/media-finder.ts'
import { readAhead } from '../shared/read-ahead.ts'
import { skipOrThrow } from '../shared/skip-or-throw.ts'
import { type Drive, findDrives } from './find-files.ts'
import { parseFrameList, usualFrame, usualFrameName } from './frame-names.ts'
import { parseTracklets } from './tracklets.ts'

const FILES_AT_ONCE = 8

/**
 * Reads raw data of KITTI: an item is a frame. The tracks of all drives are in memory, since their file
 * goes by object.
 *
 * @throws `DSV_FORMAT_SYNTAX`
 */
export async function readKittiRaw(folder: Folder, context: ReadContext): Promise<DatasetStream> {
  context.signal.throwIfAborted()
  const frames: Frame[] = []
  const names = new Set<string>()
  const drives = findDrives(await folder.list())
  for (const drive of drives) {
    context.signal.throwIfAborted()
    for (const frame of await readDrive(drive, folder, context)) {
      frames.push(frame)
      for (const { category } of frame.drafts) if (category !== undefined) names.add(category)
    }
  }
  const categories: readonly Category[] = categoriesNamed(names)
  return {
    schema: { categories, attributes: [], info: {} },
    layout: { version: 1, roots: drives.map(({ root, subset }) => ({ root, subset })) },
    items: readAhead(frames, FILES_AT_ONCE, async (frame) => readFrame(frame, context)),
  }
}

interface Frame {
  readonly drive: Drive
  readonly name: string
  readonly number: number | undefined
  readonly drafts: AnnotationDraft[]
}

async function readDrive(
  drive: Drive,
  folder: Folder,
  context: ReadContext,
): Promise<readonly Frame[]> {
  const read = async <Result>(
    path: string | undefined,
    parse: (bytes: Uint8Array, file: string) => Result,
    otherwise: Result,
  ): Promise<Result> => {
    if (path === undefined) return otherwise
    try {
      return parse(await folder.read(path), path)
    } catch (error) {
      skipOrThrow(error, path, context)
      return otherwise
    }
  }
  const names = await read(drive.frameList, parseFrameList, new Map<number, string>())
  const numbers = new Map([...names].map(([frame, name]) => [name, frame]))
  const frames = new Map<string, Frame>()
  const frameAt = (name: string): Frame => {
    const number = numbers.get(name) ?? usualFrame(name)
    const frame = frames.get(name) ?? { drive, name, number, drafts: [] }
    frames.set(name, frame)
    return frame
  }
  for (const name of [...names.values(), ...drive.clouds.keys(), ...drive.images.keys()]) {
    frameAt(name)
  }
  for (const { frame, draft } of await read(drive.tracklets, parseTracklets, [])) {
    frameAt(names.get(frame) ?? usualFrameName(frame)).drafts.push(draft)
  }
  return [...frames.values()].toSorted((a, b) => orderOf(a) - orderOf(b))
}

function orderOf({ number }: Frame): number {
  return number ?? Number.MAX_SAFE_INTEGER
}

async function readFrame(
  { drive, name, number, drafts }: Frame,
  context: ReadContext,
): Promise<SourceItem> {
  context.signal.throwIfAborted()
  const cloud = drive.clouds.get(name)
  const path = cloud ?? `${drive.root}velodyne_points/data/${safeMediaName(name)}.bin`
  const media: SourceMedia[] = [{ role: 'primary', path, kind: 'point-cloud' }]
  for (const image of drive.images.get(name) ?? []) {
    const info = await context.probe(image.path)
    media.push({ role: image.camera.toLowerCase(), path: image.path, ...info, kind: 'image' })
  }
  return {
    subset: drive.subset,
    id: name,
    media,
    ...(number !== undefined && { attributes: { frame: number } }),
    layers: { [GROUND_TRUTH]: drafts },
  }
}
