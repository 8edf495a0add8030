import type { Category, Loss, Schema } from '@dsv/core'
import { areCityscapesNames, cityscapesCategories } from './cityscapes-labels.ts'
import { DATASET_META, formatDatasetMeta } from './dataset-meta.ts'
import { distinctColors } from './label-colors.ts'
import { formatLabelColors, isLabelColorsName, LABEL_COLORS } from './label-colors-file.ts'
import { type LabelTable, ownTable, usualTable } from './label-table.ts'
import { reportSchemaLosses } from './report-losses.ts'

/** The classes that masks are drawn in. */
export interface LabelTablePlan {
  readonly table: LabelTable
  /** The file that names them; undefined where they are those of Cityscapes. */
  readonly file: { readonly path: string; readonly bytes: Uint8Array } | undefined
  /** What cannot be said of categories. */
  readonly losses: readonly Loss[]
}

const USUAL_FIELDS: ReadonlySet<keyof Category> = new Set(['color', 'supercategory', 'isThing'])

/**
 * Decides how classes are numbered: as in Cityscapes when all categories are named as there and no file
 * of classes was there before; else by their place in `label_colors.txt` below `root`, or in the file at
 * `path`, behind a class for pixels of none.
 */
export function planLabelTable(
  schema: Schema,
  format: string,
  { root, path }: { readonly root: string; readonly path: string | undefined },
): LabelTablePlan {
  const { categories } = schema
  const losses: Loss[] = []
  const onLoss = (loss: Loss): void => void losses.push(loss)
  const holds = { format, fields: new Set<never>() }
  if (path === undefined && areCityscapesNames(categories.map(({ name }) => name))) {
    reportSchemaLosses(schema, { ...holds, categoryFields: USUAL_FIELDS }, onLoss)
    reportUnusual(categories, onLoss)
    return { table: usualTable(format), file: undefined, losses }
  }
  reportSchemaLosses(schema, { ...holds, categoryFields: new Set(['color']) }, onLoss)
  const target = path ?? root + LABEL_COLORS
  const isMeta = target.endsWith(DATASET_META)
  const colors = distinctColors(categories, isMeta ? () => true : isLabelColorsName, (loss) => {
    // Two classes may have one colour here.
    if (loss.what === 'category') onLoss(loss)
  })
  const named = categories.flatMap(({ key, name, color }) => {
    const own = color ?? colors.get(key)
    return own === undefined || !colors.has(key) ? [] : [{ name, color: own }]
  })
  const used = new Set(named.map(({ name }) => name))
  const none = ['unlabeled', 'background', 'void'].find((name) => !used.has(name)) ?? 'no class'
  const hasNone = named[0]?.color.join() === '0,0,0'
  const all = hasNone ? named : [{ name: none, color: [0, 0, 0] as const }, ...named]
  const text = isMeta ? formatDatasetMeta(all) : formatLabelColors(all)
  const table = ownTable(all.map((each, index) => ({ ...each, index })))
  return { table, file: { path: target, bytes: Buffer.from(text) }, losses }
}

function reportUnusual(categories: readonly Category[], onLoss: (loss: Loss) => void): void {
  const usual = new Map(cityscapesCategories('cityscapes').map((each) => [each.name, each]))
  for (const { name, color, supercategory, isThing } of categories) {
    const known = usual.get(name)
    const unusual = [
      ['color', color !== undefined && color.join() !== known?.color?.join()],
      ['supercategory', supercategory !== undefined && supercategory !== known?.supercategory],
      ['isThing', isThing !== undefined && isThing !== known?.isThing],
    ] as const
    for (const [field, isLost] of unusual) {
      if (isLost) onLoss({ what: `category field: ${field}`, where: name })
    }
  }
}
