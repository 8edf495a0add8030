import {
  type AttributeDefinition,
  type Category,
  type Folder,
  formatSyntax,
  type Json,
  type Schema,
} from '@dsv/core'
import {
  arrayAt,
  isArray,
  isObject,
  type JsonObject,
  objectAt,
  parseJson,
  placeOf,
  stringAt,
} from '../shared/json-reader.ts'
import { graphNodes } from './skeleton.ts'

/** Reads `meta.json`. @throws `DSV_FORMAT_SYNTAX` */
export async function readMeta(folder: Folder, path: string): Promise<Schema> {
  const root = { file: path, path: '' }
  const { classes, ...info } = objectAt(parseJson(await folder.read(path), path), root)
  const used = new Set<string>()
  const categories = arrayAt(classes ?? [], placeOf(root, 'classes')).map((each, at) => {
    const category = categoryOf(objectAt(each, placeOf(root, `classes[${at}]`)), path)
    if (used.has(category.name)) throw formatSyntax(path, `names class ${category.name} twice`)
    used.add(category.name)
    return category
  })
  const tags = isArray(info['tags']) ? info['tags'] : []
  return {
    categories,
    attributes: tags.flatMap(definitionOf),
    info: Object.keys(info).length === 0 ? {} : { supervisely: info },
  }
}

function categoryOf(json: JsonObject, file: string): Category {
  const { title, color, id, ...rest } = json
  const name = stringAt(title, { file, path: 'title of a class' })
  const match =
    typeof color === 'string' ? /^#([\da-f]{2})([\da-f]{2})([\da-f]{2})$/iu.exec(color) : null
  const [red, green, blue] = (match ?? []).slice(1).map((hex) => Number.parseInt(hex, 16))
  const isColor = red !== undefined && green !== undefined && blue !== undefined
  const isId = typeof id === 'number' || typeof id === 'string'
  const skeleton = graphNodes(json['geometry_config'])?.skeleton
  return {
    key: name,
    name,
    ...(isColor && { color: [red, green, blue] }),
    ...(isId && { sourceIds: { supervisely: id } }),
    ...(skeleton !== undefined && { skeleton }),
    ...(Object.keys(rest).length > 0 && { extra: { supervisely: rest } }),
  }
}

function definitionOf(tag: Json): readonly AttributeDefinition[] {
  if (!isObject(tag)) return typeof tag === 'string' ? [{ name: tag, type: 'boolean' }] : []
  const { name, value_type: type, values } = tag
  if (typeof name !== 'string') return []
  if (type === 'any_number') return [{ name, type: 'number' }]
  if (type === 'oneof_string') {
    const list = (isArray(values) ? values : []).filter((each) => typeof each === 'string')
    return [{ name, type: 'enum', values: list }]
  }
  return [{ name, type: type === 'any_string' || type === 'date' ? 'string' : 'boolean' }]
}
