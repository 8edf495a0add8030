import type { Json } from '@dsv/core'
import { isArray, isObject, type JsonObject } from '../shared/json-reader.ts'
import type { SubsetFile } from '../shared/subset-files.ts'

/** One file of VIA. */
export interface ViaFile extends SubsetFile {
  /** Whether it is a whole project, with settings and attributes. */
  readonly isProject: boolean
  /** What a project says beside its images: settings, attributes, version. */
  readonly members: JsonObject
}

/** How a dataset was laid out. */
export interface ViaLayout {
  readonly files: readonly ViaFile[]
  /** The attribute of regions that is their class. */
  readonly classAttribute: string | undefined
}

/** Returns a layout as JSON. */
export function layoutToJson({ files, classAttribute }: ViaLayout): Json {
  return {
    version: 1,
    files: files.map(({ path, subset, isProject, members }) => ({
      path,
      subset,
      isProject,
      members,
    })),
    ...(classAttribute !== undefined && { classAttribute }),
  }
}

/** Returns what {@link layoutToJson} was given; an empty layout when `json` is something else. */
export function layoutFromJson(json: Json): ViaLayout {
  const none: ViaLayout = { files: [], classAttribute: undefined }
  if (!isObject(json) || json['version'] !== 1 || !isArray(json['files'])) return none
  const { classAttribute } = json
  return {
    files: json['files'].flatMap((file): readonly ViaFile[] => {
      if (!isObject(file)) return []
      const { path, subset, isProject, members } = file
      if (typeof path !== 'string' || typeof subset !== 'string') return []
      const own = isObject(members) ? members : {}
      return [{ path, subset, isProject: isProject === true, members: own }]
    }),
    classAttribute: typeof classAttribute === 'string' ? classAttribute : undefined,
  }
}
