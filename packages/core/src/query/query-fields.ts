import { primaryMedium } from '../model/primary-medium.ts'
import type { Annotation, BoxNumbers } from '../model/annotation.ts'
import type { Media } from '../model/item.ts'
import { areaOf } from '../model/geometry/area.ts'
import { boundsOf } from '../model/geometry/bounds.ts'
import type { CategoryIndex } from './category-index.ts'
import type { QueryScope, QueryValue } from './query-scope.ts'

/** What the values of a field are, apart from null. */
export type FieldKind = 'text' | 'number' | 'boolean' | 'list' | 'any'

/** One thing that a query can ask for. */
export interface QueryField {
  /** As it is written: `media.width`; `attributes` stands for `attributes.color`. */
  readonly name: string
  readonly about: 'item' | 'annotation'
  readonly kind: FieldKind
  /** How many names follow it: `attributes.color` has one, `extra.coco.license` several. */
  readonly names: 'none' | 'one' | 'several'
  readonly read: (scope: QueryScope, names: readonly string[], index: CategoryIndex) => QueryValue
}

/** All fields by name; `docs/query-language.md` has the same table. */
export const QUERY_FIELDS: ReadonlyMap<string, QueryField> = new Map(
  [
    item('id', 'text', (scope) => scope.item.id),
    item('subset', 'text', (scope) => scope.item.subset),
    item('tags', 'list', (scope) => scope.item.tags ?? []),
    item('item.attributes', 'any', (scope, [name]) => own(scope.item.attributes, name), 'one'),
    item('item.extra', 'any', (scope, names) => walk(scope.item.extra, names), 'several'),
    media('width', 'number', (of) => of.width),
    media('height', 'number', (of) => of.height),
    media('channels', 'number', (of) => of.channels),
    media('orientation', 'number', (of) => of.orientation),
    media('frame', 'number', (of) => of.frame?.index),
    media('sizeBytes', 'number', (of) => of.sizeBytes),
    media('kind', 'text', (of) => of.kind),
    media('path', 'text', (of) => of.path),
    media('role', 'text', (of) => of.role),
    media('blob', 'text', (of) => of.blob),
    layer(),
    annotation('uid', 'text', (of) => of.uid),
    annotation('type', 'text', (of) => of.type),
    annotation('category', 'text', (of, index) => index.nameOf(of.category)),
    annotation('label', 'text', (of, index) => index.nameOf(of.category)),
    annotation('category.name', 'text', (of, index) => index.nameOf(of.category)),
    annotation('category.key', 'text', (of) => of.category),
    annotation(
      'category.supercategory',
      'text',
      (of, index) => index.categoryOf(of.category)?.supercategory,
    ),
    annotation('category.parent', 'text', (of, index) =>
      index.nameOf(index.categoryOf(of.category)?.parent),
    ),
    attributes(),
    extra(),
    annotation('score', 'number', (of) => of.score),
    annotation('group', 'any', (of) => of.group),
    annotation('track', 'any', (of) => of.track),
    annotation('sourceId', 'any', (of) => of.sourceId),
    annotation('zOrder', 'number', (of) => of.zOrder),
    annotation('occluded', 'boolean', (of) => of.occluded),
    annotation('outside', 'boolean', (of) => of.outside),
    annotation('truncated', 'boolean', (of) => of.truncated),
    annotation('crowd', 'boolean', (of) => of.crowd),
    annotation('provenance', 'text', (of) => of.provenance),
    bound('x', 0),
    bound('y', 1),
    bound('width', 2),
    bound('height', 3),
    area(),
    annotation('angle', 'number', (of) => ('angle' in of ? of.angle : undefined)),
    annotation('text', 'text', (of) => ('text' in of ? of.text : undefined)),
    annotation('language', 'text', (of) => ('language' in of ? of.language : undefined)),
    annotation('predicate', 'text', (of) => ('predicate' in of ? of.predicate : undefined)),
    annotation('startSeconds', 'number', (of) =>
      'startSeconds' in of ? of.startSeconds : undefined,
    ),
    annotation('endSeconds', 'number', (of) => ('endSeconds' in of ? of.endSeconds : undefined)),
  ].map((field) => [field.name, field]),
)

function item(
  name: string,
  kind: FieldKind,
  read: QueryField['read'],
  names: QueryField['names'] = 'none',
): QueryField {
  return { name, about: 'item', kind, names, read }
}

function media(
  name: string,
  kind: FieldKind,
  read: (media: Media) => string | number | undefined,
): QueryField {
  return item(`media.${name}`, kind, (scope) => {
    const primary = primaryMedium(scope.item)
    return primary === undefined ? null : (read(primary) ?? null)
  })
}

function annotation(
  name: string,
  kind: FieldKind,
  read: (
    annotation: Annotation,
    index: CategoryIndex,
  ) => string | number | boolean | null | undefined,
): QueryField {
  return {
    name,
    about: 'annotation',
    kind,
    names: 'none',
    read: (scope, _names, index) =>
      scope.annotation === undefined ? null : (read(scope.annotation, index) ?? null),
  }
}

function layer(): QueryField {
  return { ...annotation('layer', 'text', () => null), read: (scope) => scope.layer }
}

function attributes(): QueryField {
  return {
    ...annotation('attributes', 'any', () => null),
    names: 'one',
    read: (scope, [name]) => own(scope.annotation?.attributes, name),
  }
}

function extra(): QueryField {
  return {
    ...annotation('extra', 'any', () => null),
    names: 'several',
    read: (scope, names) => walk(scope.annotation?.extra, names),
  }
}

function bound(name: string, index: 0 | 1 | 2 | 3): QueryField {
  return {
    ...annotation(name, 'number', () => null),
    read: (scope) => boundsAt(scope)?.[index] ?? null,
  }
}

/** What has no place on the image has no area: a label is not "smaller than 100 pixels". */
function area(): QueryField {
  return {
    ...annotation('area', 'number', () => null),
    read: (scope) => {
      const at = scope.annotation
      if (at === undefined) return null
      if (at.area !== undefined) return at.area
      return areaOf(at) || (boundsAt(scope) === null ? null : 0)
    },
  }
}

/** Bounds of a mask cost a walk over its runs, so they are kept for the next field that asks. */
function boundsAt(scope: QueryScope): BoxNumbers | null {
  if (scope.annotation === undefined) return null
  if (scope.bounds === undefined) scope.bounds = boundsOf(scope.annotation) ?? null
  return scope.bounds
}

function walk(value: QueryValue | undefined, names: readonly string[]): QueryValue {
  let here: QueryValue = value ?? null
  for (const name of names) here = own(here, name)
  return here
}

/** Only what the object itself holds: an attribute may be called `constructor`. */
function own(value: QueryValue | undefined, name: string | undefined): QueryValue {
  if (typeof value !== 'object' || value === null || isList(value) || name === undefined)
    return null
  return Object.hasOwn(value, name) ? (value[name] ?? null) : null
}

function isList(value: QueryValue): value is QueryValue & readonly unknown[] {
  return Array.isArray(value)
}
