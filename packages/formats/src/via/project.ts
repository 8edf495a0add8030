import type { Json } from '@dsv/core'
import { isObject, type JsonObject } from '../shared/json-reader.ts'

/** Returns the settings that a new project of VIA 2 begins with; regions show their class. */
export function projectSettings(path: string, classAttribute: string): JsonObject {
  const name = path.slice(path.lastIndexOf('/') + 1).replace(/\.json$/u, '')
  return {
    ui: {
      annotation_editor_height: 25,
      annotation_editor_fontsize: 0.8,
      leftsidebar_width: 18,
      image_grid: {
        img_height: 80,
        rshape_fill: 'none',
        rshape_fill_opacity: 0.3,
        rshape_stroke: 'yellow',
        rshape_stroke_width: 2,
        show_region_shape: true,
        show_image_policy: 'all',
      },
      image: {
        region_label: classAttribute,
        region_color: classAttribute,
        region_label_font: '10px Sans',
        on_image_annotation_editor_placement: 'NEAR_REGION',
      },
    },
    core: { buffer_size: 18, filepath: {}, default_filepath: '' },
    project: { name },
  }
}

/** What the images of a project say. */
export interface SeenAttributes {
  readonly classAttribute: string
  readonly classes: readonly string[]
  readonly region: ReadonlySet<string>
  readonly file: ReadonlySet<string>
}

/** Returns the attributes of a project: those it had, and those that its images use. */
export function projectAttributes(before: Json | undefined, seen: SeenAttributes): JsonObject {
  const known = isObject(before) ? before : {}
  const region = isObject(known['region']) ? known['region'] : {}
  const file = isObject(known['file']) ? known['file'] : {}
  const { classAttribute, classes } = seen
  return {
    ...known,
    region: {
      ...textAttributes(seen.region),
      ...region,
      [classAttribute]: withClasses(region[classAttribute], classes),
    },
    file: { ...textAttributes(seen.file), ...file },
  }
}

/** Returns whether an attribute is one of a list of options. */
export function isListed(attribute: Json): boolean {
  return isObject(attribute) && (attribute['type'] === 'dropdown' || attribute['type'] === 'radio')
}

/** A field of text stays one; a list of options gets the classes it does not have. */
function withClasses(attribute: Json | undefined, classes: readonly string[]): Json {
  const options = Object.fromEntries(classes.map((name) => [name, name]))
  if (!isObject(attribute)) {
    return { type: 'dropdown', description: '', options, default_options: {} }
  }
  if (!isListed(attribute)) return attribute
  const before = isObject(attribute['options']) ? attribute['options'] : {}
  return { ...attribute, options: { ...options, ...before } }
}

function textAttributes(names: ReadonlySet<string>): JsonObject {
  return Object.fromEntries(
    [...names].map((name) => [name, { type: 'text', description: '', default_value: '' }]),
  )
}
