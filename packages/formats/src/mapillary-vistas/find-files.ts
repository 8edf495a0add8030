import { isImagePath, withoutExtension } from '../media/media-kind.ts'

/** What a folder of Mapillary Vistas holds for each image. */
export type VistasRole = 'images' | 'labels' | 'instances' | 'polygons'

/** The files of one image. */
export interface VistasItem {
  readonly subset: string
  readonly id: string
  readonly files: ReadonlyMap<VistasRole, string>
}

/** The files of a dataset in one version. */
export interface VistasFiles {
  /** `v1.2`, `v2.0`, or empty for the first releases. */
  readonly version: string
  /** Versions that are there besides. */
  readonly others: readonly string[]
  readonly items: readonly VistasItem[]
  /** Files of panoptic segments, with the subset that each is about. */
  readonly panoptic: readonly { readonly path: string; readonly subset: string }[]
  /** The file that names the classes. */
  readonly config: string | undefined
}

const PLACE = /^((?:.*?\/)??)(?:(v\d+\.\d+)\/)?(images|labels|instances|panoptic|polygons)\/(.+)$/u

/** Finds images and annotations of the newest version; undefined when there are none. */
export function findVistasFiles(paths: readonly string[]): VistasFiles | undefined {
  const placed = paths.flatMap((path) => {
    const [, top = '', version = '', folder = '', rest = ''] = PLACE.exec(path) ?? []
    return folder === '' ? [] : [{ path, top, version, folder, rest }]
  })
  const annotated = placed.filter(({ folder }) => folder !== 'images')
  const versions = [...new Set(annotated.map((each) => each.version))].toSorted().toReversed()
  const config = configOf(paths, versions[0])
  const [version] = versions
  if (version === undefined || (version === '' && config === undefined)) return undefined
  const root = parentOf(annotated.find((each) => each.version === version)?.top ?? '')
  const items = new Map<string, VistasItem & { readonly files: Map<VistasRole, string> }>()
  const panoptic: { path: string; subset: string }[] = []
  for (const { path, top, version: own, folder, rest } of placed) {
    if (parentOf(top) !== root || (folder !== 'images' && own !== version)) continue
    const subset = top.split('/').at(-2) ?? 'default'
    if (folder === 'panoptic') {
      if (/^panoptic_\d+\.json$/u.test(rest)) panoptic.push({ path, subset })
      continue
    }
    const role = ROLES.find((each) => each === folder)
    const isOwn = folder === 'polygons' ? rest.endsWith('.json') : isImagePath(rest)
    if (role === undefined || !isOwn) continue
    const id = withoutExtension(rest)
    const key = `${subset}\0${id}`
    const item = items.get(key) ?? { subset, id, files: new Map<VistasRole, string>() }
    items.set(key, item)
    if (!item.files.has(role)) item.files.set(role, path)
  }
  return { version, others: versions.slice(1), items: [...items.values()], panoptic, config }
}

const ROLES: readonly VistasRole[] = ['images', 'labels', 'instances', 'polygons']

/** The configuration of a version, or the only one there is. */
function configOf(paths: readonly string[], version: string | undefined): string | undefined {
  const named = (name: string): string | undefined =>
    paths.find((path) => `/${path}`.endsWith(`/${name}`))
  const own = version === undefined || version === '' ? undefined : named(`config_${version}.json`)
  return own ?? named('config.json')
}

function parentOf(top: string): string {
  return top.slice(0, top.lastIndexOf('/', top.length - 2) + 1)
}
