import type { Json } from '@dsv/core'
import { extensionOf, isImagePath } from '../media/media-kind.ts'
import { isObject, type JsonObject } from '../shared/json-reader.ts'
import { safeMediaName } from '../shared/media-finder.ts'

/** The image of a task. */
export interface TaskImage {
  /** Which member of `data` names it. */
  readonly member: string
  /** The names under which it may lie in a folder, likeliest first. */
  readonly names: readonly string[]
}

/** Returns the image that `data` of a task names, or undefined when there is none. */
export function imageOf(data: JsonObject): TaskImage | undefined {
  const members = Object.entries(data).flatMap(([name, value]): [string, string][] => {
    const text = textOf(value)
    return text === undefined ? [] : [[name, text]]
  })
  const found =
    members.find(([name]) => /^(?:image|img)$/iu.test(name)) ??
    members.find(([, text]) => isImagePath(namesOf(text)[0] ?? ''))
  return found === undefined ? undefined : { member: found[0], names: namesOf(found[1]) }
}

/** Returns an item id for the name of an image: without extension. */
export function idOfImage(name: string): string {
  return isImagePath(name) ? name.slice(0, -extensionOf(name).length - 1) : name
}

function textOf(json: Json): string | undefined {
  if (typeof json === 'string' && json !== '') return json
  const url = isObject(json) ? json['url'] : undefined
  return typeof url === 'string' && url !== '' ? url : undefined
}

/**
 * Files of local storage stand as `/data/local-files/?d=<path>`, uploads as
 * `/data/upload/<project>/<8 hexadecimal digits>-<name>`, others by their address.
 */
function namesOf(text: string): readonly string[] {
  const [, local] = /[?&]d=([^&]+)/u.exec(text) ?? []
  if (local !== undefined) return [safeMediaName(decode(local))]
  const path = safeMediaName(decode(text.replace(/[?#].*$/u, '')))
  const [, upload] = /(?:^|\/)data\/upload\/(?:\d+\/)?(.+)$/u.exec(`/${path}`) ?? []
  if (upload !== undefined) return [upload, upload.replace(/^[\da-f]{8}-/u, '')]
  if (!/^[a-z][a-z0-9+.-]+:\/\//iu.test(text)) return [path]
  // Of an address the host or bucket is no folder.
  const below = path.slice(path.indexOf('/') + 1)
  return [below, below.slice(below.lastIndexOf('/') + 1)]
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    // A percent sign that begins no code is one.
    return text
  }
}
