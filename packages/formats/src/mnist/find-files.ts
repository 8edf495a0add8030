import { type Folder, formatSyntax } from '@dsv/core'

/** The files of one subset. */
export interface MnistFiles {
  readonly subset: string
  readonly labels?: string
  readonly images?: string
  /** Names and sizes of images, as Datumaro adds them. */
  readonly meta?: string
}

const IDX_FILE =
  /^(?:(?<stem>.*)-)?(?<kind>labels-idx1|images-idx3|labels\.idx1|images\.idx3)-ubyte(?:\.gz)?$/u

/**
 * Finds the IDX files by name, in any folder: `train-images-idx3-ubyte.gz`, `t10k-…` for the subset
 * `test`. Of a file that is there packed and unpacked, the latter is taken.
 *
 * @throws `DSV_FORMAT_SYNTAX` when a subset is in two folders
 */
export async function findMnistFiles(folder: Folder): Promise<readonly MnistFiles[]> {
  const paths = await folder.list()
  const known = new Set(paths)
  const found = new Map<string, MnistFiles & { readonly root: string }>()
  for (const path of paths) {
    const root = path.slice(0, path.lastIndexOf('/') + 1)
    const { stem = 'default', kind } = IDX_FILE.exec(path.slice(root.length))?.groups ?? {}
    if (kind === undefined || (path.endsWith('.gz') && known.has(path.slice(0, -3)))) continue
    const subset = stem === 't10k' ? 'test' : stem
    const field = kind.startsWith('labels') ? 'labels' : 'images'
    const before = found.get(subset)
    if (before !== undefined && (before.root !== root || before[field] !== undefined)) {
      throw formatSyntax(path, `is of the subset ${subset}, as ${before.labels ?? before.images}`)
    }
    const meta = `${root}${subset}-meta.gz`
    const own = known.has(meta) ? { meta } : {}
    found.set(subset, { ...before, subset, root, [field]: path, ...own })
  }
  return [...found.values()]
}
